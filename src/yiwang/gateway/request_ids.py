"""Request ids: `req-` and a ULID in lower case: 48 bits of milliseconds, 80 random bits, ordered by time."""

from __future__ import annotations

import os
import re
import time
from typing import Final

_ALPHABET: Final = b"0123456789abcdefghjkmnpqrstvwxyz"
_TABLE: Final = bytes(_ALPHABET[byte & 31] for byte in range(256))
_FORM: Final = re.compile(r"req-[0-7][0-9a-hjkmnp-tv-z]{25}")
_STOCK: Final = 4096


class RequestIds:
    """Makes request ids; random bytes are fetched in stock, since asking the system for each costs more."""

    def __init__(self) -> None:
        self._stock = b""
        self._at = 0
        self._millisecond = -1
        self._prefix = ""

    def new(self, now_ns: int | None = None) -> str:
        """A fresh request id, of the present or of a given time in Unix nanoseconds."""
        at = self._at
        if at >= len(self._stock):
            self._stock, at = os.urandom(_STOCK), 0
        self._at = at + 16
        now = (time.time_ns() if now_ns is None else now_ns) // 1_000_000
        if now != self._millisecond:
            self._millisecond = now
            digits = bytes(_ALPHABET[now >> shift & 31] for shift in range(45, -1, -5))
            self._prefix = "req-" + digits.decode("ascii")
        return self._prefix + self._stock[at : at + 16].translate(_TABLE).decode("ascii")


new_request_id = RequestIds().new


def is_request_id(text: str) -> bool:
    """Whether a text has the form of a request id."""
    return _FORM.fullmatch(text) is not None
