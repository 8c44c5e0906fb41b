"""The stage of a story: the systems it needs, installed under other names, and people who hold their roles.

It is set up inside a transaction that its caller takes back. Beside the declared roles it has one, the teller, who may
do everything: that hand puts in the rows that a story begins with and reads what is then true.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from django.db import connection
from msgspec.structs import replace

from yiwang.blocks.identity.public import Actor
from yiwang.blocks.registry.actions.figures import declare_figures
from yiwang.blocks.registry.domain.compiled import Entity, Rule, System
from yiwang.blocks.registry.domain.compiling.packages import compile_package
from yiwang.blocks.registry.domain.releasing.installing import install
from yiwang.blocks.registry.domain.releasing.roles import Roles
from yiwang.blocks.registry.domain.stories.copying import copy_name, needed, renamed
from yiwang.blocks.registry.store import models
from yiwang.blocks.registry.store.entering import Errand
from yiwang.systems.model.access import BUILT_IN_ROLES, AccessRule
from yiwang.systems.model.exchange import Person, Story
from yiwang.systems.model.package import Package

TELLER = "teller"
OWNER = "91000000000000000X"
CASE = "STORY"


@dataclass(slots=True)
class Stage:
    """Where a story is played.

    Attributes:
        package: as declared; `systems` are the copies by the declared id.
        people: persons of the story by the name they have there.
    """

    package: Package
    systems: Mapping[str, System]
    story: Story
    people: Mapping[str, Person] = field(default_factory=dict)

    @property
    def system(self) -> System:
        """The copy of the package."""
        return self.systems[self.package.id]

    @property
    def teller(self) -> Errand:
        """The hand of the engine."""
        actor = Actor(number_of(TELLER), TELLER, TELLER, OWNER, TELLER, self.story.place_code, frozenset())
        return Errand(actor, purpose="", case=CASE)

    def errand(self, who: str, entity: Entity | None, verb: str, step: Told, now: datetime) -> Errand:
        """Somebody who acts: a person of the story for themselves, or the holder of a role in an agency."""
        person = self.people.get(who)
        place = step.place or self.story.place_code
        purpose = step.purpose if step.purpose is not None else self._purpose(who, entity, verb)
        case = CASE if step.case else ""
        if person is not None:
            actor = Actor(number_of(who), who, person.name, "", "", place, frozenset())
            return Errand(
                actor, purpose=purpose, case=case, division=place, person=person.id, phone=person.phone
            )
        agency, colon, role = who.rpartition(":")
        agency = agency if colon else role
        actor = Actor(number_of(who), role, role, agency[:18], agency, place, frozenset())
        if role in {one.id for one in self.package.access.roles}:
            models.RoleHolder.objects.get_or_create(
                system=self.system.id, role=role, user=actor.user_id, agency=actor.agency,
                defaults={"since": now, "given_by": TELLER},
            )  # fmt: skip
        return Errand(actor, purpose=purpose, case=case, division=place)

    def knows(self, who: str) -> bool:
        """Whether a name is a role of the system, with or without its agency, or a person of the story."""
        role = who.rpartition(":")[2]
        roles = {one.id for one in self.package.access.roles} | set(BUILT_IN_ROLES)
        return who in self.people or role in roles

    def _purpose(self, who: str, entity: Entity | None, verb: str) -> str:
        """The first purpose under which the role may do it; else the first that it has for the entity at all."""
        role = "applicant" if who in self.people else who.rpartition(":")[2]
        rules = [rule for rule in self.package.access.rules if role in rule.role]
        about = [rule for rule in rules if entity is not None and self._about(rule, entity.id)]
        doing = [rule for rule in about if verb in rule.verbs]
        for rule in (*doing, *about, *rules):
            if rule.purpose:
                return rule.purpose[0]
        return ""

    def _about(self, rule: AccessRule, entity: str) -> bool:
        parts = {
            part.entity
            for one in self.package.entities
            if one.id in rule.entity
            for part in one.parts
            if part.id in rule.parts
        }
        return entity in rule.entity or entity in parts


@dataclass(frozen=True, slots=True)
class Told:
    """What a step says of who acts: place, purpose (None: by the rules), and whether a case is open."""

    place: str = ""
    purpose: str | None = None
    case: bool = True


def number_of(who: str) -> int:
    """A number for an account of the story, the same for the same name."""
    return int.from_bytes(hashlib.sha256(who.encode()).digest()[:5], "big")


def set_up(
    package: Package, others: Mapping[str, Package], story: Story, roles: Roles, now: datetime
) -> Stage:
    """Install the package and those it refers to; the transaction at hand must be the owner's."""
    wanted = needed(package, others)
    prefix = f"t{secrets.token_hex(3)}"
    names = {one.id: copy_name(prefix, one.id) for one in wanted}
    copies = {one.id: renamed(one, names) for one in wanted}
    by_copy = {copy.id: copy for copy in copies.values()}
    systems: dict[str, System] = {}
    for name, copy in copies.items():
        compiled = _with_teller(compile_package(copy, by_copy, OWNER))
        _execute(_statements(compiled, roles))
        _in_force(compiled, now, fused=False)
        declare_figures(compiled.id, compiled.figures if name == package.id else ())
        models.RoleHolder.objects.create(
            system=compiled.id, role=TELLER, user=number_of(TELLER), agency=OWNER, since=now - timedelta(days=1),
            given_by=TELLER,
        )  # fmt: skip
        systems[name] = compiled
    return Stage(package, systems, story, {one.as_: one for one in story.people})


def begin(stage: Stage, now: datetime) -> None:
    """The rows that the story begins with are in: from here on fused tables are closed."""
    for system in stage.systems.values():
        _in_force(system, now, fused=True)


def _in_force(system: System, now: datetime, *, fused: bool) -> None:
    open_system = system if fused else replace(
        system, entities=tuple(replace(one, fused=False) for one in system.entities)
    )  # fmt: skip
    models.System.objects.update_or_create(
        id=system.id,
        defaults={
            "title": {"zh": system.title.zh}, "owner": OWNER, "version": system.version,
            "package": msgspec.to_builtins(open_system), "applied_by": TELLER,
            "applied_at": now if fused else now - timedelta(days=1),
        },
    )  # fmt: skip


def _with_teller(system: System) -> System:
    rule = Rule(roles=(f"{system.id}.{TELLER}",), verbs=("read", "write"))
    return replace(
        system, entities=tuple(replace(one, rules=(*one.rules, rule)) for one in system.entities)
    )  # fmt: skip


def _statements(system: System, roles: Roles) -> Iterator[str]:
    for step in install(system, roles):
        yield from step.do


def _execute(statements: Sequence[str] | Iterator[str]) -> None:
    with connection.cursor() as cursor:
        for one in statements:
            cursor.execute(one)
