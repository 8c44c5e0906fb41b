"""Finds which items of a batch may not be stored, and why, by asking the database about each of their claims.

Only runs when the statement refused the batch, or for an item that is under suspicion after such a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from yiwang.blocks.journal.domain.errors import (
    AttemptsExhausted,
    ClientChanged,
    CommitRefused,
    GrantChanged,
    LeaseLost,
    NonceReplayed,
    QuotaExhausted,
    RequestBeforeFloor,
    SubjectsExhausted,
)
from yiwang.blocks.journal.domain.prepared import Charge
from yiwang.gateway.evidence import statement
from yiwang.gateway.evidence.batch import Item

Row = Sequence[object]


class Asker(Protocol):
    """A connection that can be asked."""

    async def fetch(self, query: str, *args: object) -> Iterable[Row]:
        """The rows of a query."""


async def holds_lease(connection: Asker, log: str, term: int) -> bool:
    """Whether the term is still the one of the log's lease."""
    return [row[0] for row in await connection.fetch(statement.LEASE, log)] == [term]


async def examine(connection: Asker, log: str, term: int, items: Sequence[Item]) -> dict[Item, CommitRefused]:
    """The items that must be dropped. Items count in their order: who comes last finds the quota used up."""
    if not await holds_lease(connection, log, term):
        return {item: LeaseLost(log=log) for item in items}
    dropped: dict[Item, CommitRefused] = {}
    await _nonces(connection, items, dropped)
    await _states(connection, items, dropped)
    await _charges(connection, items, dropped)
    return dropped


async def _nonces(connection: Asker, items: Sequence[Item], dropped: dict[Item, CommitRefused]) -> None:
    keys = [item.nonce for item in items if item.nonce is not None]
    if not keys:
        return
    used = {row[0] for row in await connection.fetch(statement.NONCES, keys)}
    floor = next(int(str(row[0])) for row in await connection.fetch(statement.FLOOR))
    for item in items:
        if item.nonce is None or item.prepared.nonce is None:
            continue
        if item.nonce in used:
            dropped[item] = NonceReplayed()
        elif item.prepared.nonce.created < floor:
            dropped[item] = RequestBeforeFloor(
                not_before=datetime.fromtimestamp(floor, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            )
        used.add(item.nonce)


async def _states(connection: Asker, items: Sequence[Item], dropped: dict[Item, CommitRefused]) -> None:
    grants = {p.grant for item in items if (p := item.prepared).grant_epoch is not None}
    clients = {p.client for item in items if (p := item.prepared).client_epoch is not None}
    granted = (
        {row[0]: row for row in await connection.fetch(statement.GRANTS, list(grants))} if grants else {}
    )
    known = (
        {row[0]: row for row in await connection.fetch(statement.CLIENTS, list(clients))} if clients else {}
    )
    for item in items:
        p = item.prepared
        if item in dropped:
            continue
        if p.client_epoch is not None:
            epoch, state = _now(known.get(p.client))
            if (epoch, state) != (p.client_epoch, "active"):
                dropped[item] = ClientChanged(client=p.client, state=state, epoch=epoch)
                continue
        if p.grant_epoch is not None:
            epoch, state = _now(granted.get(p.grant))
            if (epoch, state) != (p.grant_epoch, "active"):
                dropped[item] = GrantChanged(grant=p.grant, state=state, epoch=epoch)


def _now(row: Row | None) -> tuple[int, str]:
    return (int(str(row[1])), str(row[2])) if row is not None else (0, "absent")


async def _charges(connection: Asker, items: Sequence[Item], dropped: dict[Item, CommitRefused]) -> None:
    charged = [item for item in items if item.prepared.charge is not None and item not in dropped]
    if not charged:
        return
    days = {(c.grant, c.day) for item in charged if (c := item.prepared.charge) is not None}
    keys = [item.idempotency for item in charged if item.idempotency is not None]
    asked = [key for item in charged for key in item.usage_keys]
    used: dict[tuple[object, object], list[int]] = {
        (row[0], row[1]): [int(str(row[2])), int(str(row[3]))]
        for row in await connection.fetch(statement.USAGE, [one[0] for one in days], [one[1] for one in days])
    }
    paid = {row[0] for row in await connection.fetch(statement.CHARGED, keys)}
    attempts = {row[0]: int(str(row[1])) for row in await connection.fetch(statement.ASKED, asked)}
    for item in charged:
        charge = item.prepared.charge
        if charge is None:
            continue
        row = used.setdefault((charge.grant, charge.day), [0, 0])
        refusal = _one(item, charge, row, paid, attempts)
        if refusal is not None:
            dropped[item] = refusal


def _one(
    item: Item, charge: Charge, used: list[int], paid: set[object], attempts: dict[object, int]
) -> CommitRefused | None:
    """Refuse the item, or count it into `used` (calls, subjects), `paid` and `attempts`."""
    units = 0 if item.idempotency is not None and item.idempotency in paid else 1
    if units and used[0] + units > charge.calls_per_day:
        return QuotaExhausted(grant=charge.grant, limit=charge.calls_per_day)
    fresh = [key for key in item.usage_keys if key not in attempts]
    if fresh and used[1] + len(fresh) > charge.subjects_per_day:
        return SubjectsExhausted(grant=charge.grant, limit=charge.subjects_per_day)
    if charge.attempt and any(attempts.get(key, 0) >= charge.attempts_per_subject for key in item.usage_keys):
        return AttemptsExhausted(grant=charge.grant, limit=charge.attempts_per_subject)
    used[0] += units
    used[1] += len(fresh)
    paid.add(item.idempotency)
    for key in item.usage_keys:
        attempts[key] = attempts.get(key, 0) + (1 if charge.attempt else 0)
    return None
