"""What departments do with the declared systems of the demo city once it serves: `python -m yiwang.bootstrap.demo.asking`.

They ask for what the systems share and are granted it; their programs call the gateway, people look at records, and
clerks of the register of enterprises go on with their work. Then the figures over all that are counted.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from yiwang.bootstrap.demo.residents import rows as residents
from yiwang.bootstrap.starting import set_up_django
from yiwang.client import Client, GatewayRefused
from yiwang.vocabulary.errors import YwError

if TYPE_CHECKING:
    from yiwang.blocks.registry.public import Errand
    from yiwang.bootstrap.demo.wishes import Wish

GRANTED_SECONDS: Final = 15.0
"""So long at most until the gateway has heard of a new grant."""
MOST: Final = 14
"""Values that a program asks for at most."""
PLACES: Final = ("370100", "370102", "370103", "370202", "110101", "310101", "320102", "330106")


@dataclass(frozen=True)
class Told:
    """The node's folder, its gateway, and a superuser's URL of the departments' databases."""

    folder: str
    gateway: str
    admin: str


def main() -> None:
    """Ask, call, look, work, count."""
    told = Told(**json.load(sys.stdin))
    set_up_django()
    from django.utils import timezone

    from yiwang.blocks.registry.public import count_figures, listed
    from yiwang.bootstrap.demo.capturing import LATER, work
    from yiwang.bootstrap.demo.wishes import WISHES

    now = timezone.now()
    work(told.admin, LATER)
    values: Mapping[str, tuple[str, ...]] = {}
    with _going_on("records"):
        values = _looked(now)
    held: list[tuple[Wish, str, str]] = []
    for wish in WISHES:
        entry = listed(wish.system).get(wish.entity)  # a package may not have come along
        with _going_on(f"{wish.system}, {wish.username}"):
            if entry is not None:
                held.append((wish, entry.resource, _granted(wish, entry.resource, now)))
    for wish, code, key in held:
        file = Path(told.folder) / "clients" / f"{key}.pem"
        with (
            _going_on(f"{wish.system}, {key}"),
            Client(told.gateway, file, trust=Path(told.folder) / "trust.json") as client,
        ):
            _call(client, wish, code, values.get(wish.entity, ()))
    count_figures(timezone.now())


@contextmanager
def _going_on(what: str) -> Iterator[None]:
    """A part that is refused is told, and the others go on."""
    try:
        yield
    except YwError as problem:
        print(f"  {what}: {problem.text('en')}", file=sys.stderr, flush=True)


def _granted(wish: Wish, code: str, now: datetime) -> str:
    """Ask for it and be granted it; the application that will call."""
    from yiwang.blocks.exchange import public as exchange
    from yiwang.blocks.identity.public import clients_of_agency
    from yiwang.bootstrap.demo.tables import acting_as

    form = exchange.RequestInput(
        reason=wish.reason, modes=("query", "verify") if wish.claims else ("query",), fields=wish.fields,
        lookups=(exchange.LookupForm(wish.lookup, ("eq", "in")),), purposes=(wish.purpose,),
        claims=tuple(name for name, _ in wish.claims),
    )  # fmt: skip
    number = acting_as(wish.username, now, lambda actor, at: exchange.create_request(actor, code, form, at))
    acting_as(wish.username, now, lambda actor, at: exchange.submit_request(actor, number, at))
    acting_as("heqing", now, lambda actor, at: exchange.accept_request(actor, number, at, text="要件齐全。"))
    if wish.decides:
        approval = exchange.Approval(text="同意，按申请的用途使用。")
        acting_as(wish.decides, now, lambda actor, at: exchange.approve_request(actor, number, approval, at))
    return acting_as(wish.username, now, lambda actor, _: clients_of_agency(actor.agency)[0])


def _call(client: Client, wish: Wish, code: str, values: tuple[str, ...]) -> None:
    """Each value looked up, every second one compared too, and one question that goes beyond the grant."""
    purpose = wish.purpose.code
    for at, value in enumerate(values[: wish.times]):
        where = {wish.lookup: value}
        _patiently(partial(client.query, code, where=where, limit=20, purpose=purpose))
        if wish.claims and at % 2:
            client.verify(code, subject=where, claims=dict(wish.claims), purpose=purpose)
    for value in values[:1]:
        with suppress(GatewayRefused):
            client.query(code, where={wish.lookup: value}, fields=["_not_granted"], purpose=purpose)


def _patiently(ask: Callable[[], object]) -> None:
    """A grant of this second may not have reached the gateway yet. Raises: ClientError."""
    deadline = time.monotonic() + GRANTED_SECONDS
    while True:
        try:
            ask()
            return
        except GatewayRefused as refused:
            if refused.status != 403 or time.monotonic() > deadline:
                raise
        time.sleep(0.2)


def _looked(now: datetime) -> Mapping[str, tuple[str, ...]]:
    """Records that people of the systems open on their pages; gives the values by which programs ask for them later."""
    from yiwang.blocks.identity.public import actor_for
    from yiwang.blocks.registry import public as registry
    from yiwang.blocks.registry.public import Errand
    from yiwang.bootstrap.demo.families import CASE, ENTITY, SYSTEM

    clerk = actor_for("zhouhang", now)
    families = Errand(clerk, purpose="dibao", case=CASE, division=clerk.region[:6])
    found = registry.records(families, SYSTEM, ENTITY, registry.Wanted({}, size=MOST), now).records
    _open(families, SYSTEM, ENTITY, [one.id for one in found[:6]], now)
    numbers: list[str] = []
    for username in ("heqing", "wangmin", "zhaojing"):
        handling = Errand(actor_for(username, now), purpose="handling", case="RX20260001")
        orders = registry.records(handling, "hotline", "order", registry.Wanted({}, size=MOST), now).records
        _open(handling, "hotline", "order", [one.id for one in orders[:4]], now)
        numbers += [str(one.values["number"]) for one in orders]
    return {
        "family": tuple(str(one.values["number"]) for one in found), "order": tuple(numbers[:MOST]), "division": PLACES,
        "person": tuple(str(row[0]) for row in residents(MOST, date(2026, 1, 1))),
    }  # fmt: skip


def _open(errand: Errand, system: str, entity: str, numbers: list[int], now: datetime) -> None:
    from yiwang.blocks.registry import public as registry

    for number in numbers:
        shown = registry.record(errand, system, entity, number, now)
        registry.note_reading(errand, system, entity, shown, now)


if __name__ == "__main__":
    main()
