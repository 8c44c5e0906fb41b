"""A password between two showings of one form: sealed, bound to the person, good for a quarter of an hour.

When a source refuses for another reason than its password, the officer need not type it again, and it still never
stands readable in a page.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from yiwang.blocks.identity.public import Actor
from yiwang.portal.sealed import opened, sealed

LIFE = timedelta(minutes=15)
_USE = "desk-kept-password"


def keep(me: Actor, password: str, now: datetime) -> str:
    """The password as a text that only this node opens, for this person."""
    return sealed(me, _USE, password, now)


def kept(me: Actor, text: str, now: datetime) -> str:
    """The password; empty when the text is another person's, too old, or not ours."""
    return opened(me, _USE, text, now, LIFE)
