"""Forms and service items."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from yiwang.systems.model.base import NO_LABEL, Duration, Expr, Label, Law, Org
from yiwang.systems.model.types import FieldType
from yiwang.systems.reading.places import NOWHERE, Place

Lawful = Literal["consent", "duty", "contract", "emergency"]


@dataclass(frozen=True, slots=True)
class Each:
    """Once for each element of a list, under a name."""

    in_: Expr
    as_: str
    key: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefill:
    """Where a field's first value comes from: an expression, a need of exchange.yaml, or own records."""

    expr: Expr | None = None
    need: str | None = None
    key: dict[str, Expr] = field(default_factory=dict)
    take: str | None = None
    map: dict[str, str] = field(default_factory=dict)
    own: str | None = None
    match: dict[str, Expr] = field(default_factory=dict)
    latest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A verification of what was entered by a need of mode verify."""

    need: str
    key: dict[str, Expr]
    claims: dict[str, Expr]


@dataclass(frozen=True, slots=True)
class Repeat:
    """How many rows a repeat group may have."""

    max: int
    min: int = 0


@dataclass(frozen=True, slots=True)
class Suggest:
    """A value suggested from other fields."""

    from_: tuple[str, ...]
    method: Literal["text_classifier", "locate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """A field of a form. `type` is None for a repeat group; `check` and `related` are kept in `kind`."""

    id: str
    bind: str | None = None
    label: Label = NO_LABEL
    type: FieldType | None = None
    kind: Literal["field", "group", "check", "related"] = "field"
    required: bool = False
    required_if: Expr | None = None
    show_if: Expr | None = None
    valid_if: Expr | None = None
    message: Label = NO_LABEL
    default: Expr | None = None
    choices: Expr | None = None
    locked: bool = False
    prefill: Prefill | None = None
    check: Check | None = None
    repeat: Repeat | None = None
    repeat_of: str | None = None
    suggest: Suggest | None = None
    fields: tuple[FormField, ...] = ()
    of: str | None = None
    where: Expr | None = None
    rule: str | None = None
    columns: tuple[str, ...] = ()
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormStep:
    """A page of a form; with `each`, once for each element."""

    id: str
    title: Label
    fields: tuple[FormField, ...]
    show_if: Expr | None = None
    each: Each | None = None
    signer: Expr | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form, bound to an entity."""

    id: str
    title: Label
    binds: str
    steps: tuple[FormStep, ...]
    authors: tuple[str, ...] = ()
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Satisfy:
    """One way to satisfy a material: kind and, but for `upload`, what."""

    kind: Literal["certificate", "need", "record", "upload"]
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What an applicant must show, as a requirement with the ways to satisfy it."""

    id: str
    title: Label
    essential: bool
    satisfy: tuple[Satisfy, ...]
    lawful_basis: Lawful
    cases: tuple[str, ...] = ()
    waivable_days: int | None = None
    promise_ok: bool = False
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCase:
    """A situation of an item, with its own materials."""

    id: str
    title: Label
    show_if: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTime:
    """Time limits of an item."""

    statutory: Duration
    promised: Duration
    extended: Duration | None = None


@dataclass(frozen=True, slots=True)
class Until:
    """The field that says until when a result holds."""

    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A fee; the amount is an expression giving money."""

    id: str
    title: Label
    amount: Expr
    basis: Law


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult:
    """What an item ends in: a certificate or a document."""

    title: Label
    certificate: str | None = None
    document: str | None = None
    valid: Until | None = None
    template: str = ""
    seal: Org | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrusted:
    """The level an item is entrusted to."""

    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A service item, in the terms of the national directory of items."""

    id: str
    title: Label
    basic_code: str
    type: str
    exercise_level: str
    body: Org
    basis: tuple[Law, ...]
    audience: tuple[str, ...]
    case_type: str
    time: ItemTime
    materials: tuple[Material, ...]
    fees: tuple[Fee, ...]
    results: tuple[ItemResult, ...]
    form: str
    process: str
    entrusted: Entrusted | None = None
    forms_of_handling: tuple[str, ...] = ()
    reach: str = ""
    scene_visits: int | None = None
    conditions: str = ""
    cases: tuple[ItemCase, ...] = ()
    remedies: dict[str, dict[str, int]] = field(default_factory=dict)
    place: Place = field(default=NOWHERE, compare=False, repr=False)
