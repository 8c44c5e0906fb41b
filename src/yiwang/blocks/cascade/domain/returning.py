"""Data given back 回流 to the node whose division they are of: its own rows, and no other's.

The rule binds requests at the owner, before anybody decides: a condition on the division is put beside whatever was
asked, and a grant may only be narrower than its request. A resource that is given back to somebody is asked for by
nobody else: silence is no offer. Division codes: GB/T 2260, two digits a level.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from yiwang.vocabulary.forms import Problem

DIVISION = re.compile(r"[1-9]\d(\d{2}){0,2}")


@dataclass(frozen=True)
class Offer:
    """To whom rows are given back, and which."""

    node: str
    field: str
    division: str
    state: str


def problems(
    field: str, division: str, node: str, *, fields: Collection[str], nodes: Collection[str]
) -> tuple[Problem, ...]:
    """What is wrong with an offer. `fields`: items of text that are served; `nodes`: nodes below."""
    found: list[Problem] = []
    if node not in nodes:
        found.append(Problem("node", "选择下级节点。", "Choose a node below."))
    if field not in fields:
        found.append(
            Problem(
                "field", "选择存放行政区划代码的数据项。", "Choose the item that holds the division code."
            )
        )
    if not DIVISION.fullmatch(division):
        found.append(
            Problem(
                "division", "填写行政区划代码的前 2、4 或 6 位，如 2901。",
                "Give the first 2, 4 or 6 digits of the division code, such as 2901.",
            )
        )  # fmt: skip
    return tuple(found)


def bound(offers: Iterable[Offer], origin: str) -> tuple[bool, Offer | None]:
    """Whether a resource with these offers is bound to divisions, and the offer that the node `origin` has."""
    known = list(offers)
    mine = next((one for one in known if one.node == origin and one.state == "offered"), None)
    return bool(known), mine
