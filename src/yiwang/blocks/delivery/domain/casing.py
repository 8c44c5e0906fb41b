"""The case that a job reads for: said when it is made, sent with every call, kept in the evidence of every run."""

from __future__ import annotations

from yiwang.vocabulary.envelope.errors import PurposeMalformed
from yiwang.vocabulary.envelope.purpose import Purpose
from yiwang.vocabulary.forms import Problem


def purpose_of(ground: str, case: str) -> str:
    """A purpose as a leaf has it."""
    return f"{ground};case={case}" if case else ground


def case_problems(case: str, ground: str, *, required: bool) -> list[Problem]:
    """What is wrong with a case number, as a gateway judges it with each call."""
    if not case:
        wrong = Problem("case", "授权要求写明办件编号。", "The grant asks for a case number with each use.")
        return [wrong] if required else []
    try:
        if Purpose.parse(purpose_of(ground, case)).case == case:
            return []
    except PurposeMalformed:
        pass
    return [
        Problem(
            "case", "办件编号最多 100 个字符，不含分号和换行。",
            "A case number has at most 100 characters, without semicolons and line breaks.",
        )
    ]  # fmt: skip
