"""A text that travels through a browser unread: sealed, bound to a person and a use, good for a while.

For what must not stand readable in a page or an address: a password between two showings of a form, the name that a
list was searched for.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta

from django.conf import settings

from yiwang.blocks.identity.public import Actor
from yiwang.vocabulary.crypto import open_sealed, seal
from yiwang.vocabulary.errors import YwError


def sealed(me: Actor, use: str, text: str, now: datetime) -> str:
    """The text as only this node opens it, for this person and this use."""
    plain = f"{int(now.timestamp())}|{text}".encode()
    return base64.urlsafe_b64encode(seal(_key(use), plain, _bound_to(me))).decode("ascii").rstrip("=")


def opened(me: Actor, use: str, token: str, now: datetime, life: timedelta) -> str:
    """The text again; empty when it was another person's, is too old, or was never ours."""
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        at, _bar, text = open_sealed(_key(use), raw, _bound_to(me)).decode("utf-8").partition("|")
        age = now.timestamp() - int(at)
    except (YwError, ValueError):
        return ""
    return text if 0 <= age <= life.total_seconds() else ""


def _key(use: str) -> bytes:
    return hashlib.sha256(use.encode() + b"|" + settings.SECRET_KEY.encode()).digest()[:16]


def _bound_to(me: Actor) -> bytes:
    return f"{me.user_id}|{me.agency}".encode()
