"""How the password of a source is sealed: by the node's key for sources, bound to the source's id."""

from __future__ import annotations

import base64
import binascii

from yiwang.vocabulary.crypto import KeyProvider, SealBroken, open_sealed, seal

PURPOSE = "sources"


def seal_password(keys: KeyProvider, source_id: str, password: str) -> str:
    """The password of this source, sealed, as base64."""
    sealed = seal(keys.sealing_key(PURPOSE), password.encode("utf-8"), source_id.encode("ascii"))
    return base64.b64encode(sealed).decode("ascii")


def open_password(keys: KeyProvider, source_id: str, sealed: str) -> str:
    """What `seal_password` sealed for the same source.

    Raises:
        SealBroken: it was changed, or sealed for another source or by another key.
    """
    try:
        raw = base64.b64decode(sealed, validate=True)
    except binascii.Error as problem:
        raise SealBroken from problem
    return open_sealed(keys.sealing_key(PURPOSE), raw, source_id.encode("ascii")).decode("utf-8")
