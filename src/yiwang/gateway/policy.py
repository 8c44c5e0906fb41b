"""What a grant allows: pure decisions over compiled grants, the request and the clock.

Nothing here touches the network, the database or the system's time; each refusal is its own error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from yiwang.blocks.exchange.domain.compiled import CompiledField, CompiledGrant, Operator
from yiwang.gateway import refusals as r
from yiwang.gateway import values
from yiwang.gateway.checks import checked
from yiwang.gateway.conditions import IN_LIMIT, Condition, Output
from yiwang.gateway.held import HeldGrant
from yiwang.gateway.terms import Terms
from yiwang.vocabulary.envelope import Purpose

Asked = Literal["query", "verify"]
"""Ways of asking about rows."""
Mode = Literal["query", "verify", "file", "changes", "table"]
"""Everything a grant may allow here."""
IsWorkday = Callable[[date], bool]
"""Whether a day is a working day by the calendar in force."""

PERSONS_PER_CALL: Final = 100
"""Rows about natural persons that one answer may hold: each has its commitment in the evidence header."""


class QueryBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The body of a query call."""

    where: dict[str, object]
    fields: list[str] | None = None
    limit: int | None = None
    cursor: str | None = None


class VerifyBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The body of a verify call."""

    subject: dict[str, object]
    claims: dict[str, object]


class QueryPlan(msgspec.Struct, frozen=True):
    """A query that is allowed, ready to become SQL."""

    terms: Terms
    where: tuple[Condition, ...]
    outputs: tuple[Output, ...]
    limit: int
    cursor: str | None


class VerifyPlan(msgspec.Struct, frozen=True):
    """A verification that is allowed. `claims` holds the claimed values in one text for equal values."""

    terms: Terms
    where: tuple[Condition, ...]
    claims: tuple[tuple[CompiledField, str], ...]


def choose(
    candidates: Sequence[HeldGrant],
    asked: str | None,
    purpose: Purpose,
    *,
    mode: Mode | None,
    resource: str,
    now: float,
) -> HeldGrant:
    """The grant that a call runs under, of those that the caller's agency holds on the resource.

    A grant that is not in force, or does not allow this kind of call, is chosen only where no other is, so that the caller
    learns what is wrong with it. `mode`: None where any kind will do.

    Raises:
        GrantNotYours: the grant asked for is none of them.
        ResourceNotFound: the agency holds none: the same answer as for a resource that does not exist.
        GrantAmbiguous: two in force allow this kind of call for the purpose, and none was named.
    """
    if asked is not None:
        for held in candidates:
            if held.grant.id == asked:
                return held
        raise r.GrantNotYours(grant=asked)
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise r.ResourceNotFound(resource=resource)
    ground = purpose.ground
    in_force = [
        held
        for held in candidates
        if held.state == "active" and held.grant.not_before <= now < held.grant.not_after
    ]
    fitting = [held for held in in_force if ground in held.grant.purposes]
    fitting = [held for held in fitting if mode is None or mode in held.grant.modes] or fitting[:1]
    if len(fitting) > 1:
        raise r.GrantAmbiguous(grants=sorted(held.grant.id for held in fitting))
    if fitting:
        return fitting[0]
    if in_force:
        return in_force[0]
    named = [held for held in candidates if ground in held.grant.purposes]
    return max(named or candidates, key=lambda held: held.grant.not_after)


def check_state(grant: CompiledGrant, state: str) -> None:
    """Raises: GrantRevoked, GrantSuspended, GrantExpired for a state other than active."""
    if state == "active":
        return
    if state == "expired":
        raise r.GrantExpired(grant=grant.id, ended=_iso(grant.not_after))
    if state == "suspended":
        raise r.GrantSuspended(grant=grant.id)
    raise r.GrantRevoked(grant=grant.id)


def check_grant(
    terms: Terms,
    mode: Mode,
    purpose: Purpose,
    *,
    now: float,
    zone: str,
    clock: ZoneInfo,
    is_workday: IsWorkday,
) -> None:
    """Whether the grant allows this kind of call at this time for this purpose; `now` in Unix seconds.

    Raises: a Refusal that says which of its terms does not.
    """
    grant = terms.grant
    if now < grant.not_before:
        raise r.GrantNotYet(grant=grant.id, begins=_iso(grant.not_before))
    if now >= grant.not_after:
        raise r.GrantExpired(grant=grant.id, ended=_iso(grant.not_after))
    if grant.zone != zone:
        raise r.WrongZone(grant=grant.id, zone=grant.zone, here=zone)
    if mode not in grant.modes:
        raise r.ModeNotGranted(grant=grant.id, mode=mode, allowed=list(grant.modes))
    if purpose.ground not in terms.purposes:
        raise r.PurposeNotAllowed(purpose=purpose.ground, allowed=sorted(terms.purposes))
    if grant.case_required and purpose.case is None:
        raise r.CaseRequired(grant=grant.id)
    if grant.hours is not None or grant.workdays_only:
        _check_hours(grant, datetime.fromtimestamp(now, clock), is_workday)


def _check_hours(grant: CompiledGrant, local: datetime, is_workday: IsWorkday) -> None:
    if grant.hours is not None:
        begins, ends = grant.hours
        minute = local.hour * 60 + local.minute
        inside = begins <= minute < ends if begins <= ends else minute >= begins or minute < ends
        if not inside:
            raise r.OutsideHours(grant=grant.id, begins=_clock(begins), ends=_clock(ends))
    if grant.workdays_only and not is_workday(local.date()):
        raise r.NotAWorkday(grant=grant.id, day=local.date().isoformat())


def plan_query(terms: Terms, body: QueryBody, today: date) -> QueryPlan:
    """Read a body by the grant; `today` in the node's zone.

    Raises: a Refusal or BadValue that says what the grant or the resource does not allow.
    """
    outputs = _outputs(terms, body.fields)
    where = _conditions(terms, body.where, today)
    _check_required(terms, where)
    most = most_rows(terms)
    limit = most if body.limit is None else body.limit
    if limit > most:
        raise r.RowsTooMany(grant=terms.grant.id, limit=most)
    if limit < 1:
        raise r.ValueInvalid(field="limit", expected="≥ 1")
    return QueryPlan(terms, where, outputs, limit, body.cursor)


def most_rows(terms: Terms) -> int:
    """Rows that one answer may have."""
    most = terms.grant.rows_per_call
    return min(most, PERSONS_PER_CALL) if terms.personal else most


def plan_verify(terms: Terms, body: VerifyBody, today: date) -> VerifyPlan:
    """Read a body by the grant; `today` in the node's zone.

    Raises: a Refusal or BadValue that says what the grant or the resource does not allow.
    """
    if not body.subject or not body.claims:
        raise r.SubjectMissing
    refused = sorted(name for name in body.claims if name not in terms.claims)
    if refused:
        raise r.ClaimNotGranted(grant=terms.grant.id, fields=refused, allowed=sorted(terms.claims))
    for name, value in body.subject.items():
        if isinstance(value, dict):
            field = terms.fields.get(name)
            raise r.ValueInvalid(field=name, expected=field.type if field else "text")
    where = _conditions(terms, body.subject, today)
    _check_required(terms, where)
    claims = tuple(
        (terms.fields[name], values.spoken(values.read(terms.fields[name], value)))
        for name, value in body.claims.items()
    )
    return VerifyPlan(terms, where, claims)


def _outputs(terms: Terms, asked: list[str] | None) -> tuple[Output, ...]:
    if asked is None:
        return tuple(terms.outputs.values())
    refused = [name for name in asked if name not in terms.outputs]
    if refused or not asked:
        raise r.FieldNotGranted(grant=terms.grant.id, fields=refused, allowed=list(terms.outputs))
    return tuple(terms.outputs[name] for name in dict.fromkeys(asked))


def _conditions(terms: Terms, where: dict[str, object], today: date) -> tuple[Condition, ...]:
    refused = sorted(name for name in where if name not in terms.operators)
    if refused:
        raise r.PredicateNotAllowed(grant=terms.grant.id, fields=refused, allowed=sorted(terms.operators))
    found: list[Condition] = []
    for name, value in where.items():
        field = terms.fields[name]
        if not isinstance(value, dict):
            found.append(_condition(terms, field, "eq", value, today))
            continue
        if not value:
            raise r.ValueInvalid(field=name, expected="in / prefix / gte / lte")
        for operator, operand in value.items():
            found.append(_condition(terms, field, operator, operand, today))
    return tuple(found)


def _condition(terms: Terms, field: CompiledField, operator: str, operand: object, today: date) -> Condition:
    allowed = terms.operators[field.name]
    known = _operator(operator)
    if known is None or known not in allowed:
        raise r.OperatorNotAllowed(
            grant=terms.grant.id, field=field.name, operator=str(operator)[:20], allowed=list(allowed)
        )
    if known == "in":
        if not isinstance(operand, list) or not operand:
            raise r.ValueInvalid(field=field.name, expected="[…]")
        if len(operand) > IN_LIMIT:
            raise r.ListTooLong(field=field.name, given=len(operand), limit=IN_LIMIT)
        several = tuple(dict.fromkeys(checked(field, values.read(field, one), today) for one in operand))
        return Condition(field, known, several)
    value = values.read(field, operand)
    if known == "eq":
        value = checked(field, value, today)
    elif known == "prefix" and not (isinstance(value, str) and value):
        raise r.ValueInvalid(field=field.name, expected="text")
    return Condition(field, known, value)


def _check_required(terms: Terms, where: tuple[Condition, ...]) -> None:
    """A call that names no key asks for everybody: only exact values of a required field narrow it.

    Where the grant requires none, data about persons still needs one exact value of some field.
    """
    if any(c.field.name in terms.required and c.operator in ("eq", "in") for c in where):
        return
    if terms.required or (terms.personal and not any(c.operator in ("eq", "in") for c in where)):
        raise r.WhereTooWide(required=sorted(terms.required or terms.operators))


def _operator(name: str) -> Operator | None:
    match name:
        case "eq" | "in" | "prefix" | "gte" | "lte":
            return name
        case _:
            return None


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
