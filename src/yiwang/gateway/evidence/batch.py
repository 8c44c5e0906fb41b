"""From pending items to the parameters of the one statement: leaves, tree, head, nonces, charges, index rows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from yiwang.blocks.journal.domain.prepared import Prepared
from yiwang.gateway.arrays import numbers, texts
from yiwang.gateway.evidence import statement
from yiwang.gateway.evidence.tokens import Commitments, SubjectKeys, idempotency_key, nonce_key
from yiwang.vocabulary.evidence import Head, Leaf, Receipt, SignedHead, parse_leaf
from yiwang.vocabulary.evidence.leaf import SuiteName
from yiwang.vocabulary.merkle import Frontier, Growth, leaf_hash


@dataclass(frozen=True, slots=True)
class Standing:
    """A log as its writer knows it: the tree after the last commit and what the next head continues."""

    node: str
    log: str
    suite: SuiteName
    epoch: int
    frontier: Frontier
    previous: str | None


class Item:
    """One leaf on its way: encoded once, placed in a batch (perhaps again, when others are dropped)."""

    __slots__ = (
        "commitments", "future", "hash", "idempotency", "nonce", "period", "prepared", "text", "usage_keys",
    )  # fmt: skip

    def __init__(self, prepared: Prepared, secrets: SubjectKeys, future: asyncio.Future[Receipt]) -> None:
        """Digest what is checked against the database."""
        self.prepared = prepared
        self.future = future
        self.nonce = nonce_key(prepared.nonce) if prepared.nonce else None
        charge = prepared.charge
        self.idempotency = idempotency_key(charge) if charge else None
        self.usage_keys = secrets.usage_keys(charge) if charge and charge.subjects else []
        self.period = ""
        self.commitments: Commitments | None = None
        self.text = b""
        self.hash = b""

    def write(self, standing: Standing, time: str, secrets: SubjectKeys) -> None:
        """Write the leaf's text; `time` must be later than that of every leaf before it.

        Raises: TooManySubjects; LeafMalformed, for an event that keeps not to the specification.
        """
        prepared = self.prepared
        subjects: list[str] = []
        if prepared.subjects:
            self.period = time[:7]
            self.commitments = Commitments(standing.frontier.suite, secrets, self.period, prepared.subjects)
            subjects = self.commitments.hexes
        self.text = leaf_of(prepared, standing, time, subjects).canonical()
        if prepared.kind in ("event", "recovery"):  # what calls put in was checked on its way
            parse_leaf(self.text)
        self.hash = leaf_hash(standing.frontier.suite, self.text)


def leaf_of(p: Prepared, standing: Standing, time: str, subjects: list[str]) -> Leaf:
    """The leaf that a prepared item becomes."""
    return Leaf(
        client=p.client, code=p.code, consumer=p.consumer, detail=p.detail, epoch=standing.epoch, event=p.event,
        grant=p.grant, grant_version=p.grant_version, key=p.key, kind=p.kind,
        log=standing.log, node=standing.node, provider=p.provider, purpose=p.purpose, request=p.request,
        request_alg=p.request_alg, request_id=p.request_id, resource=p.resource, response=p.response, rows=p.rows,
        status=p.status, subjects=tuple(subjects), time=time, upstream=p.upstream,
        version=p.version,
    )  # fmt: skip


@dataclass(slots=True)
class _Columns:
    """Arrays of the statement, filled item by item."""

    nonces: list[bytes] = field(default_factory=list)
    created: list[int] = field(default_factory=list)
    grants: dict[tuple[str, int], None] = field(default_factory=dict)
    clients: dict[tuple[str, int], None] = field(default_factory=dict)
    usage: dict[tuple[str, date], list[int]] = field(default_factory=dict)
    """Of each grant and day: calls without an idempotency key, and the three limits."""
    keys: dict[bytes, tuple[str, date]] = field(default_factory=dict)
    asked: dict[bytes, tuple[str, date]] = field(default_factory=dict)
    attempts: dict[bytes, int] = field(default_factory=dict)
    tokens: list[bytes] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    salts: list[bytes] = field(default_factory=list)
    periods: list[str] = field(default_factory=list)
    outbox: list[int] = field(default_factory=list)

    def add(self, place: int, item: Item) -> None:
        p = item.prepared
        if item.nonce is not None and p.nonce is not None:
            self.nonces.append(item.nonce)
            self.created.append(p.nonce.created)
        if p.grant_epoch is not None and p.grant is not None:
            self.grants[p.grant, p.grant_epoch] = None
        if p.client_epoch is not None and p.client is not None:
            self.clients[p.client, p.client_epoch] = None
        if p.outbox is not None:
            self.outbox.append(p.outbox)
        if item.commitments is not None:
            for token, salt in zip(item.commitments.tokens, item.commitments.salts, strict=True):
                self.tokens.append(token)
                self.places.append(place)
                self.salts.append(salt)
                self.periods.append(item.period)
        charge = p.charge
        if charge is None:
            return
        where = (charge.grant, charge.day)
        row = self.usage.get(where)
        if row is None:
            row = self.usage[where] = [0, 0, 0, 0]
        row[1:] = charge.calls_per_day, charge.subjects_per_day, charge.attempts_per_subject
        if item.idempotency is None:
            row[0] += 1
        else:
            self.keys[item.idempotency] = where
        for key in item.usage_keys:
            self.asked[key] = where
            if charge.attempt:
                self.attempts[key] = self.attempts.get(key, 0) + 1

    def charged(self, given: dict[str, object]) -> list[statement.Part]:
        """Put what is charged among the parameters; the parts that it needs."""
        parts: list[statement.Part] = ["usage"]
        usage = sorted(self.usage)
        at = {where: number for number, where in enumerate(usage, 1)}
        rows = [self.usage[where] for where in usage]
        given["usage_grants"] = texts([where[0] for where in usage])
        given["days"] = texts([where[1].isoformat() for where in usage])
        for place, name in enumerate(("plain", "calls_limits", "subjects_limits", "attempts_limits")):
            given[name] = numbers([row[place] for row in rows])
        if self.keys:
            parts.append("keys")
            keys = sorted(self.keys)
            given["keys"] = b"".join(keys)
            given["key_grants"] = numbers([at[self.keys[key]] for key in keys])
        if self.asked:
            parts.append("asked")
            asked = sorted(self.asked)
            given["asked"] = b"".join(asked)
            given["asked_grants"] = numbers([at[self.asked[key]] for key in asked])
            given["attempts"] = numbers([self.attempts.get(key, 0) for key in asked] if self.attempts else [])
            if self.attempts:
                parts.append("attempts")
        return parts


class Arguments(NamedTuple):
    """The parts of the statement that a batch needs, and its parameters by their names."""

    parts: frozenset[statement.Part]
    given: dict[str, object]


class Batch:
    """Items with the tree they make, the head to sign, and the statement's parameters."""

    __slots__ = ("_growth", "_standing", "head", "items")

    def __init__(self, items: list[Item], standing: Standing, key: str, time: str) -> None:
        """Grow the tree by the items; `key` is the id of the key that will sign, `time` that of the head."""
        self.items = items
        self._standing = standing
        self._growth: Growth = standing.frontier.grow(
            [item.hash for item in items], proving=any(item.prepared.proving for item in items)
        )
        self.head = Head(
            epoch=standing.epoch, key=key, log=standing.log, node=standing.node, previous=standing.previous,
            root=self._growth.root.hex(), size=self._growth.frontier.size, suite=standing.suite, time=time,
        ).canonical()  # fmt: skip

    def arguments(self, term: int, signature: bytes) -> Arguments:
        """What `statement.commit` stores, rows sorted so that two gateways take locks in one order."""
        standing, items = self._standing, self.items
        columns = _Columns()
        for place, item in enumerate(items):
            columns.add(place, item)
        parts: list[statement.Part] = []
        given: dict[str, object] = {
            "log": standing.log,
            "term": term,
            "first": standing.frontier.size,
            "leaves": b"\n".join([item.text for item in items]).decode(),
            "hashes": b"".join([item.hash for item in items]),
            "request_ids": texts([item.prepared.request_id for item in items]),
            "took": numbers([item.prepared.took_us for item in items]),
            "epoch": standing.epoch,
            "head": self.head.decode(),
            "signature": signature,
        }
        if columns.nonces:
            parts.append("nonces")
            given["nonces"] = b"".join(columns.nonces)
            given["earliest"], given["created"] = min(columns.created), numbers(columns.created)
        if columns.grants:
            parts.append("grants")
            given["grants"] = texts([one[0] for one in columns.grants])
            given["grant_epochs"] = numbers([one[1] for one in columns.grants])
        if columns.clients:
            parts.append("clients")
            given["clients"] = texts([one[0] for one in columns.clients])
            given["client_epochs"] = numbers([one[1] for one in columns.clients])
        if columns.usage:
            parts += columns.charged(given)
        if columns.tokens:
            parts.append("subjects")
            given["tokens"], given["salts"] = b"".join(columns.tokens), b"".join(columns.salts)
            given["places"], given["periods"] = numbers(columns.places), texts(columns.periods)
        if columns.outbox:
            parts.append("outbox")
            given["outbox"] = numbers(columns.outbox)
        return Arguments(frozenset(parts), given)

    def after(self) -> Standing:
        """The log once this batch is committed."""
        s, frontier = self._standing, self._growth.frontier
        return Standing(s.node, s.log, s.suite, s.epoch, frontier, frontier.suite.digest(self.head).hex())

    @property
    def suite(self) -> SuiteName:
        """The suite of the log."""
        return self._standing.suite

    def receipts(self, under: SignedHead | None) -> list[Receipt]:
        """What each item's caller gets, in the items' order. `under`: the newest signed head, which is the batch's own where it proves."""
        first = self._standing.frontier.size
        head, signed = (under.head, under.signature) if under is not None else ("", "")
        proofs = self._growth.proofs
        return [
            Receipt(item.text.decode(), first + at, tuple([part.hex() for part in proofs[at]]), head, signed)
            if item.prepared.proving
            else Receipt("", first + at, (), head, signed)
            for at, item in enumerate(self.items)
        ]
