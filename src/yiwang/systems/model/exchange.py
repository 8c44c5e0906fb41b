"""Needs, feeds, schedules, fusion and stories."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Literal

from yiwang.systems.model.base import NO_LIMITS, Duration, Expr, Label, Limits, Org, Raw
from yiwang.systems.model.entities import Mode, Severity
from yiwang.systems.model.forms import Each, Lawful
from yiwang.systems.model.types import FieldType
from yiwang.systems.reading.places import NOWHERE, Place


@dataclass(frozen=True, slots=True)
class ResourceFrom:
    """The resource to ask is in a row of an entity."""

    entity: str
    column: str
    mode: str


@dataclass(frozen=True, slots=True)
class Consent:
    """The record of consent, and what must be true of it or nothing is sent."""

    entity: str
    require: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """For what a need asks: an item, a law, a case."""

    item: str | None = None
    law: str | None = None
    case: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What the system asks of others. `resource` is `system.entity` of a package or a resource code."""

    id: str
    key: dict[str, FieldType]
    purpose: Purpose
    lawful_basis: Lawful
    on_fail: Literal["ask_person", "retry", "skip", "stop"]
    resource: str | None = None
    service: str | None = None
    resource_from: ResourceFrom | None = None
    inputs: dict[str, FieldType] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    answer: dict[str, FieldType] = field(default_factory=dict)
    consent: Consent | None = None
    limits: Limits = NO_LIMITS
    when: Expr | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What the system gives upward or downward by itself."""

    id: str
    to: Literal["parent", "child"]
    entity: str
    fields: tuple[str, ...]
    cycle: str
    when: Expr | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Needs and feeds of a system."""

    needs: tuple[Need, ...] = ()
    feeds: tuple[Feed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Child rows that a schedule creates with its row."""

    entity: str
    from_: str
    where: Expr
    values: dict[str, Expr]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice that a schedule sends."""

    to: Expr
    text: Expr
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Recurring work; `key` makes it idempotent."""

    id: str
    title: Label
    at: str
    key: Expr
    each: Each | None = None
    from_: str | None = None
    where: Expr | None = None
    create: str | None = None
    values: dict[str, Expr] = field(default_factory=dict)
    lines: Lines | None = None
    open: str | None = None
    notify: Notice | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FusionResource:
    """Where a source's rows come from."""

    code: str
    mode: Mode
    cycle: str
    format: str = ""
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FusionSource:
    """A source of a fusion: `map` gives the target's fields by columns of the source."""

    id: str
    owner: Org
    resource: FusionResource
    as_of: str
    map: dict[str, str]
    key_missing: Literal["allowed"] | None = None
    deletes: Raw | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FusionKey:
    """The key of the fused entity, how it is repaired and what makes it valid."""

    field: str
    valid: str
    from_: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """Which source's value survives."""

    order: tuple[str, ...] = ()
    then: Literal["newest", "highest"] | None = None
    empty: Literal["never_wins"] | None = None
    when: Expr | None = None
    stale_after: Duration | None = None
    together: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Survive:
    """The general rule and the exceptions by field."""

    default: Survival
    fields: dict[str, Survival] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A difference between sources that somebody must mend."""

    mend: str
    days: int
    severity: Severity
    id: str = ""
    field: str | None = None
    when: Expr | None = None
    tolerance: Duration | None = None
    ignore: tuple[str, ...] = ()
    between: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    place: Place = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fusion:
    """How one golden record is made of many sources; what no check reads is kept as written."""

    target: str
    key: FusionKey
    sources: tuple[FusionSource, ...]
    contract: Raw
    standardise: dict[str, tuple[str, ...]]
    guard: Raw
    survive: Survive
    conflicts: tuple[Conflict, ...]
    publish: Raw
    place_code: str | None = None
    repair: Raw | None = None
    link: Raw | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person of a story, under a name."""

    as_: str
    name: str
    id: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Rows that are there when a story begins."""

    rows: Raw
    as_: str | None = None
    entity: str | None = None
    landing: str | None = None
    parts: Raw | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryStep:
    """Something that happens in a story and what must then be true.

    Attributes:
        who: a role of the system, `agency:role`, a person of the story, or a name of somebody without any role.
        in_: the place that the actor stands for; else that of the story.
        purpose: under which the actor does it; else the first that the access rules give the role.
        case: false: without an open case.
        since, until: the days that the values are about.
        refused: it must be refused: a reason in words where access refuses it, else the code of the error and,
            for wrong values, the field: `registry-record-invalid: level`.
        expect: conditions that must hold afterwards.
    """

    who: tuple[str, ...] = ()
    does: str | None = None
    as_: str | None = None
    in_: str | None = None
    with_: Raw | None = None
    item: str | None = None
    form: str | None = None
    step: str | None = None
    task: str | None = None
    use: str | None = None
    purpose: str | None = None
    case: bool = True
    entity: str | None = None
    view: str | None = None
    since: str | None = None
    until: str | None = None
    service: str | None = None
    interface: str | None = None
    key: dict[str, str] = field(default_factory=dict)
    claims: dict[str, str] = field(default_factory=dict)
    every: bool = False
    times: int | None = None
    refused: str | None = None
    expect: tuple[Expr, ...] = ()
    wait: Raw | None = None
    exchange: Raw | None = None
    landing: str | None = None
    rows: Raw | None = None
    fuse: Literal["full", "delta"] | None = None
    let: dict[str, Expr] = field(default_factory=dict)
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Who does what and what must then be true: acceptance test and demo data."""

    id: str
    title: Label
    clock: str
    place_code: str
    steps: tuple[StoryStep, ...]
    people: tuple[Person, ...] = ()
    given: tuple[Given, ...] = ()
    place: Place = field(default=NOWHERE, compare=False, repr=False)
