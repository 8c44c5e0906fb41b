"""What this block seals: passwords of targets, rows in quarantine; and the keyed digests by which rows are found again."""

from __future__ import annotations

import base64
import hashlib
import hmac

from yiwang.vocabulary.crypto import open_sealed, seal, sealing_key

PASSWORDS, ROWS = "targets", "quarantine"


def seal_password(target: str, password: str) -> str:
    """The password of this target, sealed, as base64. Raises: KeysNotWired."""
    return base64.b64encode(seal(sealing_key(PASSWORDS), password.encode(), target.encode())).decode("ascii")


def open_password(target: str, sealed: str) -> str:
    """What `seal_password` sealed for the same target. Raises: SealBroken."""
    return open_sealed(sealing_key(PASSWORDS), base64.b64decode(sealed), target.encode()).decode()


def seal_row(job: str, mark: str, text: bytes) -> bytes:
    """A row of a job's quarantine, bound to its job and key. Raises: BadKey, for a row of more than 16 MiB."""
    return seal(sealing_key(ROWS), text, f"{job}/{mark}".encode())


def open_row(job: str, mark: str, sealed: bytes) -> bytes:
    """What `seal_row` sealed. Raises: SealBroken."""
    return open_sealed(sealing_key(ROWS), bytes(sealed), f"{job}/{mark}".encode())


def keyed(job: str, text: str) -> str:
    """A digest that nobody without the node's key can look up a value by."""
    return hmac.new(sealing_key(ROWS), f"{job}\0{text}".encode(), hashlib.sha256).hexdigest()
