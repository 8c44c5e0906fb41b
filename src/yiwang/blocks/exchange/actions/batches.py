"""Many requests decided in one sitting: each by the action that decides one, in a transaction of its own.

What a single decision checks (role, agency, own request, state, revision, words) is therefore checked for each, and a
refused one leaves the others as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from yiwang.blocks.exchange.actions.forms import Approval
from yiwang.blocks.exchange.actions.requests import (
    accept_request,
    approve_request,
    refuse_request,
    reject_request,
    return_request,
)
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.identity.public import Actor
from yiwang.vocabulary.errors import YwError

LARGEST = 100
"""Requests that one sitting decides at most: a page that a person can still read."""
Verdict = Literal["accept", "approve", "return", "reject", "refuse"]


@dataclass(frozen=True)
class Ruling:
    """What is decided of one request. `seen` is the revision that the person's page showed."""

    request: str
    seen: int
    verdict: Verdict
    text: str = ""
    basis: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a ruling: done, perhaps with a grant, or the refusal."""

    request: str
    verdict: Verdict
    grant: str | None = None
    refusal: YwError | None = None


def decide_many(actor: Actor, rulings: tuple[Ruling, ...], now: datetime) -> tuple[Outcome, ...]:
    """Decide each request in turn; outcomes in the order given. A refused one is an outcome, not an exception.

    Raises: BatchTooLong, before anything is decided.
    """
    if len(rulings) > LARGEST:
        raise errors.BatchTooLong(count=len(rulings), most=LARGEST)
    return tuple(_one(actor, ruling, now) for ruling in rulings)


def _one(actor: Actor, ruling: Ruling, now: datetime) -> Outcome:
    try:
        return Outcome(ruling.request, ruling.verdict, _take(actor, ruling, now))
    except YwError as refusal:
        return Outcome(ruling.request, ruling.verdict, refusal=refusal)


def _take(actor: Actor, ruling: Ruling, now: datetime) -> str | None:
    number, seen = ruling.request, ruling.seen
    match ruling.verdict:
        case "accept":
            return accept_request(actor, number, now, text=ruling.text, seen=seen)
        case "approve":
            return approve_request(actor, number, Approval(ruling.text), now, seen=seen)
        case "return":
            return_request(actor, number, ruling.text, now, seen=seen)
        case "reject":
            reject_request(actor, number, ruling.text, now, seen=seen)
        case "refuse":
            refuse_request(actor, number, ruling.text, ruling.basis, now, seen=seen)
    return None
