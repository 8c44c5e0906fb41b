"""Cursors of a subscription: a position, with a seal so that one of another subscription is known as such."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

from yiwang.blocks.subscriptions.domain.errors import CursorForeign

PURPOSE: Final = "subscriptions"
"""Name of the node's key for them."""
_FORM: Final = re.compile(r"(0|[1-9][0-9]{0,17})-([0-9a-f]{24})")


def cursor(key: bytes, subscription: str, position: int) -> str:
    """Everything up to `position`."""
    return f"{position}-{_seal(key, subscription, position)}"


def position_of(key: bytes, subscription: str, text: str) -> int:
    """The position of a cursor that was given out for this subscription. Raises: CursorForeign."""
    found = _FORM.fullmatch(text)
    if found is None or not hmac.compare_digest(found[2], _seal(key, subscription, int(found[1]))):
        raise CursorForeign(subscription=subscription)
    return int(found[1])


def _seal(key: bytes, subscription: str, position: int) -> str:
    return hmac.new(key, f"cursor\0{subscription}\0{position}".encode(), hashlib.sha256).hexdigest()[:24]
