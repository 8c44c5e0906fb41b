"""What people hand in: plain frozen values from pages and commands, checked by the actions that take them."""

from __future__ import annotations

from dataclasses import dataclass

from yiwang.blocks.exchange.domain.compiled import Operator, RowCondition
from yiwang.blocks.exchange.domain.mount import ColumnMap
from yiwang.blocks.exchange.domain.terms import LONGEST_DAYS, Delivery, Mode, Purpose, Terms


@dataclass(frozen=True)
class SourceForm:
    """An external database. An empty password, when editing, keeps the old one."""

    name: str
    host: str
    database: str
    user: str
    password: str
    port: int = 5432
    connect_timeout_ms: int = 3000
    timeout_ms: int = 3000
    pool_size: int = 4
    accept_writable: bool = False
    """The officer has read that the role can write and takes it on."""


@dataclass(frozen=True)
class MountForm:
    """Where a resource lives. `key` are wire names of a declared unique key, empty for none (no paging)."""

    resource: str
    source: str
    schema: str
    relation: str
    columns: tuple[ColumnMap, ...]
    key: tuple[str, ...] = ()
    modes: tuple[Mode, ...] = ("query", "verify")
    disclosure: str = "immediate"
    disclosure_basis: str = ""


@dataclass(frozen=True)
class LookupForm:
    """A field that the consumer wants to look up by."""

    name: str
    operators: tuple[Operator, ...] = ("eq",)


@dataclass(frozen=True)
class RequestInput:
    """A request as the consumer fills it. Masks are not asked for: items bring theirs."""

    reason: str
    modes: tuple[Mode, ...]
    fields: tuple[str, ...]
    lookups: tuple[LookupForm, ...]
    purposes: tuple[Purpose, ...]
    required: tuple[str, ...] = ()
    """Look-ups of which each call must give at least one; empty: the resource's key and subject fields."""
    claims: tuple[str, ...] = ()
    rows: tuple[RowCondition, ...] = ()
    case_required: bool = False
    rows_per_call: int = 50
    calls_per_day: int = 1000
    subjects_per_day: int = 500
    attempts_per_subject: int = 5
    hours: tuple[int, int] | None = None
    workdays_only: bool = False
    days: int = LONGEST_DAYS
    delivery: Delivery | None = None
    """How whole tables are wanted; needed with the mode `table`."""


@dataclass(frozen=True)
class Approval:
    """The provider's yes. `terms` narrows the request; `mask_reason` is needed where it lifts a mask."""

    text: str = ""
    terms: Terms | None = None
    mask_reason: str = ""


def again(terms: Terms, reason: str) -> RequestInput:
    """The request that asks for these terms once more."""
    return RequestInput(
        reason=reason, modes=terms.modes, fields=tuple(field.name for field in terms.fields),
        lookups=tuple(LookupForm(p.name, p.operators) for p in terms.predicates), purposes=terms.purposes,
        required=terms.required, claims=terms.claims, rows=terms.rows, case_required=terms.case_required,
        rows_per_call=terms.rows_per_call, calls_per_day=terms.calls_per_day,
        subjects_per_day=terms.subjects_per_day, attempts_per_subject=terms.attempts_per_subject,
        hours=terms.hours, workdays_only=terms.workdays_only, days=terms.days,
        delivery=terms.delivery,
    )  # fmt: skip
