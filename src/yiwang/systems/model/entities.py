"""Entities: the tables of a system, with everything that keeps them from being a silo."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Literal

from yiwang.systems.model.base import NO_LABEL, NO_LIMITS, Const, Duration, Expr, Label, Law, Limits
from yiwang.systems.model.types import FieldType
from yiwang.systems.reading.places import NOWHERE, Place

History = Literal["none", "versions", "bitemporal"]
Mode = Literal["query", "verify", "table", "file", "ask"]
Severity = Literal["blocking", "major", "minor"]
DEFAULT_GRADE = 2
"""The grade of a field that names none, unless the system's own grade is lower."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of an entity.

    Attributes:
        derived: worked out, never written; over `row` and its parts.
        fill: what rows get that were there before the field was; over `row`.
        grade: 1 to 4 (GB/T 43697 with the guide's four steps); None: `DEFAULT_GRADE`.
        lookup: an encrypted field that can be found by equality.
        authority: the source whose value wins in fusion.
        was: its id in the last release.
    """

    id: str
    type: FieldType
    title: Label
    required: bool = False
    unique: bool = False
    default: Const = None
    derived: Expr | None = None
    fill: Expr | None = None
    grade: int | None = None
    protect: Literal["none", "encrypt"] = "none"
    lookup: bool = False
    search: bool = False
    mask: Literal["name", "id", "phone", "address", "bank_card"] | None = None
    authority: str | None = None
    element: str = ""
    standard: str = ""
    unit: Label = NO_LABEL
    crs: int | None = None
    note: Label = NO_LABEL
    was: str | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    @property
    def encrypted(self) -> bool:
        """Whether the database holds only a cipher text of it."""
        return self.protect == "encrypt"

    @property
    def nullable(self) -> bool:
        """Whether it may be empty: neither required nor given a default, nor a list, serial or derived."""
        return not (
            self.required
            or self.default is not None
            or self.derived is not None
            or self.type.kind in ("serial", "codes", "list", "files")
        )


@dataclass(frozen=True, slots=True)
class Part:
    """Child rows read as a list: those of `entity` whose reference `by` is this row."""

    id: str
    entity: str
    by: str
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One way an entity is shared.

    Attributes:
        by: paths of the keys that may be asked with.
        same: answer the rows that share this field with the one asked for.
        rows: which rows are shared at all.
        cursor: the field by which a table is read on.
    """

    id: str
    mode: Mode
    type: Literal["unconditional", "conditional"] | None = None
    condition: Label = NO_LABEL
    reply_days: int | None = None
    by: tuple[str, ...] = ()
    same: str | None = None
    fields: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    rows: Expr | None = None
    cursor: str | None = None
    limits: Limits = NO_LIMITS
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The sharing terms of an entity."""

    type: Literal["unconditional", "conditional", "none"]
    condition: Label = NO_LABEL
    purposes: tuple[str, ...] = ()
    reply_days: int | None = None
    basis: Law | None = None
    services: tuple[Service, ...] = ()
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Sample:
    """A share of the rows, chosen by a keyed digest."""

    rate_permille: int = 1000
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Diversity:
    """At least `min` values of `field` in each group."""

    field: str
    min: int


@dataclass(frozen=True, slots=True)
class Anonymity:
    """At least `k` persons in each group, and l-diversity where given."""

    k: int
    l: Diversity | None = None  # noqa: E741


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """One interface that is opened to the public: rows or aggregates, desensitised as declared."""

    id: str
    kind: Literal["aggregate", "records"]
    fields: tuple[str, ...] = ()
    where: Expr | None = None
    group_by: tuple[str, ...] = ()
    per: dict[str, str] = field(default_factory=dict)
    measures: dict[str, str] = field(default_factory=dict)
    round: dict[str, str] = field(default_factory=dict)
    suppress_below: int | None = None
    transform: dict[str, str] = field(default_factory=dict)
    sample: Sample | None = None
    anonymity: Anonymity | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What of an entity the public may have."""

    type: Literal["none", "conditional", "unconditional"]
    condition: Label = NO_LABEL
    basis: Law | None = None
    interfaces: tuple[Interface, ...] = ()
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Withheld:
    """When reads are not disclosed to the person, and on what basis."""

    when: Expr
    basis: Law


@dataclass(frozen=True, slots=True)
class Disclosure:
    """When a person sees who read the record."""

    default: Literal["immediate", "delayed"] = "immediate"
    withheld: Withheld | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """How often the source changes."""

    cycle: str


@dataclass(frozen=True, slots=True)
class Classify:
    """Where it stands in the catalogue: base or topic category."""

    category: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Partition:
    """Hash partitions by a field."""

    by: str
    parts: int


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a row is kept, counted from a field or from `last_activity` or `created`."""

    time: Duration
    from_: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRule:
    """One quality rule; which attributes are given depends on `rule`.

    Attributes:
        fields: of not_null, unique, in_list.
        field: of range, check_digit, fresh.
        expr: of expr: true where the row is in order.
        to: the source that mends.
    """

    rule: Literal["not_null", "unique", "in_list", "range", "check_digit", "fresh", "expr"]
    id: str = ""
    fields: tuple[str, ...] = ()
    field: str = ""
    min: float | None = None
    max: float | None = None
    kind: str = ""
    within: Duration | None = None
    when: Expr | None = None
    expr: Expr | None = None
    dimension: str = ""
    severity: Severity = "major"
    message: Label = NO_LABEL
    to: str | None = None
    place: Place = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A table of a system."""

    id: str
    title: Label
    key: tuple[str, ...]
    history: History
    fields: tuple[Field, ...]
    share: Share
    open: Opening
    was: str | None = None
    abstract: Label = NO_LABEL
    classify: Classify | None = None
    fused: bool = False
    partition: Partition | None = None
    edited_by: str | None = None
    reference: bool = False
    parts: tuple[Part, ...] = ()
    disclosure: Disclosure = Disclosure()
    update: Update | None = None
    quality: tuple[QualityRule, ...] = ()
    retention: Retention | None = None
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    def field(self, name: str) -> Field | None:
        """A field by id, None where there is none."""
        return next((one for one in self.fields if one.id == name), None)

    def part(self, name: str) -> Part | None:
        """A part by id, None where there is none."""
        return next((one for one in self.parts if one.id == name), None)
