"""What the catalogue has for a need: entries by words, items and duties, ranked with reasons."""

from __future__ import annotations

from collections.abc import Iterable

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.demand.domain.matching import Known, Match, Words, ranked
from yiwang.blocks.demand.domain.stating import Statement
from yiwang.blocks.exchange.public import as_actor
from yiwang.blocks.identity.public import Actor

ITEMS_SEARCHED = 8
"""Items of a need that are looked for one by one."""
PER_TITLE, PER_ITEM = 20, 10
MOST_WORDS = 60


@as_actor
def matches(actor: Actor, said: Statement) -> tuple[Match, ...]:
    """Published entries of other agencies that come near the need, the best first."""
    return matches_for(actor, said)


def matches_for(actor: Actor, said: Statement) -> tuple[Match, ...]:
    """As `matches`, within the caller's transaction."""
    wanted = words_of(said)
    if not wanted.all:
        return ()
    texts = [(said.title, PER_TITLE), *((item.name, PER_ITEM) for item in said.items[:ITEMS_SEARCHED])]
    texts += [(word, PER_ITEM) for word in sorted(wanted.title)[:ITEMS_SEARCHED]]
    codes: dict[str, None] = {}
    for text, most in texts:
        if text.strip():
            codes |= dict.fromkeys(row.code for row in catalogue.find(actor, text, per_page=most).rows)
    codes |= dict.fromkeys(catalogue.duties_about(actor, sorted(wanted.title)))
    entries = catalogue.resources_by_code(set(codes))
    known = (
        _known(one) for one in entries.values() if one.provider != actor.agency and one.state == "published"
    )
    return ranked(wanted, known)


def words_of(said: Statement) -> Words:
    """The words of a need; words that say nothing (数据, 信息) are left out."""
    title = _telling(said.title)
    items = tuple((item.name.strip(), _telling(item.name)) for item in said.items if item.name.strip())
    everything = title.union(
        *(words for _, words in items), _telling(said.reason), _telling(said.purpose_title)
    )
    return Words(title, items, frozenset(sorted(everything)[:MOST_WORDS]))


def _known(one: catalogue.ResourceView) -> Known:
    items = tuple((item.title, _telling(item.title)) for item in one.items)
    return Known(
        one.code, one.title, one.provider, one.provider_name, _telling(f"{one.title} {one.summary}"), items,
        one.duty, _telling(one.duty),
    )  # fmt: skip


def _telling(*texts: str) -> frozenset[str]:
    found: Iterable[str] = (word for text in texts for word in catalogue.words(text))
    return frozenset(word for word in found if word not in catalogue.WEAK)
