"""Rules and findings with the titles of items in place of their wire names, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import msgspec

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.quality import public as quality
from yiwang.portal import formats

Titles = Mapping[str, Mapping[str, str]]


def titles_of(codes: Iterable[str]) -> Titles:
    """Titles of items by resource and wire name."""
    entries = catalogue.resources_by_code(set(codes))
    return {
        code: {item.wire: formats.pick(item.title, item.title_en) for item in entry.items}
        for code, entry in entries.items()
    }


def named(result: quality.RuleResult, titles: Mapping[str, str]) -> quality.RuleResult:
    """A result about items as people call them."""
    return msgspec.structs.replace(result, fields=tuple(titles.get(one, one) for one in result.fields))


def named_rows(rows: Iterable[quality.TicketRow]) -> tuple[quality.TicketRow, ...]:
    """Tickets about items as people call them."""
    listed = tuple(rows)
    titles = titles_of(row.resource for row in listed)
    return tuple(replace(row, result=named(row.result, titles.get(row.resource, {}))) for row in listed)


def named_entry(entry: quality.Spelled, titles: Mapping[str, str]) -> quality.Spelled:
    """A rule about items as people call them."""
    return msgspec.structs.replace(
        entry,
        fields=None if entry.fields is None else [titles.get(one, one) for one in entry.fields],
        field=None if entry.field is None else titles.get(entry.field, entry.field),
    )
