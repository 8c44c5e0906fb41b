"""The bureau passes a need that nothing here meets to the nodes above."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.demand.domain import errors
from yiwang.blocks.demand.domain.need import STATES
from yiwang.blocks.demand.queries.needs import need
from yiwang.blocks.demand.queries.views import NeedView
from yiwang.blocks.exchange.public import as_actor
from yiwang.blocks.identity.public import Actor

_NOT_PASSED = ("draft", "met", "withdrawn")


def passable(view: NeedView) -> bool:
    """Whether a need stands so that it can go up: it was submitted and is still wanted."""
    return view.row.submitted_at is not None and view.row.state not in _NOT_PASSED


@as_actor
def pass_up(actor: Actor, need_id: str, now: datetime) -> str:
    """Pass it; returns its number there. A second time changes nothing.

    Raises: NeedUnknown, NeedStateWrong, and what `cascade.pass_up` raises.
    """
    view = need(actor, need_id, now)
    if not passable(view):
        zh, en = STATES[view.row.state]
        raise errors.NeedStateWrong(
            need=view.row.id, state_zh=zh, state_en=en, step_zh="上报", step_en="passing it up"
        )
    posted = cascade.Posted(
        view.row.id, view.row.title, view.row.agency, view.row.agency_name, view.said.reason,
        tuple(one.name for one in view.said.items),
    )  # fmt: skip
    return cascade.pass_up(actor, posted, now)
