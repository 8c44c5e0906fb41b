"""How the password of a source is sealed: by the node's key for sources, bound to the source's id."""

from __future__ import annotations

import base64
import binascii
from typing import Final

from yiwang.vocabulary.crypto import KeyProvider, SealBroken, generation_of, open_any, seal_by

PURPOSE: Final = "sources"


def seal_password(keys: KeyProvider, generation: int, source_id: str, password: str) -> str:
    """The password of this source, sealed by a generation of the key, as base64."""
    sealed = seal_by(
        keys.sealing_key, PURPOSE, generation, password.encode("utf-8"), source_id.encode("ascii")
    )
    return base64.b64encode(sealed).decode("ascii")


def open_password(keys: KeyProvider, source_id: str, sealed: str) -> str:
    """What `seal_password` sealed for the same source.

    Raises:
        SealBroken: it was changed, or sealed for another source or by another key.
        KeyMissing: the key of its generation is not there.
        KeyRetired: the key of its generation was destroyed.
    """
    return open_any(keys.sealing_key, PURPOSE, _raw(sealed), source_id.encode("ascii")).decode("utf-8")


def password_generation(sealed: str) -> int:
    """By which generation of the key it is sealed. Raises: SealBroken."""
    return generation_of(_raw(sealed))


def _raw(sealed: str) -> bytes:
    try:
        return base64.b64decode(sealed, validate=True)
    except binascii.Error as problem:
        raise SealBroken from problem
