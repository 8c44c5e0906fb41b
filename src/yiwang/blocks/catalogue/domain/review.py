"""The way of an entry's text to publication: written, reviewed, cleared for secrecy, published, by different people.

保密审查 before anything is published follows 保守国家秘密法 (2024) Art. 35 and 政府信息公开条例 (2019) Art. 17;
that one person does not check what they wrote is the rule of this module.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from yiwang.blocks.catalogue.domain import errors

Stage = Literal["", "review", "secrecy", "approved"]
Move = Literal["submit", "pass_review", "clear", "return", "recall"]
STAGE_WORDS: dict[Stage, tuple[str, str]] = {
    "": ("编写中", "being written"),
    "review": ("待审核", "under review"),
    "secrecy": ("待保密审查", "under secrecy review"),
    "approved": ("待发布", "ready to publish"),
}
_FROM: dict[Move, tuple[Stage, ...]] = {
    "submit": ("",),
    "pass_review": ("review",),
    "clear": ("secrecy",),
    "return": ("review", "secrecy"),
    "recall": ("review", "secrecy", "approved"),
}


@dataclass(frozen=True)
class Way:
    """Where a text stands and who has had it in hand. Users are account numbers."""

    resource: str
    stage: Stage = ""
    authors: frozenset[int] = frozenset()
    submitted_by: int | None = None
    reviewed_by: int | None = None
    effective_from: datetime | None = None


def decide(
    way: Way, move: Move, by: int, note: str, now: datetime, *, apart: frozenset[int] = frozenset(),
    narrowing: bool = False, notice_days: int = 0,
) -> Way:  # fmt: skip
    """The way after a move. `narrowing`: the text takes something from consumers, who get `notice_days` of notice.

    `apart`: accounts for whom `by` stands in or who stand in for `by`; what they wrote counts as written by `by`.

    Raises: StageWrong, SamePerson (reviewers have not written, and each review is another person's),
        ConclusionMissing (secrecy review and returning need words).
    """
    if way.stage not in _FROM[move]:
        zh, en = STAGE_WORDS[way.stage]
        raise errors.StageWrong(resource=way.resource, stage_zh=zh, stage_en=en)
    checks = move in ("pass_review", "clear") or (move == "return")
    if checks and wrote(way, by, apart):
        raise errors.SamePerson(resource=way.resource)
    if move == "clear" and reviewed(way, by, apart):
        raise errors.SamePerson(resource=way.resource)
    if move in ("clear", "return") and not note.strip():
        raise errors.ConclusionMissing(resource=way.resource)
    match move:
        case "submit":
            return replace(way, stage="review", submitted_by=by, reviewed_by=None, effective_from=None)
        case "pass_review":
            return replace(way, stage="secrecy", reviewed_by=by)
        case "clear":
            start = now + timedelta(days=notice_days) if narrowing else now
            return replace(way, stage="approved", effective_from=start)
        case "return" | "recall":
            return replace(way, stage="", submitted_by=None, reviewed_by=None, effective_from=None)


def wrote(way: Way, by: int, apart: frozenset[int]) -> bool:
    """Whether the text is by this account or one with which it is tied as a deputy."""
    return not way.authors.isdisjoint(apart | {by}) or way.submitted_by in apart | {by}


def reviewed(way: Way, by: int, apart: frozenset[int]) -> bool:
    """Whether the first review was by this account or one with which it is tied as a deputy."""
    return way.reviewed_by in apart | {by}


def check_edit(way: Way) -> None:
    """Whether the text may be written now. Raises: StageWrong, while others have it in hand."""
    if way.stage:
        zh, en = STAGE_WORDS[way.stage]
        raise errors.StageWrong(resource=way.resource, stage_zh=zh, stage_en=en)


def check_publish(way: Way, now: datetime, *, review_required: bool) -> None:
    """Whether the text may be published now. Raises: StageWrong, ReviewMissing, NoticeRunning."""
    if way.stage in ("review", "secrecy"):
        zh, en = STAGE_WORDS[way.stage]
        raise errors.StageWrong(resource=way.resource, stage_zh=zh, stage_en=en)
    if way.stage == "" and review_required:
        raise errors.ReviewMissing(resource=way.resource)
    if way.stage == "approved" and way.effective_from is not None and now < way.effective_from:
        raise errors.NoticeRunning(resource=way.resource, day=way.effective_from.date().isoformat())
