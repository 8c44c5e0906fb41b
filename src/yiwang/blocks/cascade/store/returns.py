"""What a request of another node is bound to, where the resource is given back by division."""

from __future__ import annotations

from dataclasses import replace

from yiwang.blocks.cascade.domain.errors import NotDivided, NotGivenBack
from yiwang.blocks.cascade.domain.returning import Offer, bound
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.news import Return
from yiwang.blocks.exchange.public import RequestInput, RowCondition


def within_division(origin: str, code: str, form: RequestInput) -> RequestInput:
    """The request with the condition of the origin's division beside its own. Raises: NotGivenBack, NotDivided."""
    offers = [
        Offer(row.node, row.field, row.division, row.state)
        for row in Return.objects.filter(owner=node(), resource=code)
    ]
    is_bound, mine = bound(offers, origin)
    if not is_bound:
        return form
    if mine is None:
        raise NotGivenBack(resource=code, node=origin)
    if "file" in form.modes:
        raise NotDivided(resource=code)
    return replace(form, rows=(*form.rows, RowCondition(mine.field, "prefix", mine.division)))
