"""Asking again: a grant renewed, a request copied; and several of one's own at once, each in its own transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from yiwang.blocks.exchange.actions.deciding import locked_request, take_step
from yiwang.blocks.exchange.actions.forms import again
from yiwang.blocks.exchange.actions.grants import locked_grant
from yiwang.blocks.exchange.actions.requests import check_may_ask, start_request, submit_request
from yiwang.blocks.exchange.domain import errors, repeating_errors
from yiwang.blocks.exchange.domain import request as decisions
from yiwang.blocks.exchange.domain.grant import allowed_on_grant
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.reach import requests_in_reach, served
from yiwang.blocks.exchange.store.rows import grant_of, person_of, still_served, terms_of
from yiwang.blocks.identity.public import Actor
from yiwang.vocabulary.errors import YwError

MOST_AT_ONCE = 100
"""Grants or drafts that are dealt with together at most."""


@dataclass(frozen=True)
class Repeated:
    """What became of one of several: the request that it led to, and what stood in the way, if anything.

    Both, where a renewal was begun but could not be handed in.
    """

    of: str
    request: str = ""
    refusal: YwError | None = None


@as_actor
def renew_grant(actor: Actor, grant_id: str, now: datetime) -> str:
    """Start a new request with the terms of a grant, as a draft to be handed in; returns its number.

    Items that are no longer served fall away; masks are those of today.

    Raises: GrantUnknown, NotAllowed, RenewalUnderWay, NotMounted, NotShared, FormInvalid.
    """
    row = locked_grant(actor, grant_id)
    if "renew" not in allowed_on_grant(grant_of(row), person_of(actor)):
        raise errors.NotAllowed(needs_zh="申请部门的数据专员", needs_en="a data officer of the consumer")
    going = requests_in_reach(actor).filter(renews=row.id, state__in=decisions.OPEN).first()
    if going is not None:
        raise repeating_errors.RenewalUnderWay(grant=row.id, request=going.id)
    return _ask_again(actor, row.resource, row.terms, row.request.reason, now, renews=row.id)


@as_actor
def copy_request(actor: Actor, request_id: str, now: datetime) -> str:
    """Start a new draft that asks for the same as a request of the own agency; returns its number.

    Items that are no longer served fall away; masks are those of today.

    Raises: RequestUnknown, NotAllowed, NotMounted, NotShared, FormInvalid.
    """
    row = requests_in_reach(actor).filter(pk=request_id, consumer=actor.agency).first()
    if row is None:
        raise errors.RequestUnknown(request=request_id)
    return _ask_again(actor, row.resource, row.terms, row.reason, now, renews=None)


def renew_many(
    actor: Actor, grants: Sequence[str], now: datetime, *, hand_in: bool = False
) -> tuple[Repeated, ...]:
    """Renew each grant in turn, and hand it in where that is asked for; outcomes in the order given.

    Raises: BatchTooLong, before anything is begun.
    """

    def renewed(grant_id: str) -> Repeated:
        request_id = renew_grant(actor, grant_id, now)
        if hand_in:
            try:
                submit_request(actor, request_id, now)
            except YwError as refusal:
                return Repeated(grant_id, request_id, refusal)
        return Repeated(grant_id, request_id)

    return _each(grants, renewed)


def withdraw_drafts(actor: Actor, requests: Sequence[str], now: datetime) -> tuple[Repeated, ...]:
    """Take back drafts, each for itself; what is no draft is left as it is.

    Raises: BatchTooLong, before anything is taken back.
    """

    def taken_back(request_id: str) -> Repeated:
        _withdraw_draft(actor, request_id, now)
        return Repeated(request_id, request_id)

    return _each(requests, taken_back)


@as_actor
def _withdraw_draft(actor: Actor, request_id: str, now: datetime) -> None:
    row = locked_request(actor, request_id, None)
    if row.state != "draft":
        raise repeating_errors.NoDraft(request=row.id)
    take_step(row, decisions.Withdraw(), actor, now)


def _each(numbers: Sequence[str], act: Callable[[str], Repeated]) -> tuple[Repeated, ...]:
    wanted = tuple(dict.fromkeys(numbers))
    if len(wanted) > MOST_AT_ONCE:
        raise errors.BatchTooLong(count=len(wanted), most=MOST_AT_ONCE)
    return tuple(_outcome(number, act) for number in wanted)


def _outcome(number: str, act: Callable[[str], Repeated]) -> Repeated:
    try:
        return act(number)
    except YwError as refusal:
        return Repeated(number, refusal=refusal)


def _ask_again(
    actor: Actor, resource: str, terms: object, reason: str, now: datetime, *, renews: str | None
) -> str:
    entry = check_may_ask(actor, resource)
    service = served({entry.code}).get(entry.code)
    if service is None:
        raise errors.NotMounted(resource=entry.code)
    wish = again(still_served(terms_of(terms), service.items(entry)), reason)
    return start_request(actor, resource, wish, now, renews=renews)
