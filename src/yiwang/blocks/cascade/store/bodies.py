"""Our own agencies and entries as events tell of them."""

from __future__ import annotations

from typing import Literal

from yiwang.blocks.cascade.domain.bodies import AgencyBody, EntryBody, ItemBody
from yiwang.blocks.catalogue.public import ResourceView
from yiwang.blocks.exchange.public import handing
from yiwang.blocks.organisation.public import AgencyFacts

MOST_ITEMS = 400
"""Items of an entry that travel: an event stays well below its limit."""


def agency_body(facts: AgencyFacts) -> AgencyBody:
    """An agency of this node."""
    return AgencyBody(facts.name_zh, facts.name_en, facts.short_zh, facts.short_en, facts.active)


def entry_body(resource: ResourceView, state: Literal["published", "withdrawn"] = "published") -> EntryBody:
    """A published entry, with which of its items are served."""
    facts, modes = handing.handed_items(resource)
    served = {one.name: one for one in facts}
    items = []
    for item in resource.items[:MOST_ITEMS]:
        one = served.get(item.wire)
        items.append(
            ItemBody(
                name=item.wire, title=item.title, title_en=item.title_en, type=item.type,
                operators=one.operators if one else (), narrows=bool(one and one.narrows), served=one is not None,
                sensitive=bool(one and one.sensitive), mask=one.mask if one else item.mask,
            )
        )  # fmt: skip
    return EntryBody(
        title=resource.title, provider=resource.provider, provider_name=resource.provider_name,
        version=resource.version, state=state, title_en=resource.title_en, summary=resource.summary[:3000],
        summary_en=resource.summary_en[:3000], share_type=resource.share_type,
        share_condition=resource.share_condition[:2000], update_cycle=resource.update_cycle, modes=modes,
        items=tuple(items),
    )  # fmt: skip
