"""Who is behind a session cookie, for interfaces that answer without the pages' middleware."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from importlib import import_module
from typing import Final

from django.conf import settings

from yiwang.blocks.identity.actions.sign_ins import note_seen
from yiwang.blocks.identity.domain.sign_ins import SIGN_IN, SignedIn
from yiwang.blocks.identity.queries.sign_ins import signed_in

REMEMBERED: Final = 1.0
"""Seconds for which a process believes what it found: as long as a revocation may take to count."""
_MOST: Final = 10_000
_found: dict[tuple[str, str | None], tuple[float, SignedIn]] = {}
_lock = threading.Lock()


def signed_in_by(session: str, *, address: str | None, now: datetime) -> SignedIn | None:
    """The person behind a session cookie who calls from an address; None when nobody is signed in by it."""
    key, moment = (session, address), time.monotonic()
    with _lock:
        known = _found.get(key)
    if known is not None and moment < known[0]:
        return known[1]
    number = import_module(settings.SESSION_ENGINE).SessionStore(session).get(SIGN_IN)
    found = signed_in(number, address=address, now=now) if isinstance(number, int) else None
    with _lock:
        if found is None:
            _found.pop(key, None)
        else:
            if len(_found) >= _MOST:
                _found.clear()
            _found[key] = (moment + REMEMBERED, found)
    if found is not None:
        note_seen(found.id, now=now)
    return found
