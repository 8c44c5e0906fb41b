"""The published catalogue: searched as on its page, listed to the last entry, and one entry with its items."""

from __future__ import annotations

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange
from yiwang.portal.api.operations import MOST_PAGE, PAGE, Call, Operation, Parameter

FACETS = tuple(Parameter(name, f"only this {name.replace('_', ' ')}") for name in catalogue.FACETS)
MOST_LISTED = 500


def _narrowed(call: Call) -> dict[str, str]:
    return {name: call.query[name] for name in catalogue.FACETS if call.query.get(name)}


def _search(call: Call) -> exchange.ResourceList:
    return exchange.search_resources(
        call.actor, text=call.query.get("q", "")[:100], narrowed=_narrowed(call),
        page=call.whole("page", 1, 1_000_000), per_page=call.whole("per_page", 20, MOST_PAGE),
    )  # fmt: skip


def _list(call: Call) -> catalogue.Listing:
    return catalogue.listed(
        call.actor, call.query.get("q", "")[:100], _narrowed(call), after=call.query.get("after", "")[:64],
        size=call.whole("size", 100, MOST_LISTED),
    )  # fmt: skip


def _show(call: Call) -> catalogue.ResourceView:
    return catalogue.resource(call.actor, call.place["code"])


OPERATIONS = (
    Operation(
        "searchResources", "GET", "/resources", "Published entries for words, the best first; at most 500 of them.", (),
        _search, exchange.ResourceList,
        query=(Parameter("q", "words, pinyin or the beginning of a code"), *FACETS, *PAGE),
    ),
    Operation(
        "listResources", "GET", "/resources/all", "Every published entry that fits, by code, to the last one.", (), _list,
        catalogue.Listing,
        query=(
            Parameter("q", "words, all of which an entry has, or the beginning of a code"), *FACETS,
            Parameter("after", "what `next` of the page before says"),
            Parameter("size", f"entries a page, at most {MOST_LISTED}", whole=True),
        ),
    ),
    Operation(
        "getResource", "GET", "/resources/{code}", "One entry with its items.", (), _show, catalogue.ResourceView
    ),
)  # fmt: skip
