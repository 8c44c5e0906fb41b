"""Families who are helped in the demo city, with a change and a correction in the history of the first ones."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Final

from yiwang.blocks.identity.public import Actor
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Errand, Wanted
from yiwang.bootstrap.demo.orders import TOWNS

SYSTEM, ENTITY = "social_assistance", "family"
CASE: Final = "DB-2026-0001"
FAMILIES: Final = 24
_STREETS: Final = ("临湖路", "云桥路", "石榴巷", "北岸街", "松岭路")
_STATES: Final = ("active", "active", "active", "active", "draft")


def fill_families(clerk: Actor, now: datetime) -> None:
    """Enter the families once; `clerk` holds the role of a town clerk and answers for a district."""
    district = clerk.region[:6]
    reading = Errand(clerk, purpose="dibao", case=CASE, division=district)
    if registry.records(reading, SYSTEM, ENTITY, Wanted({}, size=1), now).total:
        return
    draw = random.Random(20261129)  # noqa: S311 - invented people
    codes = registry.system_of(SYSTEM).codes
    today = registry.local_day(now)
    for at in range(FAMILIES):
        town = draw.choice(tuple(TOWNS))
        errand = Errand(clerk, purpose="dibao", case=CASE, division=town)
        since = today - timedelta(days=draw.randint(90, 300))
        values: dict[str, object] = {
            "applicant": draw.choice(PEOPLE), "district": district, "town": town,
            "residence": draw.choice(codes["residence_kind"]).code,
            "address": f"澜州市滨江区{draw.choice(_STREETS)} {draw.randint(1, 90)} 号", "phone": f"1380000{at:04}",
            "state": draw.choice(_STATES), "category": draw.choice(codes["assist_category"]).code,
            "need_class": draw.choice(codes["need_class"]).code, "head_count": draw.randint(1, 5),
            "income_month": draw.randint(200, 900) * 100, "amount": draw.randint(30, 90) * 1000,
            "next_review": (today + timedelta(days=draw.randint(-12, 40))).isoformat(), "account": f"62220000{at:08}",
        }  # fmt: skip
        if values["state"] == "draft":
            values["amount"] = 0
        number = registry.create_record(errand, SYSTEM, ENTITY, values, now, since=since)
        if at < 3:
            _go_on(errand, number, since, now)


def _go_on(errand: Errand, number: int, since: date, now: datetime) -> None:
    """What happened to a family later: one person more, and a number of rooms that was read wrongly."""
    later = registry.local_day(now) - timedelta(days=20)
    registry.change_record(
        errand, SYSTEM, ENTITY, number, {"head_count": 4}, now + timedelta(seconds=1), since=later
    )
    registry.change_record(
        errand, SYSTEM, ENTITY, number, {"address": "澜州市滨江区临湖路 77 号"}, now + timedelta(seconds=2), since=since,
        reason="门牌号看错，按户口簿更正",
    )  # fmt: skip


PEOPLE: Final = ("11010519491231002X", "110101199003070011", "440524188001010014")
"""Invented residents whose numbers pass their check digit."""
