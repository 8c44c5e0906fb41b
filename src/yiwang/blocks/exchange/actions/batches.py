"""Answering many requests in one sitting: each is decided by itself, and what became of each is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from yiwang.blocks.exchange.actions.forms import Approval
from yiwang.blocks.exchange.actions.requests import (
    accept_request,
    approve_request,
    refuse_request,
    reject_request,
    return_request,
)
from yiwang.blocks.exchange.domain.phrasing import filled
from yiwang.blocks.exchange.queries.requests import request as request_view
from yiwang.blocks.identity.public import Actor
from yiwang.vocabulary.errors import YwError

MOST = 100
"""Requests that one sitting answers."""


@dataclass(frozen=True)
class Answer:
    """The same answer to several requests; placeholders in `text` are filled from each of them."""

    step: str
    text: str = ""
    basis: str = ""


@dataclass(frozen=True)
class Chosen:
    """A request as the person saw it: a later revision is not answered, but told."""

    request: str
    seen: int


@dataclass(frozen=True)
class Outcome:
    """What became of one request: a grant, nothing to say, or why it was not answered."""

    request: str
    grant: str | None = None
    problem: YwError | None = None


def answer_many(actor: Actor, chosen: Sequence[Chosen], answer: Answer, now: datetime) -> tuple[Outcome, ...]:
    """Give each the answer, in a transaction of its own: one that fails leaves the others as they are."""
    return tuple(_answered(actor, one, answer, now) for one in chosen[:MOST])


def _answered(actor: Actor, one: Chosen, answer: Answer, now: datetime) -> Outcome:
    try:
        view = request_view(actor, one.request, now)
        text = filled(
            answer.text,
            {
                "request": view.id, "resource": view.resource_title, "consumer": view.consumer_name,
                "provider": view.provider_name, "purpose": "、".join(view.purposes),
                "date": now.astimezone(ZoneInfo(settings.TIME_ZONE)).date().isoformat(),
            },
        )  # fmt: skip
        grant = _step(actor, one, answer, text, now)
    except YwError as problem:
        return Outcome(one.request, problem=problem)
    return Outcome(one.request, grant)


def _step(actor: Actor, one: Chosen, answer: Answer, text: str, now: datetime) -> str | None:
    number, seen = one.request, one.seen
    match answer.step:
        case "accept":
            return accept_request(actor, number, now, text=text, seen=seen)
        case "approve":
            return approve_request(actor, number, Approval(text=text), now, seen=seen)
        case "return":
            return_request(actor, number, text, now, seen=seen)
        case "reject":
            reject_request(actor, number, text, now, seen=seen)
        case "refuse":
            refuse_request(actor, number, text, answer.basis, now, seen=seen)
        case other:
            raise ValueError(f"no answer {other}")
    return None
