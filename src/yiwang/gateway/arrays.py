"""Arrays for a statement, written as the text that the server reads.

The driver looks at each element of an array three times before it encodes it, through Python's abstract classes: the
text of a whole array costs a fraction of that.
"""

from __future__ import annotations

from collections.abc import Sequence


def numbers(values: Sequence[int]) -> str:
    """The text of an array of whole numbers."""
    return "{" + ",".join(map(str, values)) + "}"


def texts(values: Sequence[str]) -> str:
    """The text of an array of texts, or of anything by its text: each is quoted."""
    if not values:
        return "{}"
    text = '","'.join(values)
    if "\\" in text or text.count('"') > 2 * len(values) - 2:
        text = '","'.join([value.replace("\\", "\\\\").replace('"', '\\"') for value in values])
    return '{"' + text + '"}'
