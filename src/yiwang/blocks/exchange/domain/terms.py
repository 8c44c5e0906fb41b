"""What a request asks for and a grant allows: fields, look-ups, purposes, limits.

The same frozen value travels from the request through the provider's decision into the compiled grant.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from yiwang.blocks.exchange.domain.compiled import GrantedField, GrantedPredicate, RowCondition
from yiwang.vocabulary.delivering import FREQUENCIES, Frequency, GrantedWay

Mode = Literal["query", "verify", "table", "file"]
LONGEST_DAYS = 365
"""Validity of a grant unless the node's rule says otherwise."""


class Purpose(msgspec.Struct, frozen=True):
    """Why data is used: `item:<service item code>` or `law:<law id>#<article>`, with its name for people."""

    code: str
    title: str
    title_en: str = ""
    """The name in English, where one was given."""


class Delivery(msgspec.Struct, frozen=True):
    """How whole tables are delivered 库表交换: in which ways, and how often at most."""

    ways: tuple[GrantedWay, ...]
    frequency: Frequency


class Terms(msgspec.Struct, frozen=True):
    """Everything asked for. `hours` are minutes of the day; `days` counts from the moment of granting."""

    modes: tuple[Mode, ...]
    fields: tuple[GrantedField, ...]
    predicates: tuple[GrantedPredicate, ...]
    required: tuple[str, ...]
    purposes: tuple[Purpose, ...]
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
    """Of the mode `table` alone."""


def narrower(given: Terms, asked: Terms) -> list[str]:
    """Names of the parts in which `given` goes beyond `asked`; empty when it stays within.

    Masks are not compared here: a decision may add and, with a reason, lift them.
    """
    beyond: list[str] = []
    if set(given.modes) - set(asked.modes):
        beyond.append("modes")
    if {field.name for field in given.fields} - {field.name for field in asked.fields}:
        beyond.append("fields")
    if {purpose.code for purpose in given.purposes} - {purpose.code for purpose in asked.purposes}:
        beyond.append("purposes")
    if set(given.claims) - set(asked.claims):
        beyond.append("claims")
    operators = {predicate.name: set(predicate.operators) for predicate in asked.predicates}
    if any(set(predicate.operators) - operators.get(predicate.name, set()) for predicate in given.predicates):
        beyond.append("predicates")
    if asked.required and (not given.required or set(given.required) - set(asked.required)):
        beyond.append("required")
    if any(condition not in given.rows for condition in asked.rows):
        beyond.append("rows")
    if given.delivery and _more(given.delivery, asked.delivery):
        beyond.append("delivery")
    beyond += [name for name, mine, theirs in _limits(given, asked) if mine > theirs]
    if asked.case_required and not given.case_required:
        beyond.append("case_required")
    if asked.workdays_only and not given.workdays_only:
        beyond.append("workdays_only")
    if asked.hours and not (
        given.hours and asked.hours[0] <= given.hours[0] <= given.hours[1] <= asked.hours[1]
    ):
        beyond.append("hours")
    return beyond


def _more(given: Delivery, asked: Delivery | None) -> bool:
    if asked is None or set(given.ways) - set(asked.ways):
        return True
    return FREQUENCIES.index(given.frequency) > FREQUENCIES.index(asked.frequency)


def _limits(given: Terms, asked: Terms) -> list[tuple[str, int, int]]:
    return [
        ("rows_per_call", given.rows_per_call, asked.rows_per_call),
        ("calls_per_day", given.calls_per_day, asked.calls_per_day),
        ("subjects_per_day", given.subjects_per_day, asked.subjects_per_day),
        ("attempts_per_subject", given.attempts_per_subject, asked.attempts_per_subject),
        ("days", given.days, asked.days),
    ]
