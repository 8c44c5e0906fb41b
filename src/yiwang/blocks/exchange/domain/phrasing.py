"""Kept texts of decisions: placeholders from a closed list, filled from the request that is answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

from yiwang.blocks.exchange.domain.errors import FormInvalid
from yiwang.vocabulary.forms import Problem

PhraseStep = Literal["approve", "return", "refuse", "reject"]
STEPS: Final[tuple[PhraseStep, ...]] = ("approve", "return", "refuse", "reject")
PLACEHOLDERS: Final[dict[str, tuple[str, str]]] = {
    "request": ("申请编号", "number of the request"),
    "resource": ("资源名称", "title of the resource"),
    "consumer": ("申请部门", "requesting agency"),
    "provider": ("提供部门", "providing agency"),
    "purpose": ("用途", "purpose"),
    "date": ("今天的日期", "today's date"),
}
LONGEST: Final = 2000
_PLACE = re.compile(r"\{([^{}]*)\}")


def filled(text: str, facts: Mapping[str, str]) -> str:
    """The text with its placeholders filled; what is unknown stays as it stands."""
    return _PLACE.sub(lambda found: facts.get(found[1], found[0]), text)[:LONGEST]


def check_phrase(step: str, title: str, text: str, basis: str) -> None:
    """Raises: FormInvalid, with every problem."""
    found = []
    if step not in STEPS:
        found.append(Problem("step", "请选择用在哪一步。", "Choose the step it is for."))
    if not 1 <= len(title.strip()) <= 60:
        found.append(Problem("title", "名称须有 1 到 60 个字。", "The name needs 1 to 60 characters."))
    if not text.strip() or len(text) > LONGEST:
        found.append(Problem("text", "正文须有 1 到 2000 个字。", "The text needs 1 to 2,000 characters."))
    unknown = sorted({name for name in _PLACE.findall(text) if name not in PLACEHOLDERS})
    if unknown:
        zh, en = "、".join(unknown), ", ".join(unknown)
        found.append(
            Problem(
                "text",
                f"没有这样的占位：{zh}。可用的见说明。",
                f"There is no placeholder {en}; see the list.",
            )
        )
    if step == "refuse" and not basis.strip():
        found.append(
            Problem(
                "basis",
                "拒绝须写明法律依据和条款。",
                "A refusal has to name its legal basis, with the article.",
            )
        )
    if found:
        raise FormInvalid(tuple(found))
