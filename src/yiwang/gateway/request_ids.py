"""Request ids: `req-` and a ULID in lower case: 48 bits of milliseconds, 80 random bits, ordered by time."""

from __future__ import annotations

import os
import re
import time
from typing import Final

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS: Final = tuple(a + b for a in _ALPHABET for b in _ALPHABET)
_FORM: Final = re.compile(r"req-[0-7][0-9a-hjkmnp-tv-z]{25}")


def new_request_id(now_ns: int | None = None) -> str:
    """A fresh request id, of the present or of a given time in Unix nanoseconds."""
    value = ((time.time_ns() if now_ns is None else now_ns) // 1_000_000 << 80) | int.from_bytes(
        os.urandom(10), "big"
    )
    pairs = _PAIRS
    return "req-" + "".join([pairs[(value >> shift) & 1023] for shift in range(120, -1, -10)])


def is_request_id(text: str) -> bool:
    """Whether a text has the form of a request id."""
    return _FORM.fullmatch(text) is not None
