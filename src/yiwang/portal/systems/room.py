"""Who is at work in a system, under which purpose and for which case: chosen once, kept with the sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import APPROVER, DATA_OFFICER, REVIEWER, Actor
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Entity, Errand, Standing, System, View
from yiwang.portal import formats
from yiwang.portal.account.access import actor

KEPT = "yw_system_errands"
"""Where the sign-in's server-side state keeps purpose and case, by system."""
CASE_LENGTH = 100


@dataclass(frozen=True)
class Purpose:
    """A purpose that a person can act under in a system."""

    id: str
    title: str


@dataclass(frozen=True)
class Room:
    """A person in a system.

    Attributes:
        purposes: those that some rule of their roles names, in the order of the declaration.
        case_asked: some rule counts only for a case.
    """

    me: Actor
    system: System
    roles: frozenset[str]
    errand: Errand
    purposes: tuple[Purpose, ...]
    case_asked: bool
    now: datetime

    @property
    def title(self) -> str:
        """The system's name."""
        return self.system.title.text(formats.language())

    @property
    def purpose_title(self) -> str:
        """The chosen purpose, empty where none is chosen."""
        return next((one.title for one in self.purposes if one.id == self.errand.purpose), "")

    @property
    def role_titles(self) -> tuple[str, ...]:
        """The person's roles in the system."""
        return tuple(
            role.title.text(formats.language())
            for role in self.system.roles
            if f"{self.system.id}.{role.id}" in self.roles
        )

    def standing(self, entity: Entity) -> Standing:
        """What the person may do with an entity now."""
        return registry.standing_in(self.errand, self.system.id, entity.id, self.now)

    def entity(self, name: str) -> tuple[Entity, Standing]:
        """An entity that some rule of the person's roles names. Raises: SystemUnknown, EntityUnknown (also: hidden)."""
        _, found = registry.entity_of(self.system.id, name)
        standing = self.standing(found)
        if not standing.known:
            raise registry.EntityUnknown(system=self.system.id, entity=name)
        return found, standing

    def views(self, entity: str) -> tuple[View, ...]:
        """Declared views of an entity that are for the person's roles; a view that names no role is for all."""
        mine = {role.partition(".")[2] for role in self.roles}
        return tuple(
            view
            for name, views in self.system.views
            if name == entity
            for view in views
            if view.kind != "detail"
            and (not view.roles or mine.intersection(view.roles) or self.roles.intersection(view.roles))
        )


def enter(request: HttpRequest, system: str) -> Room:
    """The person in a system that they hold a role of. Raises: SystemUnknown, for everybody else."""
    me, now = actor(request), timezone.now()
    place = registry.workplace(me, system, now)
    named: dict[str, None] = {}
    case_asked = False
    for entity in place.system.entities:
        standing = registry.standing_in(Errand(me), system, entity.id, now)
        named.update(dict.fromkeys(standing.purposes))
        case_asked = case_asked or standing.case_asked
    purpose, case = _kept(request, system)
    if purpose not in named:
        purpose = next(iter(named)) if len(named) == 1 else ""
    purposes = tuple(Purpose(name, _title(place.system, name)) for name in named)
    return Room(
        me, place.system, place.roles, Errand(me, purpose=purpose, case=case), purposes, case_asked, now
    )


def choose(request: HttpRequest, room: Room, purpose: str, case: str) -> bool:
    """Keep purpose and case for the rest of the sign-in; whether the purpose is one of those that exist."""
    if room.purposes and purpose not in {one.id for one in room.purposes}:
        return False
    kept = request.session.get(KEPT)
    chosen = dict(kept) if isinstance(kept, dict) else {}
    chosen[room.system.id] = [purpose, case.strip()[:CASE_LENGTH]]
    request.session[KEPT] = chosen
    return True


def draw(
    request: HttpRequest, room: Room | None, template: str, facts: Mapping[str, object], status: int = 200
) -> HttpResponse:
    """A page of the systems, in the frame of the desk."""
    me, now = actor(request), timezone.now()
    counts: dict[str, int] = {}
    if me.has(REVIEWER):
        counts["reviews"] = exchange.review_queue(me, now, per_page=1).total
    if me.has(DATA_OFFICER, APPROVER):
        counts["decisions"] = exchange.decision_queue(me, now, per_page=1).total
    frame = {
        "tab": "systems", "unread": exchange.unread_count(me), "counts": counts, "now": now, "room": room,
    }  # fmt: skip
    return render(request, template, {**frame, **facts}, status=status)


def _kept(request: HttpRequest, system: str) -> tuple[str, str]:
    kept = request.session.get(KEPT)
    chosen = kept.get(system) if isinstance(kept, dict) else None
    if not isinstance(chosen, list) or len(chosen) != 2:
        return "", ""
    return str(chosen[0]), str(chosen[1])


def _title(system: System, purpose: str) -> str:
    found = system.purpose_titles.get(purpose)
    return found.text(formats.language()) if found else purpose
