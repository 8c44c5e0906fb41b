"""Names of places and of people who told something, read together for a page."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from yiwang.blocks.identity.public import Teller, tellers
from yiwang.blocks.organisation.public import RegionFacts, regions
from yiwang.portal import formats

KEEP_SECONDS = 60.0
_known: dict[str, RegionFacts] = {}
_read_at = -KEEP_SECONDS


def place_name(code: str) -> str:
    """The name of a division that the node knows, without zeros at the end; empty for others."""
    global _read_at  # noqa: PLW0603 - one small snapshot a process
    now = time.monotonic()
    if now - _read_at > KEEP_SECONDS:
        _known.clear()
        _known.update({_short(one.code): one for one in regions()})
        _read_at = now
    found = _known.get(_short(code))
    return formats.pick(found.name_zh, found.name_en) if found else ""


def forget() -> None:
    """Read afresh the next time; for tests."""
    global _read_at  # noqa: PLW0603
    _read_at = -KEEP_SECONDS


def _short(code: str) -> str:
    return code.rstrip("0")


@dataclass(frozen=True)
class Names:
    """Who stands behind the user names of a page."""

    known: dict[str, Teller]

    def person(self, username: str) -> str:
        """The person's name; the user name itself where there is no such account."""
        found = self.known.get(username)
        return found.name if found else username

    def agency(self, username: str) -> str:
        """The code of the person's agency, empty where unknown."""
        found = self.known.get(username)
        return found.agency if found else ""


def names(usernames: Iterable[str]) -> Names:
    """The names behind user names, in one read."""
    wanted = {one for one in usernames if one}
    return Names(tellers(wanted) if wanted else {})
