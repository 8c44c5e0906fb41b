"""Made-up rows for a question that the terms allow: the same rows for the same question, masked as they would be."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

import msgspec

from yiwang.blocks.exchange.domain.compiled import CompiledField
from yiwang.dataplane.synthetic.rows import row
from yiwang.dataplane.synthetic.values import Shape, Value
from yiwang.gateway import policy, values
from yiwang.gateway.bodies import decode, exact_number
from yiwang.gateway.conditions import Condition
from yiwang.gateway.refusals import CursorInvalid
from yiwang.gateway.terms import Terms

FEW: Final = 23
"""Rows that a question has which names no key: enough to need a second page at the usual limits."""
_QUERY = msgspec.json.Decoder(policy.QueryBody, float_hook=exact_number)
_VERIFY = msgspec.json.Decoder(policy.VerifyBody, float_hook=exact_number)
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Made:
    """An answer and how many rows it has."""

    body: bytes
    rows: int


class _QueryAnswer(msgspec.Struct, frozen=True):
    resource: str
    version: int
    rows: list[dict[str, object]]
    next: str | None
    synthetic: bool = True


class _VerifyAnswer(msgspec.Struct, frozen=True):
    resource: str
    version: int
    claims: dict[str, str]
    synthetic: bool = True


def shapes(fields: Iterable[CompiledField], lengths: Mapping[str, int]) -> tuple[Shape, ...]:
    """Fields as the maker of values knows them."""
    return tuple(Shape(f.name, f.title or f.name, f.type, lengths.get(f.name, 0), f.check) for f in fields)


def example(terms: Terms, lengths: Mapping[str, int]) -> dict[str, Value]:
    """One whole row, unmasked, for documents: not the row of any question."""
    return row(shapes(terms.resource.fields, lengths), terms.resource.code.encode("utf-8"), {})


def query(terms: Terms, lengths: Mapping[str, int], body: bytes, today: date, *, empty: bool) -> Made:
    """The rows of a query. Raises: Refusal, BadCall."""
    asked = decode(_QUERY, body)
    plan = policy.plan_query(terms, asked, today)
    mark = hashlib.sha256(
        json.dumps([terms.grant.id, terms.resource.version, asked.where, asked.fields], default=str).encode()
    ).hexdigest()[:16]
    begin = _taken(plan.cursor, mark) if plan.cursor is not None else 0
    every = [] if empty else _seeds(terms, plan.where)
    chosen = every[begin : begin + plan.limit]
    of = shapes(terms.resource.fields, lengths)
    rows: list[dict[str, object]] = []
    for seed, fixed in chosen:
        made = _fitted(plan.where, row(of, seed, fixed))
        rows.append(
            {
                output.field.name: output.mask(_plain(made[output.field.name]))
                if output.mask is not None
                else made[output.field.name]
                for output in plan.outputs
            }
        )
    end = begin + len(chosen)
    following = _given(end, mark) if end < len(every) else None
    resource = terms.resource
    return Made(_encode(_QueryAnswer(resource.code, resource.version, rows, following)), len(rows))


def verify(terms: Terms, lengths: Mapping[str, int], body: bytes, today: date, *, empty: bool) -> Made:
    """Claims compared with the made-up row that a query for the same subject has. Raises: Refusal, BadCall."""
    asked = decode(_VERIFY, body)
    plan = policy.plan_verify(terms, asked, today)
    seeds = _seeds(terms, plan.where)
    known = len(seeds) == 1 and not empty
    made = row(shapes(terms.resource.fields, lengths), *seeds[0]) if known else {}
    told = {}
    for field, claimed in plan.claims:
        if field.name not in made:
            told[field.name] = "unknown"
        else:
            found = values.spoken(values.read(field, made[field.name]))
            told[field.name] = "match" if found == claimed else "mismatch"
    resource = terms.resource
    return Made(_encode(_VerifyAnswer(resource.code, resource.version, told)), int(known))


def _seeds(terms: Terms, where: tuple[Condition, ...]) -> list[tuple[bytes, dict[str, Value]]]:
    """Seed and fixed values of each row: one for an exact key, one for each value of a list, else a few."""
    exact = {c.field.name: c for c in where if c.operator == "eq"}
    fixed = {name: _wire(c.value) for name, c in exact.items()}
    code = terms.resource.code
    for name in sorted(terms.required & exact.keys()):
        return [(f"{code}\0{name}\0{fixed[name]}".encode(), fixed)]
    for condition in where:
        if condition.operator == "in" and isinstance(condition.value, tuple):
            name = condition.field.name
            return [
                (f"{code}\0{name}\0{_wire(one)}".encode(), fixed | {name: _wire(one)})
                for one in condition.value
            ]
    return [(f"{code}\0{sorted(fixed.items())}\0{number}".encode(), fixed) for number in range(FEW)]


def _fitted(where: tuple[Condition, ...], made: dict[str, Value]) -> dict[str, Value]:
    """The row with values moved inside the ranges and behind the prefixes that were asked for."""
    for condition in where:
        name, wanted = condition.field.name, condition.value
        if isinstance(wanted, tuple) or condition.operator in ("eq", "in"):
            continue
        if condition.operator == "prefix":
            text = str(made[name])
            made[name] = text if text.startswith(str(wanted)) else f"{wanted}{text[len(str(wanted)) :]}"
            continue
        found = values.read(condition.field, made[name])
        outside = _below(found, wanted) if condition.operator == "gte" else _below(wanted, found)
        if outside:
            made[name] = _wire(wanted)
    return made


def _below(one: values.Parameter, other: values.Parameter) -> bool:
    """Whether a value is below another of the same kind."""
    match one, other:
        case (datetime(), datetime()):
            return one < other
        case (date(), date()):
            return one < other
        case (int() | float() | Decimal(), int() | float() | Decimal()):
            return one < other
        case _:
            return str(one) < str(other)


def _wire(value: object) -> Value:
    """A parameter as it stands in JSON."""
    match value:
        case bool() | int() | str():
            return value
        case datetime():
            if value.tzinfo is None:
                return value.isoformat()
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _plain(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _given(offset: int, mark: str) -> str:
    return base64.urlsafe_b64encode(f"{offset}.{mark}".encode()).decode("ascii").rstrip("=")


def _taken(cursor: str, mark: str) -> int:
    """The offset in a cursor of this question. Raises: CursorInvalid."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        raise CursorInvalid from None
    offset, _, given = text.partition(".")
    if given != mark or not offset.isascii() or not offset.isdigit() or len(offset) > 6:
        raise CursorInvalid
    return int(offset)
