"""Requests to other nodes and disputes, as this node knows them, with what the other node says against a step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.identity.public import APPROVER, AUDITOR, DATA_OFFICER, REVIEWER
from yiwang.portal.api.operations import Call, Operation

TRADE = (DATA_OFFICER, APPROVER, REVIEWER, AUDITOR)


@dataclass(frozen=True)
class NodeRequest:
    """A request between nodes. `answer`: what a person wrote; `refusal`: what the owner's node says."""

    id: str
    owner: str
    origin: str
    resource: str
    title: str
    title_en: str
    provider_name: str
    consumer: str
    consumer_name: str
    reason: str
    modes: tuple[str, ...]
    fields: tuple[str, ...]
    state: str
    number: str
    answer: str
    refusal: cascade.NodeRefusal | None
    basis: str
    due: str
    grant: str
    grant_state: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class NodeRequestList:
    """Requests between nodes, the latest 200."""

    rows: tuple[NodeRequest, ...]


@dataclass(frozen=True)
class Dispute:
    """A dispute on a row that was received; which row and what value stays on the page."""

    id: str
    owner: str
    origin: str
    resource: str
    title: str
    title_en: str
    provider: str
    consumer: str
    consumer_name: str
    field: str
    state: str
    answer: str
    refusal: cascade.NodeRefusal | None
    due_at: datetime | None
    days_left: int | None
    escalated_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class DisputeList:
    """Disputes, open ones first; the latest 200."""

    rows: tuple[Dispute, ...]


def _requests(call: Call) -> NodeRequestList:
    return NodeRequestList(tuple(_request(one) for one in cascade.askings(call.actor)))


def _one_request(call: Call) -> NodeRequest:
    return _request(cascade.asking(call.actor, call.place["number"]))


def _disputes(call: Call) -> DisputeList:
    return DisputeList(tuple(_dispute(one) for one in cascade.disputes(call.actor, call.now)))


def _one_dispute(call: Call) -> Dispute:
    return _dispute(cascade.dispute(call.actor, call.place["number"], call.now))


def _request(one: cascade.AskingView) -> NodeRequest:
    return NodeRequest(
        one.id, one.owner, one.origin, one.resource, one.title, one.title_en, one.provider_name, one.consumer,
        one.consumer_name, one.reason, one.modes, one.fields, one.state, one.number, one.answer, cascade.in_both_languages(one.refusal),
        one.basis, one.due, one.grant, one.grant_state, one.created_at, one.updated_at,
    )  # fmt: skip


def _dispute(one: cascade.DisputeView) -> Dispute:
    return Dispute(
        one.id, one.owner, one.origin, one.resource, one.title, one.title_en, one.provider, one.consumer,
        one.consumer_name, one.field, one.state, one.answer, cascade.in_both_languages(one.refusal), one.due_at, one.left,
        one.escalated_at, one.created_at, one.updated_at,
    )  # fmt: skip


OPERATIONS = (
    Operation(
        "listNodeRequests", "GET", "/node-requests", "Requests to and from other nodes.", TRADE, _requests,
        NodeRequestList,
    ),
    Operation(
        "getNodeRequest", "GET", "/node-requests/{number}", "One of them, and what its owner's node says.", TRADE,
        _one_request, NodeRequest,
    ),
    Operation("listDisputes", "GET", "/disputes", "Disputes on rows that were received.", TRADE, _disputes, DisputeList),
    Operation("getDispute", "GET", "/disputes/{number}", "One of them.", TRADE, _one_dispute, Dispute),
)  # fmt: skip
