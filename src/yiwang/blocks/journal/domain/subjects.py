"""How a natural person stands in the evidence: a salted commitment in the leaf, a keyed token in the erasable index.

A stable hash of an identity number could be found by trying all numbers, so the leaf holds a commitment over a
random salt (`vocabulary.evidence.subject_commitment`); whoever knows salt and value can show that a leaf is about them.
Erasing the index row (salt and token) leaves a commitment that says nothing.
"""

from __future__ import annotations

import hashlib

PERIOD_PURPOSE = "subject-"


def token_start(secret: bytes, kind: str) -> hashlib.blake2b:
    """The keyed hash of all tokens of one kind of number under a period's key: copy it and update by the value."""
    return hashlib.blake2b(f"{kind}\0".encode(), key=secret, digest_size=16)


def subject_token(secret: bytes, kind: str, value: str) -> bytes:
    """The token under a period's key by which all uses of one person's data are found."""
    state = token_start(secret, kind)
    state.update(value.encode())
    return state.digest()


def period_purpose(period: str) -> str:
    """The key provider's name for the secret of a period: destroying that key makes the period unreadable."""
    return PERIOD_PURPOSE + period
