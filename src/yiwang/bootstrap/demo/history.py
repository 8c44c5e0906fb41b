"""Some weeks of exchange before today, written by the gateway's own evidence writer with an earlier clock.

The calls are invented, the log is not: every leaf stands in the tree under signed heads and passes the audit.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity import public as identity
from yiwang.blocks.journal.domain.prepared import Prepared
from yiwang.gateway import item_use
from yiwang.gateway.evidence.signing import KeySigner
from yiwang.gateway.evidence.writer import EvidenceWriter
from yiwang.gateway.request_ids import new_request_id
from yiwang.vocabulary.crypto import FileKeyProvider
from yiwang.vocabulary.working_days import working_calendar

MIDNIGHT = time()
LOG = "gw1"
DAYS = 28
BATCH = 48
REFUSALS = (
    ("purpose-not-allowed", 403),
    ("field-not-granted", 403),
    ("where-too-wide", 403),
    ("value-invalid", 422),
)


@dataclass(frozen=True)
class Caller:
    """A grant and who calls under it."""

    grant: str
    version: int
    resource: str
    consumer: str
    provider: str
    purpose: str
    client: str
    modes: tuple[str, ...]
    since: datetime
    weight: float
    items: tuple[str, ...]


def age_the_key(past: datetime) -> None:
    """The node's first evidence key exists since before the history begins."""
    FileKeyProvider(Path(settings.YW_DATA) / "keys", create=True).signing_key("evidence", past)


def write(calls_a_day: int, now: datetime) -> None:
    """Write `DAYS` days of calls under the grants in force, quiet at night and on days off."""
    callers = _callers(now)
    asyncio.run(_write(sorted(_calls(callers, calls_a_day, now), key=lambda call: call[0]), callers))


def _callers(now: datetime) -> list[Caller]:
    found = []
    for username, weight in (("zhouhang", 1.0), ("sunli", 0.6)):
        actor = identity.actor_for(username, now)
        with identity.acting(actor):
            clients = identity.clients_of_agency(actor.agency)
            for row in exchange.grants(actor, side="consumer"):
                modes = tuple(mode for mode in row.modes if mode in ("query", "verify"))
                if row.state != "active" or not modes:
                    continue  # nobody calls under a grant of whole tables or files
                grant = exchange.grant(actor, row.id, now)
                found.append(
                    Caller(
                        grant.id, grant.version, grant.resource, grant.consumer, grant.provider,
                        grant.purposes[0].code,
                        clients[0], modes, grant.not_before, weight,
                        tuple(field.name for field in grant.terms.fields),
                    )
                )  # fmt: skip
    return found


def _calls(callers: list[Caller], calls_a_day: int, now: datetime) -> Iterator[tuple[datetime, Prepared]]:
    draw = random.Random(2901)  # noqa: S311 - synthetic history, not a secret
    for back in range(DAYS, -1, -1):
        day = (now - timedelta(days=back)).date()
        share = 1.0 if working_calendar().is_workday(day) else 0.12
        for caller in callers:
            for _ in range(int(calls_a_day * share * caller.weight * draw.uniform(0.7, 1.2))):
                minute = min(max(int(draw.gauss(13 * 60, 150)), 7 * 60), 21 * 60)
                at = datetime.combine(day, MIDNIGHT, timezone.get_current_timezone()) + timedelta(
                    minutes=minute, seconds=draw.uniform(0, 60)
                )
                if caller.since <= at < now - timedelta(minutes=2):
                    yield at, _call(draw, caller, at)


def _call(draw: random.Random, caller: Caller, at: datetime) -> Prepared:
    purpose = caller.purpose
    if draw.random() < 0.7:
        purpose += f";case=DB-{at:%Y}-{draw.randrange(10**6):06d}"
    refused = draw.choice(REFUSALS) if draw.random() < 0.013 else None
    mode = draw.choice(caller.modes)
    return Prepared(
        kind="refusal" if refused else ("verify" if mode == "verify" else "query"),
        request_id=new_request_id(int(at.timestamp()) * 1_000_000_000),
        status=refused[1] if refused else 200,
        consumer=caller.consumer,
        client=caller.client,
        provider=caller.provider,
        resource=caller.resource,
        version=1,
        grant=caller.grant,
        grant_version=caller.version,
        purpose=purpose,
        request=draw.randbytes(32).hex(),
        request_alg="sm2-sm3",
        response=draw.randbytes(32).hex(),
        rows=0 if refused else (None if mode == "verify" else 1),
        code=refused[0] if refused else None,
        took_us=int(draw.lognormvariate(9.3, 0.45)),
    )


def _items(calls: list[tuple[datetime, Prepared]], callers: list[Caller]) -> dict[item_use.Place, list[int]]:
    """What the answers held: the first of the granted items always, the last one seldom."""
    draw = random.Random(2902)  # noqa: S311 - synthetic history, not a secret
    granted = {caller.grant: caller.items for caller in callers}
    found: dict[item_use.Place, list[int]] = {}
    for at, call in calls:
        if call.kind == "refusal" or call.grant is None:
            continue
        for place, item in enumerate(granted[call.grant]):
            if draw.random() < 0.7**place:
                key = (
                    timezone.localtime(at).date(), call.consumer or "", call.provider or "", call.resource or "",
                    call.grant, item,
                )  # fmt: skip
                known = found.setdefault(key, [0, 0])
                known[0] += 1
                known[1] += call.rows or 1
    return found


async def _write(calls: list[tuple[datetime, Prepared]], callers: list[Caller]) -> None:
    clock = _Clock()
    provider = FileKeyProvider(Path(settings.YW_DATA) / "keys", create=True)
    writer = EvidenceWriter(
        os.environ["YW_GATEWAY_DATABASE_URL"],
        node=settings.YW_NODE,
        log=LOG,
        signer=KeySigner(provider.signing_key("evidence")),
        subject_key=lambda _period: provider.sealing_key("subjects"),
        high_water=Path(settings.YW_DATA) / "journal",
        clock=clock,
    )
    await writer.start()
    try:
        for start in range(0, len(calls), BATCH):
            batch = calls[start : start + BATCH]
            waiting = []
            for at, prepared in batch:
                clock.now = at
                waiting.append(asyncio.ensure_future(writer.commit(prepared)))
                await asyncio.sleep(0)  # each leaf takes its own time before the batch is built
            await asyncio.gather(*waiting)
    finally:
        await writer.stop()
    if counts := _items(calls, callers):
        await item_use.add(os.environ["YW_GATEWAY_DATABASE_URL"], counts)


class _Clock:
    """Says what it is told: Unix nanoseconds."""

    now: datetime = datetime(2000, 1, 1, tzinfo=UTC)

    def __call__(self) -> int:
        return int(self.now.timestamp() * 1_000_000) * 1000
