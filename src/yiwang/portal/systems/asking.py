"""What a list is asked for: filters in the address, what is personal sealed, the place where the page begins."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, time, timedelta
from urllib.parse import urlencode

from django.http import QueryDict

from yiwang.blocks.registry.public import Entity, Field, Standing, View, Wanted
from yiwang.portal.sealed import opened, sealed
from yiwang.portal.systems import columns
from yiwang.portal.systems.inputs import kept_text, moment_of
from yiwang.portal.systems.room import Room

LIFE = timedelta(hours=12)
PAGE = 50
_FIND, _MARK = "systems-find", "systems-mark"
_SPAN = frozenset({"date", "datetime", "integer", "money", "decimal"})
MOST_TEXT = 200


@dataclass(frozen=True)
class Asked:
    """A list as the address asks for it; `filters` by name with its operator, such as `next_review.from`."""

    filters: dict[str, str]
    text: str
    sort: str
    on: date | None
    mark: str | None

    @property
    def narrowed(self) -> bool:
        """Whether it shows less than everything."""
        return bool(self.filters or self.text)

    def wanted(self, size: int = PAGE) -> Wanted:
        """As the registry takes it."""
        return Wanted(self.filters, self.text, self.sort, self.on, size, self.mark)


def names(field: Field) -> tuple[str, ...]:
    """The filters of a field: one, or from and to."""
    return (f"{field.id}.from", f"{field.id}.to") if field.kind in _SPAN else (field.id,)


def asked(room: Room, entity: Entity, standing: Standing, view: View | None, query: QueryDict) -> Asked:
    """What the address says; a sealed part of another person, or an old one, counts as nothing."""
    hidden = _opened(room, query.get("find", ""))
    allowed = {name: field for field in columns.filters(entity, standing, view) for name in names(field)}
    given: dict[str, str] = {}
    for name, field in allowed.items():
        value = (hidden.get(name, "") if columns.personal(field) else query.get(name, "")).strip()[:MOST_TEXT]
        if value:
            given[name] = _as_kept(name, field, value)
    mark = opened(room.me, _MARK, query.get("mark", ""), room.now, LIFE) or None
    return Asked(given, hidden.get("q", ""), query.get("sort", ""), day(query.get("on", "")), mark)


def address(
    room: Room, entity: Entity, standing: Standing, view: View | None, typed: QueryDict, sort: str
) -> str:
    """The query of the address for what was typed into the list's form."""
    clear: dict[str, str] = {}
    hidden: dict[str, str] = {}
    if text := typed.get("q", "").strip()[:MOST_TEXT]:
        hidden["q"] = text
    for field in columns.filters(entity, standing, view):
        for name in names(field):
            if value := typed.get(name, "").strip()[:MOST_TEXT]:
                (hidden if columns.personal(field) else clear)[name] = value
    if on := day(typed.get("on", "")):
        clear["on"] = on.isoformat()
    if sort:
        clear["sort"] = sort
    if hidden:
        clear["find"] = sealed(room.me, _FIND, json.dumps(hidden, ensure_ascii=False), room.now)
    return urlencode(clear)


def without(query: QueryDict, *names: str) -> str:
    """The address's query without some of its parts, and without the place where the page begins."""
    left = {name: value for name, value in query.items() if name not in {*names, "mark"}}
    return urlencode(left)


def unsealed_without(room: Room, query: QueryDict, name: str) -> str:
    """The address's query without one of the sealed parts."""
    hidden = {key: value for key, value in _opened(room, query.get("find", "")).items() if key != name}
    left = {key: value for key, value in query.items() if key not in ("find", "mark")}
    if hidden:
        left["find"] = sealed(room.me, _FIND, json.dumps(hidden, ensure_ascii=False), room.now)
    return urlencode(left)


def mark(room: Room, following: str) -> str:
    """Where the next page begins, as an address may carry it: keys can be personal."""
    return sealed(room.me, _MARK, following, room.now)


def day(text: str) -> date | None:
    """A day that was typed, None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _opened(room: Room, token: str) -> dict[str, str]:
    text = opened(room.me, _FIND, token, room.now, LIFE) if token else ""
    found: object = json.loads(text) if text else {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def _as_kept(name: str, field: Field, value: str) -> str:
    """A typed value as the registry keeps it; a day as the moment where it begins or ends."""
    on = day(value)
    if field.kind == "datetime" and on is not None:
        return moment_of(on, time.max if name.endswith(".to") else time.min)
    return kept_text(field, value)
