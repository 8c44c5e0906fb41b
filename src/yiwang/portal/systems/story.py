"""The history of a record in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Change, Entity, Field, Plain
from yiwang.portal import formats
from yiwang.portal.statuses import Tone
from yiwang.portal.systems.cells import covered_by, said
from yiwang.portal.systems.naming import Names, names
from yiwang.portal.systems.room import Room

KINDS: dict[str, tuple[object, Tone]] = {
    "created": (_("Entered"), "malachite"),
    "changed": (_("Changed"), "azurite"),
    "corrected": (_("Corrected"), "gamboge"),
    "withdrawn": (_("Withdrawn"), "grey"),
}


@dataclass(frozen=True)
class Altered:
    """A field with what it held before and after."""

    title: str
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    """A change of a record in words."""

    kind: str
    label: str
    tone: Tone
    at: datetime
    who: str
    agency: str
    altered: tuple[Altered, ...]
    since: date | None
    until: date | None
    reason: str


def told_changes(room: Room, entity: Entity, number: int) -> tuple[Told, ...]:
    """What happened to a record, the newest first. Raises: RecordUnknown."""
    where = (room.errand, room.system.id, entity.id, number, room.now)
    found = registry.changes(registry.history(*where), registry.remarks(*where))
    who = names(one.by for one in found)
    return tuple(_told(room, entity, one, who) for one in found)


def _told(room: Room, entity: Entity, change: Change, who: Names) -> Told:
    label, tone = KINDS[change.kind]
    altered = tuple(
        Altered(
            entity.field(one.field).title.text(formats.language()),
            _words(room, entity.field(one.field), one.before), _words(room, entity.field(one.field), one.after),
        )
        for one in change.differences
    )  # fmt: skip
    return Told(
        change.kind, str(label), tone, change.at, who.person(change.by), who.agency(change.by), altered, change.since,
        change.until, change.reason,
    )  # fmt: skip


def _words(room: Room, field: Field, value: Plain) -> str:
    covering = covered_by(field)
    if covering is not None and value is not None:
        return str(registry.masked_value(covering, value))
    words, sub = said(room.system, field, value)
    return f"{words} {sub}" if field.kind == "money" and value is not None else words
