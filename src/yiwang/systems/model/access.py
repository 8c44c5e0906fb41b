"""Roles, access rules, views, indicators and lights: who sees what, how, and what is counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from yiwang.systems.model.base import NO_LABEL, Duration, Expr, Label, Law, Org
from yiwang.systems.reading.places import NOWHERE, Place

BUILT_IN_ROLES = ("applicant", "handler", "provider", "org_head")
"""Roles that every system has without declaring them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role, held in agencies of a kind and level; `apart_from`: roles the same person may not use on one case."""

    id: str
    title: Label
    org: Org
    apart_from: tuple[str, ...] = ()
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """Which fields: only `allow`, all but `deny`, or with `own: authority` those whose authority the actor is."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    own: Literal["authority"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRule:
    """What roles may do with entities (and the named parts of them); everything else is denied."""

    role: tuple[str, ...]
    entity: tuple[str, ...]
    verbs: tuple[Literal["read", "write", "export"], ...]
    purpose: tuple[str, ...]
    parts: tuple[str, ...] = ()
    rows: Expr | None = None
    fields: FieldRule | None = None
    case: Literal["open", "any"] = "any"
    masked: bool = False
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """The name of a purpose, as people choose it before they look at anything."""

    id: str
    title: Label
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Access:
    """The roles and rules of a system, and what its purposes are called."""

    roles: tuple[Role, ...] = ()
    rules: tuple[AccessRule, ...] = ()
    purposes: tuple[Purpose, ...] = ()

    def role(self, name: str) -> Role | None:
        """A role by id, None where there is none."""
        return next((one for one in self.roles if one.id == name), None)


@dataclass(frozen=True, slots=True)
class Of:
    """What a view or an indicator is about: an entity, `case(process)`, `clock(process.clock)`, `indicator(x)`."""

    kind: Literal["entity", "case", "clock", "indicator"]
    name: str

    @classmethod
    def parse(cls, text: str) -> Of:
        """Read `order` or `clock(handling.sign)`."""
        head, bracket, rest = text.partition("(")
        if not bracket:
            return cls("entity", text)
        return cls(head, rest.rstrip(")"))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A way to look at records. `for_` names the roles that have it."""

    id: str
    kind: Literal["list", "detail", "map", "calendar", "board", "chart", "timeline"]
    of: Of
    title: Label
    for_: tuple[str, ...]
    columns: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    where: Expr | None = None
    tabs: tuple[str, ...] = ()
    lanes: tuple[str, ...] = ()
    place_field: str | None = None
    date: str | None = None
    measure: str | None = None
    show: tuple[Literal["source", "as_of", "evidence"], ...] = ()
    need: Literal["purpose"] | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted: `count`, `share(condition)`, or `sum avg min max median p95 distinct` of a field path.

    Attributes:
        argument: the condition of a share, or the path; None of a count.
    """

    kind: Literal["count", "share", "sum", "avg", "min", "max", "median", "p95", "distinct"]
    argument: Expr | None = None


@dataclass(frozen=True, slots=True)
class Near:
    """Points within metres of each other count as one place."""

    field: str
    metres: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a hot spot is compared with: so many earlier windows."""

    windows: int
    same: Literal["weekday", "season"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A figure: counted `of` records, `over` the journal's calls of the package's tables, or a `formula` over others."""

    id: str
    title: Label
    of: Of | None = None
    over: Literal["journal"] | None = None
    kind: Literal["hotspot"] | None = None
    formula: Expr | None = None
    where: Expr | None = None
    measure: Measure | None = None
    at: str | None = None
    per: Literal["hour", "day", "week", "month", "quarter", "year"] | None = None
    dimensions: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    near: Near | None = None
    window: Duration | None = None
    baseline: Baseline | None = None
    min: int | None = None
    ratio: float | None = None
    target: float | None = None
    direction: Literal["up", "down", "neutral"] = "neutral"
    unit: Label = NO_LABEL
    law: Law | None = None
    engine: Literal["dataplane"] | None = None
    notify: tuple[str, ...] = ()
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """A supervision rule: a yellow or red light on a clock or on records."""

    id: str
    when: Expr
    level: Literal["yellow", "red"]
    notify: tuple[str, ...]
    clock: str | None = None
    of: Of | None = None
    score: int | None = None
    repeat: Duration | None = None
    every: Duration | None = None
    publish: str = ""
    place: Place = field(default=NOWHERE, compare=False, repr=False)
