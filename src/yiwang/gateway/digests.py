"""Digests of bodies of any size: long ones beside the event loop, which serves other calls meanwhile."""

from __future__ import annotations

import asyncio
from typing import Final

from yiwang.vocabulary.crypto import Suite

_LONG: Final = 256 << 10
"""Bytes from which on a digest takes longer than handing it over: SM3 does 360 MB/s."""


async def digest_of(suite: Suite, body: bytes) -> str:
    """The digest in hexadecimal. Hash functions let go of the interpreter while they work."""
    if len(body) < _LONG:
        return suite.digest(body).hex()
    return (await asyncio.to_thread(suite.digest, body)).hex()
