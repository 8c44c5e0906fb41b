"""What a need says, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from yiwang.vocabulary.forms import Problem

WantedMode = Literal["query", "verify", "table", "file"]
Freshness = Literal["realtime", "daily", "weekly", "monthly", "yearly", "once"]
Urgency = Literal["normal", "urgent"]
MODES: tuple[WantedMode, ...] = ("query", "verify", "table", "file")
FRESHNESS: tuple[Freshness, ...] = ("realtime", "daily", "weekly", "monthly", "yearly", "once")
LONGEST_TITLE, LONGEST_TEXT, MOST_ITEMS, MOST_VOLUME = 100, 2000, 40, 10_000_000


@dataclass(frozen=True)
class WantedItem:
    """A datum that is wanted: its name, what it means, its type (a code of the catalogue, "" when it is open)."""

    name: str
    meaning: str = ""
    type: str = ""


@dataclass(frozen=True)
class Statement:
    """A need as a person fills it.

    `purpose` is `item:<code>` or `law:<id>#<article>`, `cases` the kinds of case, `coverage` a region or a range in
    words, `calls_per_day` the expected volume. Post and telephone are for the parties alone.
    """

    title: str
    reason: str
    purpose: str
    purpose_title: str
    items: tuple[WantedItem, ...]
    cases: str = ""
    subjects: tuple[str, ...] = ()
    coverage: str = ""
    modes: tuple[WantedMode, ...] = ("query",)
    freshness: Freshness = "daily"
    calls_per_day: int = 100
    wanted_by: date | None = None
    urgency: Urgency = "normal"
    contact_post: str = ""
    contact_phone: str = ""


def problems(said: Statement, today: date) -> tuple[Problem, ...]:
    """Everything that is wrong with a need, each with where it stands."""
    found = []
    if not said.title.strip() or len(said.title) > LONGEST_TITLE:
        found.append(
            Problem("title", "用 1 到 100 个字说明要什么数据。", "Say in 1 to 100 characters what is needed.")
        )
    if not said.reason.strip() or len(said.reason) > LONGEST_TEXT:
        found.append(
            Problem("reason", "说明办什么事、为什么需要。", "Say what work it is for and why it is needed.")
        )
    if not said.purpose.startswith(("item:", "law:")) or not said.purpose_title.strip():
        found.append(
            Problem(
                "purpose",
                "写明用途：事项编码和名称，或法律条款。",
                "Name the purpose: a service item or a law.",
            )
        )
    names = [item.name.strip() for item in said.items]
    if not names or not all(names) or len(names) > MOST_ITEMS:
        found.append(Problem("items", "至少写一个数据项，最多 40 个。", "Name 1 to 40 items."))
    if len(set(names)) < len(names):
        found.append(Problem("items", "数据项有重名。", "Two items have the same name."))
    if not said.modes:
        found.append(Problem("modes", "至少选一种使用方式。", "Choose at least one way of use."))
    if not 1 <= said.calls_per_day <= MOST_VOLUME:
        found.append(
            Problem("calls_per_day", "每日次数为 1 到 10,000,000。", "Calls a day are 1 to 10,000,000.")
        )
    if said.wanted_by is not None and said.wanted_by < today:
        found.append(Problem("wanted_by", "期望日期不能早于今天。", "The day cannot be in the past."))
    return tuple(found)
