"""A declared system as the registry runs it: compiled from its package, stored with it, read by pages and interfaces.

Nothing here is worked out anew at run time: expressions are SQL already, references are the columns that hold the
other record's key, and access is the list of rules that the views were made of.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from yiwang.blocks.registry.domain.figures.declared import Figure
from yiwang.blocks.registry.domain.labels import Label
from yiwang.blocks.registry.domain.layout import LOOKUP, AccessRule, Column, History, Table, Worked

Kind = Literal[
    "text", "long_text", "integer", "boolean", "date", "datetime", "money", "decimal", "duration", "code", "codes",
    "ref", "serial", "division", "period", "address", "point", "geometry", "phone", "resident_id", "uscc", "org", "user",
    "file", "files", "signature", "resource", "evidence", "list",
]  # fmt: skip
ViewKind = Literal["list", "detail", "map", "calendar", "board", "chart", "timeline"]


class Code(msgspec.Struct, frozen=True):
    """An entry of a code list, with the days on which it is in force (ISO dates, the last not included)."""

    code: str
    label: Label
    since: str | None = None
    until: str | None = None
    successor: str | None = None
    parent: str | None = None


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field of an entity.

    Attributes:
        argument: of the type: length, code list, entity, level or pattern.
        columns: the columns that hold it: one, but for a reference to a record with several keys.
        scale: digits after the point of a decimal.
        default: plain value put in where none is given.
        derived: SQL over `row` of the view; such a field is never written.
        worked: SQL over `row` of the table, by which the view works a derived field out with the owner's rights;
            `derived` is then only the view's column.
        types: types of the columns where they are not those of the kind: of a reference, those of the other's key.
        sealed_as: place that encrypted values are bound to, where the field or its table has got another name since.
        fill: SQL over `row` of the table for rows that were there before the field was.
        grade: 1 to 4 (GB/T 43697 with the guide's four steps).
        target: of a reference: (system, entity).
    """

    id: str
    title: Label
    kind: Kind
    argument: str = ""
    columns: tuple[str, ...]
    scale: int = 0
    required: bool = False
    default: str | int | float | bool | list[str] | None = None
    derived: str | None = None
    grade: int = 1
    encrypted: bool = False
    lookup: bool = False
    search: bool = False
    mask: str | None = None
    unit: str = ""
    unit_en: str = ""
    note: str = ""
    note_en: str = ""
    source: str = ""
    target: tuple[str, str] | None = None
    worked: str | None = None
    types: tuple[str, ...] = ()
    sealed_as: str = ""
    fill: str | None = None
    unique: bool = False
    authority: str = ""
    element: str = ""
    standard: str = ""

    def place(self, system: str, entity: str) -> str:
        """What encrypted values of the field are bound to."""
        return self.sealed_as or f"{system}.{entity}.{self.id}"

    def stored_types(self) -> tuple[str, ...]:
        """The type of each column that holds it."""
        if self.encrypted:
            return ("bytea",)
        return self.types or (sql_type(self),) * len(self.columns)


def stored_columns(field: Field) -> tuple[str, ...]:
    """The columns that hold a field, and the one of its digests where equal values can be found."""
    if field.encrypted and field.lookup:
        return (*field.columns, *(LOOKUP + column for column in field.columns))
    return field.columns


class Part(msgspec.Struct, frozen=True):
    """Child records: those of `entity` whose reference `by` is this record."""

    id: str
    entity: str
    by: str


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """An access rule, in the form that is stored."""

    roles: tuple[str, ...]
    purposes: tuple[str, ...] = ()
    verbs: tuple[Literal["read", "write", "export"], ...]
    rows: str | None = None
    fields: tuple[str, ...] | None = None
    open_case: bool = False
    masked: bool = False


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A way to look at an entity's records.

    Attributes:
        of: what it is about as declared: the entity, `case(x)`, `clock(x)` or `indicator(x)`.
        columns: fields, or paths through references such as `parent.name`.
        where: SQL over `row` of the view.
        by: field that a map, calendar or timeline is arranged by.
        measure: indicator that a map or chart shows.
    """

    id: str
    title: Label
    kind: ViewKind
    columns: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    where: str | None = None
    by: str | None = None
    roles: tuple[str, ...] = ()
    of: str = ""
    sort: tuple[str, ...] = ()
    tabs: tuple[str, ...] = ()
    lanes: tuple[str, ...] = ()
    measure: str | None = None
    show: tuple[str, ...] = ()


class Truth(msgspec.Struct, frozen=True):
    """A condition over `row`: as declared, and in the SQL of both engines (DuckDB None where it has none)."""

    cel: str
    postgres: str
    duckdb: str | None = None


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """A quality rule as declared.

    Attributes:
        rule: not_null, unique, in_list, range, check_digit, fresh or expr.
        kind: of a check_digit.
        within: of fresh: a duration such as `2d`.
        to: the source that mends.
    """

    id: str
    rule: str
    fields: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    kind: str = ""
    within: str = ""
    when: Truth | None = None
    expr: Truth | None = None
    dimension: str = ""
    severity: str = "major"
    message: str = ""
    message_en: str = ""
    to: str = ""


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """What of an entity is shared, and how: the mount that the declaration gives it. `rows` is SQL over `row`."""

    id: str
    mode: Literal["query", "verify", "table", "file", "ask"]
    share_type: str
    condition: str = ""
    condition_en: str = ""
    by: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    rows: str | None = None
    subjects_per_day: int = 0
    attempts_per_subject: int = 0
    claims: tuple[str, ...] = ()
    same: str | None = None
    cursor: str | None = None
    reply_days: int = 0


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """A declared entity with its table."""

    id: str
    title: Label
    abstract: str = ""
    abstract_en: str = ""
    key: tuple[str, ...]
    history: History
    fields: tuple[Field, ...]
    parts: tuple[Part, ...] = ()
    rules: tuple[Rule, ...] = ()
    services: tuple[Service, ...] = ()
    share_type: str = "none"
    share_condition: str = ""
    share_condition_en: str = ""
    share_basis: str = ""
    classification: str = ""
    update_cycle: str = ""
    disclosure: str = "immediate"
    disclosure_basis: str = ""
    fused: bool = False
    reference: bool = False
    partition: int = 0
    indexes: tuple[tuple[str, ...], ...] = ()
    checks: tuple[Check, ...] = ()
    purposes: tuple[str, ...] = ()
    reply_days: int = 0
    open_type: str = "none"
    open_condition: str = ""
    open_condition_en: str = ""
    topic: str = ""
    edited_by: str = ""
    retention: tuple[str, str] | None = None

    def field(self, name: str) -> Field:
        """A field by id. Raises: KeyError."""
        for one in self.fields:
            if one.id == name:
                return one
        raise KeyError(name)

    def table(self, system: str) -> Table:
        """Its physical form."""
        columns = [
            Column(
                column,
                kind,
                field.required and field.derived is None,
                field.encrypted,
                field.lookup and field.encrypted,
                mask_of(field.mask),
            )
            for field in self.fields
            if field.derived is None
            for column, kind in zip(field.columns, field.stored_types(), strict=True)
        ]
        worked = tuple(
            Worked(field.columns[0], sql_type(field), field.worked)
            for field in self.fields
            if field.worked is not None
        )
        key = tuple(column for name in self.key for column in self.field(name).columns)
        unique = tuple(c for field in self.fields if field.unique for c in field.columns)
        return Table(
            schema_of(system), self.id, self.history, tuple(columns), key, self.partition, self.indexes, worked,
            unique,
        )  # fmt: skip

    def access(self) -> tuple[AccessRule, ...]:
        """Its rules as the views are made of them: named fields become columns."""
        return tuple(
            AccessRule(
                rule.roles, rule.purposes, frozenset(rule.verbs), rule.rows,
                None if rule.fields is None
                else frozenset(c for f in self.fields if f.id in rule.fields for c in f.columns),
                rule.open_case, rule.masked,
            )
            for rule in self.rules
        )  # fmt: skip


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A role of a system; `line` and `levels` say in agencies of which kind it can be held."""

    id: str
    title: Label
    line: str = ""
    levels: tuple[str, ...] = ()
    apart_from: tuple[str, ...] = ()


class System(msgspec.Struct, frozen=True, kw_only=True):
    """A declared system."""

    id: str
    title: Label
    version: str
    owner: str
    zone: str = ""
    grade: int = 2
    scope: tuple[str, ...] = ()
    entities: tuple[Entity, ...]
    roles: tuple[Role, ...] = ()
    views: tuple[tuple[str, tuple[View, ...]], ...] = ()
    codes: dict[str, tuple[Code, ...]] = {}
    purposes: tuple[str, ...] = ()
    purpose_titles: dict[str, Label] = {}
    figures: tuple[Figure, ...] = ()
    stories: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    place: str = ""
    lists: dict[str, Label] = {}

    def entity(self, name: str) -> Entity:
        """An entity by id. Raises: KeyError."""
        for one in self.entities:
            if one.id == name:
                return one
        raise KeyError(name)


def schema_of(system: str) -> str:
    """The schema of a system's tables."""
    return f"sys_{system}"


def mask_of(declared: str | None) -> str:
    """The data plane's name of a mask that a package names; empty where none is."""
    return _MASKS.get(declared or "", declared or "")


_MASKS = {"id": "id_number", "bank_card": "bank_account"}
_SQL: dict[str, str] = {
    "integer": "bigint", "boolean": "boolean", "date": "date", "datetime": "timestamptz", "money": "bigint",
    "codes": "text[]", "files": "text[]", "list": "text[]", "point": "point", "geometry": "jsonb", "user": "bigint",
}  # fmt: skip


def sql_type(field: Field) -> str:
    """The column type of a field that is not encrypted."""
    if field.kind == "decimal":
        precision = field.argument.split(",")[0] if field.argument else "38"
        return f"numeric({precision},{field.scale})"
    return _SQL.get(field.kind, "text")
