"""A password between two showings of one form: sealed, bound to the person, good for a quarter of an hour.

When a source refuses for another reason than its password, the officer need not type it again, and it still never
stands readable in a page.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta

from django.conf import settings

from yiwang.blocks.identity.public import Actor
from yiwang.vocabulary.crypto import open_sealed, seal
from yiwang.vocabulary.errors import YwError

LIFE = timedelta(minutes=15)


def keep(me: Actor, password: str, now: datetime) -> str:
    """The password as a text that only this node opens, for this person."""
    plain = f"{int(now.timestamp())}|{password}".encode()
    return base64.urlsafe_b64encode(seal(_key(), plain, _bound_to(me))).decode("ascii")


def kept(me: Actor, text: str, now: datetime) -> str:
    """The password; empty when the text is another person's, too old, or not ours."""
    try:
        plain = open_sealed(_key(), base64.urlsafe_b64decode(text.encode("ascii")), _bound_to(me))
        at, _bar, password = plain.decode("utf-8").partition("|")
        age = now.timestamp() - int(at)
    except (YwError, ValueError):
        return ""
    return password if 0 <= age <= LIFE.total_seconds() else ""


def _key() -> bytes:
    return hashlib.sha256(b"desk-kept-password" + settings.SECRET_KEY.encode()).digest()[:16]


def _bound_to(me: Actor) -> bytes:
    return f"{me.user_id}|{me.agency}".encode()
