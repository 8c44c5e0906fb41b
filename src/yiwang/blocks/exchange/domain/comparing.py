"""What stands out in a request beside those already granted: fields that the users of a resource do not usually have."""

from __future__ import annotations

from collections import Counter


def beyond_usual(asked: tuple[str, ...], granted: tuple[frozenset[str], ...]) -> tuple[str, ...]:
    """Fields asked for that fewer than half of the grants in force contain, in the order asked.

    Without any grant there is nothing usual to be beyond, so nothing stands out.
    """
    if not granted:
        return ()
    counts = Counter(name for fields in granted for name in fields)
    return tuple(name for name in asked if counts[name] * 2 < len(granted))
