"""English titles of resources, kept for a few seconds: lists of requests and grants carry the Chinese ones alone."""

from __future__ import annotations

import time

from yiwang.blocks.cascade.public import entry_title
from yiwang.blocks.catalogue.public import resources_by_code
from yiwang.portal import formats

KEEP_SECONDS = 30.0
_known: dict[str, tuple[float, str]] = {}


def english_title(code: str) -> str:
    """The English title, empty where there is none; nothing is read while the page is Chinese."""
    if formats.language() != "en":
        return ""
    now = time.monotonic()
    found = _known.get(code)
    if found is None or now - found[0] > KEEP_SECONDS:
        own, at, node = code.partition("@")
        if at:
            titles = entry_title(node, own)
            found = (now, titles[1] if titles else "")
        else:
            entry = resources_by_code({code}).get(code)
            found = (now, entry.title_en if entry else "")
        _known[code] = found
    return found[1]


def forget() -> None:
    """Read afresh the next time; for tests."""
    _known.clear()
