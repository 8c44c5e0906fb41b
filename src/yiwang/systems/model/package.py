"""A package as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from yiwang.systems.model.access import Access, Indicator, Light, View
from yiwang.systems.model.base import Label, Law, Org
from yiwang.systems.model.entities import Entity
from yiwang.systems.model.exchange import Exchange, Fusion, Schedule, Story
from yiwang.systems.model.forms import Form, Item
from yiwang.systems.model.lists import CodeList, Parameter
from yiwang.systems.model.processes import Process, Rule
from yiwang.systems.reading.places import NOWHERE, Place


@dataclass(frozen=True, slots=True)
class Dependency:
    """A system that this one needs, with a range such as `>=1.0 <2`."""

    system: str
    version: str
    optional: bool = False
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Where its working days are counted and the hours that `wh` and `wd` count in (`HH:MM` pairs)."""

    place_code: str
    office_hours: tuple[tuple[str, str], ...] = (("09:00", "12:00"), ("13:00", "17:00"))


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """The head of a package. `grade` is its level of classified protection (等保), 1 to 4."""

    id: str
    scope: tuple[str, ...]
    title: Label
    version: str
    owner: Org
    zone: Literal["intranet", "extranet", "internet"]
    grade: int
    basis: tuple[Law, ...]
    calendar: Calendar
    depends: tuple[Dependency, ...] = ()
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A declared system: everything its files say."""

    system: System
    entities: tuple[Entity, ...] = ()
    codes: tuple[CodeList, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    access: Access = field(default_factory=Access)
    views: tuple[View, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    supervise: tuple[Light, ...] = ()
    rules: tuple[Rule, ...] = ()
    forms: tuple[Form, ...] = ()
    items: tuple[Item, ...] = ()
    processes: tuple[Process, ...] = ()
    exchange: Exchange = field(default_factory=Exchange)
    schedules: tuple[Schedule, ...] = ()
    fusion: Fusion | None = None
    stories: tuple[Story, ...] = ()

    @property
    def id(self) -> str:
        """The id of the system."""
        return self.system.id

    def entity(self, name: str) -> Entity | None:
        """An entity by id, None where there is none."""
        return next((one for one in self.entities if one.id == name), None)

    def code_list(self, name: str) -> CodeList | None:
        """A code list by id, None where there is none."""
        return next((one for one in self.codes if one.id == name), None)

    def grade_of(self, entity: Entity) -> int:
        """The grade of an entity: the highest of its fields, at least 1."""
        return max((one.grade or 2 for one in entity.fields), default=2)
