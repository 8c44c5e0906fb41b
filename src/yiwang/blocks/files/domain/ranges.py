"""Which bytes of a file are asked for: RFC 9110 §13 (conditions) and §14 (ranges), for one strong validator."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

from yiwang.blocks.files.domain.errors import RangeUnsatisfiable

_RANGE: Final = re.compile(r"[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*")
_TAG: Final = re.compile(r'(?:W/)?"[!#-~\x80-\xff]*"')


@dataclass(frozen=True)
class Span:
    """Bytes `first` to `last`, both included; an empty file has the span 0 to -1."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """How many they are."""
        return self.last - self.first + 1


def etag(hash_name: str, digest: str) -> str:
    """The strong validator of a file: its digest."""
    return f'"{hash_name}-{digest}"'


def is_unchanged(if_none_match: str | None, tag: str) -> bool:
    """Whether the client holds the file already; `If-None-Match` compares weakly."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    return any(one.removeprefix("W/") == tag for one in _TAG.findall(if_none_match))


def is_expected(if_match: str | None, tag: str) -> bool:
    """Whether `If-Match`, compared strongly, lets the request through."""
    if if_match is None or if_match.strip() == "*":
        return True
    return tag in _TAG.findall(if_match)


def span_of(
    value: str | None, if_range: str | None, *, length: int, tag: str, modified: datetime
) -> Span | None:
    """The one range to answer; None where the whole file is answered.

    A range that is malformed, of another unit, or one of several is passed over, which RFC 9110 §14.2 allows; one
    whose `If-Range` names another state of the file is too (§13.1.5: strong comparison, dates exactly).

    Raises:
        RangeUnsatisfiable: it begins past the end.
    """
    if value is None or (if_range is not None and not _is_same(if_range.strip(), tag, modified)):
        return None
    unit, _, rest = value.partition("=")
    found = _RANGE.fullmatch(rest)
    if unit.strip().lower() != "bytes" or found is None or found[1] == found[2] == "":
        return None
    if found[1] == "":
        count = int(found[2])
        if count == 0 or length == 0:
            raise RangeUnsatisfiable(length=length)
        return Span(max(0, length - count), length - 1)
    first = int(found[1])
    last = int(found[2]) if found[2] else length - 1
    if found[2] and last < first:
        return None
    if first >= length:
        raise RangeUnsatisfiable(length=length)
    return Span(first, min(last, length - 1))


def _is_same(validator: str, tag: str, modified: datetime) -> bool:
    if validator.startswith(('"', "W/")):
        return validator == tag
    try:
        return parsedate_to_datetime(validator) == modified.replace(microsecond=0)
    except (TypeError, ValueError):
        return False
