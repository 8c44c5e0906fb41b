"""What the items of a resource are called, of this node or another, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from django.utils import timezone

from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.identity.public import Actor
from yiwang.portal import formats
from yiwang.portal.quality.naming import titles_of

Row = TypeVar("Row", cascade.DisputeView, cascade.CorrectionView)


def item_titles(me: Actor, owner: str, code: str) -> dict[str, str]:
    """Titles by wire name; none where the resource is no longer there."""
    if owner == cascade.here(timezone.now()).name:
        return dict(titles_of([code]).get(code, {}))
    try:
        items = cascade.entry(me, owner, code).body.items
    except cascade.CascadeError:
        return {}
    return {item.name: formats.pick(item.title, item.title_en) for item in items}


def named(me: Actor, rows: Iterable[Row]) -> list[Row]:
    """Disputes or corrections about items as people call them."""
    known: dict[tuple[str, str], dict[str, str]] = {}
    found = []
    for row in rows:
        place = (row.owner, row.resource)
        if place not in known:
            known[place] = item_titles(me, *place)
        titles = known[place]
        found.append(
            replace(
                row,
                field=titles.get(row.field, row.field),
                key=tuple((titles.get(name, name), value) for name, value in row.key),
            )
        )
    return found
