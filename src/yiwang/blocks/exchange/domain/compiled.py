"""Grants and mounted resources as a gateway holds them in memory: immutable, versioned, complete.

Stored as JSON in `exchange_compiled_grant` and `exchange_compiled_resource`, each row with the epoch that the
transaction storing evidence compares again.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from yiwang.vocabulary.delivering import Frequency, GrantedWay

Operator = Literal["eq", "in", "prefix", "gte", "lte"]
FieldType = Literal["text", "integer", "decimal", "boolean", "date", "datetime", "json", "binary"]


class CompiledField(msgspec.Struct, frozen=True):
    """One item of a resource: its wire name, the column behind it and how it may be compared."""

    name: str
    column: str
    type: FieldType
    database_type: str
    title: str = ""
    title_en: str = ""
    subject: Literal["person", "organisation"] | None = None
    """Set when a value of this field identifies a natural or a legal person."""
    check: Literal["resident_id", "uscc"] | None = None
    """A check digit rule that a value asked for must satisfy."""


class CompiledSource(msgspec.Struct, frozen=True):
    """An external PostgreSQL database as a gateway connects to it. The password is sealed (base64, SM4-GCM)."""

    id: str
    host: str
    port: int
    database: str
    user: str
    sealed_password: str
    pool_size: int = 4
    timeout_ms: int = 3000


class CompiledResource(msgspec.Struct, frozen=True):
    """A resource mounted on one table or view."""

    code: str
    title: str
    title_en: str
    version: int
    provider: str
    fields: tuple[CompiledField, ...]
    key: tuple[str, ...]
    """Wire names of the declared unique key, in order; empty when there is none, and then paging is refused."""
    schema: str
    relation: str
    source: CompiledSource
    disclosure: Literal["immediate", "delayed", "withheld"] = "immediate"


class GrantedField(msgspec.Struct, frozen=True):
    """A field that the grant lets out, perhaps masked."""

    name: str
    mask: str | None = None
    """Name of a mask of `yiwang.dataplane.masking`, such as `id_number`, `name`, `phone`, `hidden`."""


class GrantedPredicate(msgspec.Struct, frozen=True):
    """A field that a caller may put into `where` (or `subject`), with the operators allowed on it."""

    name: str
    operators: tuple[Operator, ...]


class RowCondition(msgspec.Struct, frozen=True):
    """A fixed condition of the grant: `name operator value`; all conditions hold together."""

    name: str
    operator: Operator
    value: str | int | bool | tuple[str, ...]


class CompiledGrant(msgspec.Struct, frozen=True):
    """Everything a gateway decides by. Times are Unix seconds; `hours` are minutes of the day in the node's zone."""

    id: str
    version: int
    resource: str
    consumer: str
    modes: tuple[Literal["query", "verify", "table", "file", "changes"], ...]
    """`changes`: whole tables may be followed by subscription."""
    fields: tuple[GrantedField, ...]
    predicates: tuple[GrantedPredicate, ...]
    required: tuple[str, ...]
    """Wire names of which at least one must stand in `where` with `eq` or `in`: keeps `where` from harvesting."""
    purposes: tuple[str, ...]
    """Purpose codes (`item:…`, `law:…#…`) without a case number."""
    not_before: int
    not_after: int
    rows: tuple[RowCondition, ...] = ()
    claims: tuple[str, ...] = ()
    """Wire names that `verify` may compare."""
    case_required: bool = False
    rows_per_call: int = 50
    calls_per_day: int = 1000
    subjects_per_day: int = 500
    attempts_per_subject: int = 5
    """Verify calls a day about one subject."""
    hours: tuple[int, int] | None = None
    workdays_only: bool = False
    zone: str = "extranet"
    ways: tuple[GrantedWay, ...] = ()
    """In which whole tables are delivered."""
    frequency: Frequency | None = None
    """How often whole tables are delivered at most; None where they are not."""
