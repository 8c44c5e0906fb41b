"""News of this node that others are told, in the transaction in which it happens: wired to the blocks below."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from yiwang.blocks.cascade.domain.bodies import DecisionBody, GrantBody
from yiwang.blocks.cascade.domain.compiled import ForeignTerms
from yiwang.blocks.cascade.store.bodies import entry_body
from yiwang.blocks.cascade.store.compiled import store_terms
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.models import Asking, Peer
from yiwang.blocks.cascade.store.outgoing import hops, tell
from yiwang.blocks.catalogue.public import resources_by_code
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import acting


def entry_published(code: str, agency: str, now: datetime) -> None:
    """An entry was published, or its service changed."""
    del agency
    _tell_entry(code, "published", now)


def entry_withdrawn(code: str, agency: str, now: datetime) -> None:
    """An entry left the catalogue."""
    del agency
    _tell_entry(code, "withdrawn", now)


def step_taken(kind: Literal["request", "grant", "mount"], number: str, now: datetime) -> None:
    """A request or a grant took a step; those of other nodes' agencies are told there."""
    if kind == "mount":
        _tell_entry(number, "published", now)
        return
    if not Peer.objects.exists():
        return
    with acting(exchange.SYSTEM):
        if kind == "request":
            _tell_decision(number, now)
        else:
            _tell_grant(number, now)


def _tell_entry(code: str, state: Literal["published", "withdrawn"], now: datetime) -> None:
    if not Peer.objects.exclude(state="left").exists():
        return
    found = resources_by_code({code}).get(code)
    if found is not None and (state == "withdrawn" or found.state == "published"):
        tell("entry", code, entry_body(found, state), now)


def _tell_decision(number: str, now: datetime) -> None:
    asking = Asking.objects.filter(number=number, owner=node()).exclude(origin=node()).first()
    handed = exchange.handing.handed_request(number)
    if asking is None or handed is None:
        return
    asking.state, asking.answer, asking.basis = handed.state, handed.answer, handed.basis
    asking.due, asking.grant, asking.updated_at = handed.due, handed.grant, now
    asking.save()
    body = DecisionBody(
        handed.state, handed.number, handed.answer[:4000], handed.basis[:4000], handed.due, handed.grant
    )
    tell("decision", asking.id, body, now, target=asking.origin)


def _tell_grant(number: str, now: datetime) -> None:
    handed = exchange.handing.handed_grant(number)
    if handed is None:
        return
    asking = Asking.objects.filter(number=handed.request, owner=node()).exclude(origin=node()).first()
    if asking is None:
        return
    store_terms(
        handed.state,
        ForeignTerms(node(), "", hops(asking.origin)[0], handed.provider, number, handed.doc),
    )
    body = GrantBody(
        handed.state, handed.doc, handed.resource_title, handed.provider, handed.provider_name, asking.id,
        handed.reason[:4000],
    )  # fmt: skip
    tell("grant", number, body, now, target=asking.origin)
