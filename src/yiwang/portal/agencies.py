"""Names and colours of agencies for source chips, kept for a few seconds: every row of every table shows one."""

from __future__ import annotations

import time

from yiwang.blocks.cascade.public import agency_names
from yiwang.blocks.organisation.public import AgencyFacts, agencies
from yiwang.portal import formats

KEEP_SECONDS = 20.0
_known: dict[str, AgencyFacts] = {}
_read_at = -KEEP_SECONDS


def agency_facts(uscc: str) -> AgencyFacts | None:
    """The agency with this 统一社会信用代码, or None when the node does not know it."""
    global _read_at  # noqa: PLW0603 - one small snapshot a process
    now = time.monotonic()
    if now - _read_at > KEEP_SECONDS or (uscc and uscc not in _known and now - _read_at > 1):
        _known.clear()
        _known.update({one.uscc: one for one in agencies(closed=True)})
        _read_at = now
    return _known.get(uscc)


def name_beyond(uscc: str) -> str:
    """The name of another node's agency, "" where no node has told of it."""
    names = agency_names(uscc) if uscc else None
    return formats.pick(*names) if names else ""


def agency_said(name: str) -> str:
    """An agency that a record names in Chinese, in the language of the page; as it stands where it is not known."""
    if formats.language() != "en" or not name:
        return name
    agency_facts("")
    return next((one.name("en") for one in _known.values() if one.name("zh") == name), name)


def forget() -> None:
    """Read afresh the next time; for tests."""
    global _read_at  # noqa: PLW0603
    _known.clear()
    _read_at = -KEEP_SECONDS
