"""Codes of heads: what stands in a signature's place for the moment until a signature follows.

A node signs one head of many while its callers hold sessions. The others carry a code (HMAC by the log's suite, under a key
of the node that lies outside of the database), so that nobody who writes to the database alone can make one up. A code
proves nothing to anybody else and leaves the node in no case. docs/specs/evidence.md §4.4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from yiwang.vocabulary.crypto import SUITES, same_bytes
from yiwang.vocabulary.evidence.leaf import SuiteName

CODE_BYTES: Final = 32
"""No signature of either suite has this length."""
PURPOSE: Final = "heads"
"""The key provider's name for the key of the codes."""
_PREFIX: Final = b"yiwang head\n"


def is_code(signature: bytes | str) -> bool:
    """Whether what stands in a signature's place, as bytes or in hexadecimal, is a code."""
    return len(signature) == (2 * CODE_BYTES if isinstance(signature, str) else CODE_BYTES)


class HeadCoder:
    """Makes and compares codes."""

    def __init__(self, key: Callable[[], bytes]) -> None:
        """`key` gives the secret; it is asked for when the first code is made or compared."""
        self._source = key
        self._key: bytes | None = None

    def code(self, head: bytes, suite: SuiteName) -> bytes:
        """The code of a head's canonical text. Raises: CryptoError, where the key cannot be had."""
        if self._key is None:
            self._key = self._source()
        return SUITES[suite].hmac(self._key, _PREFIX + head)

    def is_right(self, head: str, code: str, suite: SuiteName) -> bool:
        """Whether a code, in hexadecimal, is that of the head. Raises: CryptoError, where the key cannot be had."""
        return same_bytes(self.code(head.encode(), suite).hex().encode(), code.encode())
