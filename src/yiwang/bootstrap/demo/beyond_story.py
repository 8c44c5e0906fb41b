"""What the three demo nodes have done with each other: asked, given back, passed up, disputed.

Each step is a process of its own on one node, run by the parent as `python -m yiwang.bootstrap.demo.beyond_story STEP
FOLDER`; a step waits for the news that it builds on.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from yiwang.bootstrap.cli.exchange import acting_officer
from yiwang.bootstrap.identity import use_identity

if TYPE_CHECKING:
    from yiwang.blocks.cascade.public import EntryRow
    from yiwang.blocks.exchange.public import RequestInput
    from yiwang.blocks.identity.public import Actor

PATIENCE_SECONDS = 60.0
FIRM = "91290105MA00000232"
T = TypeVar("T")


class NothingCame(Exception):
    """The news that a step builds on did not come in time."""


def play(city: Path, province: Path, nation: Path) -> None:
    """Every step in its order. Raises: subprocess.CalledProcessError."""
    for step, folder in (
        ("give-back", province), ("ask", city), ("decide", nation), ("dispute", city), ("settle", nation),
    ):  # fmt: skip
        subprocess.run(
            [sys.executable, "-m", "yiwang.bootstrap.demo.beyond_story", step, str(folder)], check=True
        )


def give_back(person: Callable[[str], Actor], now: datetime) -> None:
    """The province gives its enterprises back to the city, whose division is 2901."""
    from yiwang.blocks.cascade import public as cascade

    officer = person("wangmin")
    code = _own_code(officer)
    _awaited(lambda: [one for one in cascade.nodes_below() if one.name == "lanzhou"])
    cascade.offer_return(officer, code, "lanzhou", "登记区划", "2901", now)


def ask(person: Callable[[str], Actor], now: datetime) -> None:
    """The city asks the nation for enterprises and the province for its own rows, and passes a need up."""
    from yiwang.blocks.cascade import public as cascade
    from yiwang.blocks.demand import public as demand

    officer, bureau = person("zhouhang"), person("heqing")
    for owner in ("guojia", "yunze"):
        row = _awaited(partial(_entries, officer, owner))[0]
        if owner == "yunze":
            _awaited(partial(cascade.given_back, owner, row.code))
        cascade.ask(officer, owner, row.code, _wish(), now)
    for found in demand.needs(bureau, now, tab="open").rows[:1]:
        demand.pass_up(bureau, found.id, now)


def decide(person: Callable[[str], Actor], now: datetime) -> None:
    """The nation's bureau passes the request and answers the need; its provider grants."""
    from yiwang.blocks.cascade import public as cascade
    from yiwang.blocks.exchange import public as exchange

    bureau, officer = person("heqing"), person("wangmin")
    row = _awaited(lambda: exchange.review_queue(bureau, now).rows)[0]
    exchange.accept_request(bureau, row.id, now)
    exchange.approve_request(officer, row.id, exchange.Approval(text="同意，用于低保审核。"), now)
    for need in cascade.needs_from_below(bureau)[:1]:
        cascade.supply(bureau, need.id, "met", "可按条件申请全国企业登记信息。", _own_code(officer), now)


def dispute(person: Callable[[str], Actor], now: datetime) -> None:
    """The city finds a value of the nation wrong."""
    from yiwang.blocks.cascade import public as cascade

    officer = person("zhouhang")
    row = _awaited(lambda: [one for one in cascade.entries(officer, owner="guojia").rows if one.grant])[0]
    for field, given, right, reason in (
        ("经营状态", "存续", "注销", "企业已提交注销登记通知书。"),
        ("住所", "澜州市渡江区", "澜州市松岭区", "实地走访，企业已迁址。"),
    ):
        form = cascade.DisputeForm(field, {"统一社会信用代码": FIRM}, given, right, reason)
        cascade.raise_dispute(officer, "guojia", row.code, form, now)


def settle(person: Callable[[str], Actor], now: datetime) -> None:
    """The nation's provider puts one of them right; the other waits."""
    from yiwang.blocks.cascade import public as cascade

    officer = person("wangmin")
    found = _awaited(lambda: [one for one in cascade.disputes(officer, now) if one.field == "经营状态"])[0]
    cascade.answer_dispute(officer, found.id, "accepted", "已核对登记档案，状态已更正。", now, value="注销")


STEPS = {"give-back": give_back, "ask": ask, "decide": decide, "dispute": dispute, "settle": settle}


def main() -> None:
    """Run the step named by the first argument on the node in the folder that follows."""
    step, folder = STEPS[sys.argv[1]], Path(sys.argv[2])
    use_identity(folder)
    with acting_officer(folder, "wangmin"):
        from django.utils import timezone

        from yiwang.blocks.identity.public import actor_for

        step(lambda username: actor_for(username, timezone.now()), timezone.now())


def _entries(officer: Actor, owner: str) -> tuple[EntryRow, ...]:
    from yiwang.blocks.cascade.public import entries

    return entries(officer, owner=owner).rows


def _own_code(officer: Actor) -> str:
    from yiwang.blocks.catalogue.public import search_resources

    return search_resources(officer, mine=True).rows[0].code


def _wish() -> RequestInput:
    from yiwang.blocks.exchange.public import LookupForm, Purpose
    from yiwang.blocks.exchange.public import RequestInput as Wanted

    return Wanted(
        reason="审核低保申请时核对申请人名下的企业。", modes=("query",),
        fields=("统一社会信用代码", "企业名称", "经营状态", "住所"), lookups=(LookupForm("统一社会信用代码"),),
        purposes=(Purpose("item:000111004000", "最低生活保障对象认定"),),
    )  # fmt: skip


def _awaited(look: Callable[[], T]) -> T:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()):
        if time.monotonic() > deadline:
            raise NothingCame
        time.sleep(0.3)
    return found


if __name__ == "__main__":
    main()
