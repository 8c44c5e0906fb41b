"""Processes and rules, as far as references and expressions need them; their engines read the same classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from yiwang.systems.model.base import NO_LABEL, Duration, Expr, Label, Law, Org, Raw
from yiwang.systems.model.forms import Each, FormField
from yiwang.systems.model.types import FieldType
from yiwang.systems.reading.places import NOWHERE, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time allowed: a constant, an output of a rule, working days by expression, or a share of a clock."""

    constant: Duration | None = None
    rule: str | None = None
    output: str | None = None
    workdays: Expr | None = None
    share_of: str | None = None
    percent: int | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a clock starts or stops: at a step, or at an action of it."""

    step: str
    action: str | None = None
    event: Literal["opened", "finished"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend:
    """How a clock may be extended."""

    approver: str
    to: Duration | None = None
    by: Span | None = None
    when: Expr | None = None
    times: int | None = None
    before_due: bool = False
    reasons: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A time limit over one or many steps."""

    id: str
    title: Label
    starts: Moment
    stops: Moment
    time: Span
    again: Span | None = None
    restart: bool = False
    late: Literal["deemed_accepted", "deemed_approved", "escalate"] | None = None
    law: Law | None = None
    extend: Extend | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A state in which clocks stand still unless it `counts`."""

    id: str
    title: Label
    counts: bool
    approver: str | None = None
    max: Duration | None = None
    law: Law | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Who applies, as expressions over the subject."""

    person: Expr | None = None
    phone: Expr | None = None
    name: Expr | None = None
    secret_if: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What a person can do on a step."""

    id: str
    title: Label
    kind: str = "move"
    to: str | None = None
    then: str | None = None
    guard: Expr | None = None
    explain: str = ""
    opinion: Literal["required", "optional"] | None = None
    basis: Literal["required"] | None = None
    reasons: str | None = None
    limit: int | None = None
    once: bool = False
    result: str | None = None
    set: dict[str, Expr] = field(default_factory=dict)
    document: str | None = None
    certificate: str | None = None
    seal: bool = False
    flags: tuple[str, ...] = ()
    into: Expr | None = None
    targets: tuple[str, ...] = ()
    each: Each | None = None
    create: str | None = None
    values: dict[str, Expr] = field(default_factory=dict)
    process: str | None = None
    within: Expr | None = None
    clock: str | None = None
    approver: str | None = None
    role: str | None = None
    level: Literal["yellow", "red"] | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Do:
    """One act of a service step: a rule, a need, a row written, a notice, a payment, a feed."""

    rule: str | None = None
    with_: dict[str, Expr] = field(default_factory=dict)
    keep: str | None = None
    need: str | None = None
    under: Expr | None = None
    create: str | None = None
    update: str | None = None
    upsert: str | None = None
    each: Each | None = None
    also: Each | None = None
    when: Expr | None = None
    values: dict[str, Expr] = field(default_factory=dict)
    set: dict[str, Expr] = field(default_factory=dict)
    notify: str | None = None
    text: Expr | None = None
    channels: tuple[str, ...] = ()
    pay: str | None = None
    feed: str | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A way on: to a step (of a parallel) or a target, under a condition."""

    step: str | None = None
    to: str | None = None
    when: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of a joint decision."""

    role: str
    org: Org | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """A decision that several persons make together."""

    members: tuple[Member, ...]
    quorum: int
    decide: Literal["lead", "majority", "all"]
    exclude: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """A publication on a site, with the fields shown."""

    site: str
    title: str
    fields: dict[str, Expr]
    until: Literal["end", "forever"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupt:
    """What can end a timer early."""

    id: str
    title: Label
    by: Literal["applicant", "anyone", "handler"]
    to: str
    form: str | None = None
    pause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """Where a step goes on failure or lateness; `after`: retries and over how long."""

    to: str
    after: Raw | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a process."""

    id: str
    kind: Literal["task", "parallel", "timer", "service", "subcase"]
    title: Label
    role: str | None = None
    org: Org | None = None
    people: int | None = None
    form: str | None = None
    fields: tuple[FormField, ...] = ()
    due: Span | None = None
    clock: str | None = None
    time: Span | None = None
    apart_from: tuple[str, ...] = ()
    joint: Joint | None = None
    actions: tuple[Action, ...] = ()
    branches: tuple[Branch, ...] = ()
    branch: tuple[Branch, ...] = ()
    join: Raw | None = None
    each: Each | None = None
    start: str | None = None
    steps: tuple[Step, ...] = ()
    process: str | None = None
    with_: dict[str, Expr] = field(default_factory=dict)
    limit: int | None = None
    do: tuple[Do, ...] = ()
    set: dict[str, Expr] = field(default_factory=dict)
    to: str | None = None
    skip_if: Expr | None = None
    pause: str | None = None
    record: Do | None = None
    publish: Publish | None = None
    interrupts: tuple[Interrupt, ...] = ()
    on_fail: Fallback | None = None
    on_late: Fallback | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Until which step the applicant may withdraw."""

    by: Literal["applicant"]
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A condition that moves a case whatever step it is at."""

    id: str
    when: Expr
    to: str
    at_steps: tuple[str, ...] = ()
    set: dict[str, Expr] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process over a subject, which is an entity."""

    id: str
    title: Label
    subject: str
    start: str
    steps: tuple[Step, ...]
    item: str | None = None
    input: dict[str, FieldType] = field(default_factory=dict)
    place_of: Expr | None = None
    applicant: Applicant | None = None
    clocks: tuple[Clock, ...] = ()
    pauses: tuple[Pause, ...] = ()
    withdraw: Withdraw | None = None
    any_time: tuple[Action, ...] = ()
    on_event: tuple[Event, ...] = ()
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleParameter:
    """A parameter that a rule reads as `p.<name>`; a key left open makes it a map by that key."""

    of: str
    keys: dict[str, Expr] = field(default_factory=dict)
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A named value of a rule; later formulas and tables see it."""

    id: str
    type: FieldType
    expr: Expr
    title: Label = NO_LABEL
    law: Law | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """A row of a decision table: conditions by column, constants and calculated outputs."""

    when: dict[str, Expr] = field(default_factory=dict)
    then: dict[str, Raw] = field(default_factory=dict)
    calc: dict[str, Expr] = field(default_factory=dict)
    law: Law | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTable:
    """A decision table."""

    id: str
    hit: Literal["first", "unique", "collect"]
    outputs: dict[str, FieldType]
    rows: tuple[TableRow, ...]
    title: Label = NO_LABEL
    columns: dict[str, Label] = field(default_factory=dict)
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One part of the likeness of two records."""

    field: str
    method: str
    weight: int
    arg: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """A worked example: run at check time, on the server and in the browser."""

    case: str
    in_: Raw
    expect: dict[str, Raw]
    at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A pure decision, or with `kind: match` a rule of likeness."""

    id: str
    title: Label
    law: Law | None = None
    kind: Literal["match"] | None = None
    inputs: dict[str, FieldType] = field(default_factory=dict)
    parameters: dict[str, RuleParameter] = field(default_factory=dict)
    formulas: tuple[Formula, ...] = ()
    tables: tuple[DecisionTable, ...] = ()
    vectors: tuple[Vector, ...] = ()
    of: str | None = None
    window: Duration | None = None
    where: Expr | None = None
    block: tuple[tuple[str, ...], ...] = ()
    score: tuple[Score, ...] = ()
    suggest_at: int | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)
