"""A need 需求 that goes up, and what a bureau above may answer."""

from __future__ import annotations

from dataclasses import dataclass

from yiwang.vocabulary.forms import Problem

STATES: dict[str, tuple[str, str]] = {
    "open": ("待答复", "waits for an answer"),
    "met": ("可提供", "can be had"),
    "declined": ("没有此数据", "not to be had"),
}


@dataclass(frozen=True)
class Posted:
    """A need as it was stated here. `items`: names of the items that are wanted."""

    need: str
    title: str
    agency: str
    agency_name: str
    text: str
    items: tuple[str, ...]


def supply_problems(state: str, text: str, *, published: bool) -> tuple[Problem, ...]:
    """What is wrong with an answer; `published`: whether the resource named is one of this node."""
    found: list[Problem] = []
    if state not in ("met", "declined"):
        found.append(Problem("state", "选择答复。", "Choose the answer."))
    if state == "met" and not published:
        found.append(
            Problem(
                "resource",
                "填写本节点已发布资源的编号。",
                "Give the code of a published resource of this node.",
            )
        )
    if len(text.strip()) < 2:
        found.append(Problem("text", "写明说明或理由。", "Say more, or give the reason."))
    return tuple(found)
