"""A need that no resource of the city meets is passed up by its bureau; a bureau above answers it."""

from __future__ import annotations

from datetime import UTC, datetime

from yiwang.blocks.cascade.domain.bodies import NeedBody, SupplyBody
from yiwang.blocks.cascade.domain.errors import (
    AskingInvalid,
    AskingStateWrong,
    CascadeNotAllowed,
    NeedUnknown,
    NodeUnknown,
)
from yiwang.blocks.cascade.domain.needing import STATES, Posted, supply_problems
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.models import Peer
from yiwang.blocks.cascade.store.news import Need
from yiwang.blocks.cascade.store.outgoing import event, put, tell
from yiwang.blocks.catalogue.public import resources_by_code
from yiwang.blocks.exchange.public import as_actor
from yiwang.blocks.identity.public import REVIEWER, Actor
from yiwang.blocks.journal.public import record_event


@as_actor
def pass_up(actor: Actor, posted: Posted, now: datetime) -> str:
    """The bureau passes a need to the nodes above; returns its number there. A second time changes nothing.

    Raises: CascadeNotAllowed; NodeUnknown, where no node is above.
    """
    _bureau(actor)
    parents = list(
        Peer.objects.filter(relation="parent").exclude(state="left").values_list("name", flat=True)
    )
    if not parents:
        raise NodeUnknown(node="")
    number = f"{node()}-{posted.need}"
    _, new = Need.objects.get_or_create(
        id=number,
        defaults={
            "origin": node(), "need": posted.need, "title": posted.title, "agency": posted.agency,
            "agency_name": posted.agency_name, "text": posted.text, "items": list(posted.items), "state": "open",
            "created_at": now, "updated_at": now,
        },
    )  # fmt: skip
    if new:
        body = NeedBody(
            need=posted.need, title=posted.title[:200], agency=posted.agency, agency_name=posted.agency_name[:200],
            text=posted.text[:4000], items=tuple(one[:200] for one in posted.items[:100]),
            stated_at=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )  # fmt: skip
        put(event("need", number, body, now), parents)
        record_event("need-passed-up", now, consumer=posted.agency, detail={"need": posted.need})
    return number


@as_actor
def supply(actor: Actor, number: str, state: str, text: str, resource: str, now: datetime) -> None:
    """A bureau above answers: a resource of this node meets the need, or nothing does, with the reason.

    Raises: CascadeNotAllowed, NeedUnknown, AskingStateWrong, AskingInvalid, NodeUnknown.
    """
    _bureau(actor)
    row = Need.objects.select_for_update().filter(pk=number).exclude(origin=node()).first()
    if row is None:
        raise NeedUnknown(need=number[:100])
    if row.state != "open":
        zh, en = STATES[row.state]
        raise AskingStateWrong(number=number, state_zh=zh, state_en=en, step_zh="答复", step_en="answered")
    found = resources_by_code({resource}).get(resource) if resource else None
    if wrong := supply_problems(state, text, published=found is not None and found.state == "published"):
        raise AskingInvalid(wrong)
    met = state == "met"
    row.state, row.answer, row.resource = state, text.strip(), resource if met else ""
    row.answered_at_node, row.answered_by, row.updated_at = node(), actor.signature(REVIEWER), now
    row.save()
    body = SupplyBody("met" if met else "declined", row.answer[:4000], row.answered_by, row.resource)
    tell("supply", number, body, now, target=row.origin)
    record_event(
        f"need-{state}-above", now, consumer=row.agency, resource=row.resource, detail={"need": number}
    )


def _bureau(actor: Actor) -> None:
    if not actor.has(REVIEWER):
        raise CascadeNotAllowed(needs_zh="数据主管部门的审查员", needs_en="a reviewer of the data bureau")
