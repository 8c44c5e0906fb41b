"""What this block seals: passwords of targets, rows in quarantine, keys of spools; and the keyed digests of rows."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

from yiwang.blocks.sealing.public import hold, living
from yiwang.vocabulary.crypto import generation_of, key_name, open_any, seal_by, sealing_key

PASSWORDS: Final = "targets"
ROWS: Final = "quarantine"


def seal_password(target: str, password: str) -> str:
    """The password of this target as it is stored, as base64; in a transaction. Raises: KeysNotWired."""
    sealed = seal_by(sealing_key, PASSWORDS, hold(PASSWORDS), password.encode(), target.encode())
    return base64.b64encode(sealed).decode("ascii")


def open_password(target: str, sealed: str) -> str:
    """What `seal_password` sealed for the same target. Raises: SealBroken, KeyMissing, KeyRetired."""
    return open_any(sealing_key, PASSWORDS, base64.b64decode(sealed), target.encode()).decode()


def password_generation(sealed: str) -> int:
    """By which generation of the key it is sealed. Raises: SealBroken."""
    return generation_of(base64.b64decode(sealed))


def seal_row(job: str, mark: str, generation: int, text: bytes) -> bytes:
    """A row of a job's quarantine, bound to its job and key. Raises: BadKey, for a row of more than 16 MiB."""
    return seal_by(sealing_key, ROWS, generation, text, f"{job}/{mark}".encode())


def open_row(job: str, mark: str, sealed: bytes) -> bytes:
    """What `seal_row` sealed. Raises: SealBroken, KeyMissing, KeyRetired."""
    return open_any(sealing_key, ROWS, bytes(sealed), f"{job}/{mark}".encode())


def seal_spool_key(job: str, key: bytes) -> str:
    """The key of a job's spool as it is stored, as base64; in a transaction. Raises: KeysNotWired."""
    sealed = seal_by(sealing_key, ROWS, hold(ROWS), key, f"spool/{job}".encode())
    return base64.b64encode(sealed).decode("ascii")


def open_spool_key(job: str, sealed: str) -> bytes:
    """What `seal_spool_key` sealed for the same job. Raises: SealBroken, KeyMissing, KeyRetired."""
    return open_any(sealing_key, ROWS, base64.b64decode(sealed), f"spool/{job}".encode())


def keyed(job: str, generation: int, text: str) -> str:
    """A digest that nobody without the node's key can look up a value by."""
    key = sealing_key(key_name(ROWS, generation))
    return hmac.new(key, f"{job}\0{text}".encode(), hashlib.sha256).hexdigest()


def generations_met() -> tuple[int, ...]:
    """By which generations rows may be found until the transaction at hand ends; the first is the one to seal by.

    It is held: rows are sealed anew by a later one only when this transaction has ended.
    """
    held = hold(ROWS)
    return (held, *(one for one in living(ROWS) if one < held))
