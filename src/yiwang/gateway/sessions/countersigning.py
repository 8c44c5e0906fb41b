"""Takes countersignatures: what the caller says it asked must be what this side answered, and be signed by its key."""

from __future__ import annotations

import msgspec

from yiwang.gateway.authentication import Authenticated
from yiwang.gateway.bodies import decode
from yiwang.gateway.evidence.reading import EvidenceReader
from yiwang.gateway.sessions.errors import (
    CountersignatureWrong,
    HeadNotOurs,
    NotCovered,
    StatementDiffers,
)
from yiwang.gateway.sessions.held import Session
from yiwang.gateway.sessions.ledger import SessionLedger
from yiwang.gateway.verification.pool import Verifiers
from yiwang.vocabulary.evidence import parse_head
from yiwang.vocabulary.sessions import (
    Countersigned,
    Countersigning,
    Entry,
    Statement,
    parse_statement,
)

_DECODER = msgspec.json.Decoder(Countersigning)


class Countersignatures:
    """Judges and keeps countersignatures of one log."""

    def __init__(
        self, node: str, log: str, verifiers: Verifiers, reader: EvidenceReader, ledger: SessionLedger
    ) -> None:
        """`reader` and `ledger` are started and stopped by whoever made them."""
        self._node = node
        self._log = log
        self._verifiers = verifiers
        self._reader = reader
        self._ledger = ledger

    async def take(self, session: Session, proven: Authenticated) -> Countersigned:
        """Keep a countersignature; only then its calls are no longer open.

        Raises: CountersignatureRefused, SessionTextMalformed, BadCall, Busy, OSError, PostgresError.
        """
        given = decode(_DECODER, proven.body)
        statement = parse_statement(given.statement)
        async with session.turn:
            if statement.number == session.number and given.statement == session.last:
                return Countersigned(session.number, len(session.open))
            self._compare(session, statement, given)
            await self._check_head(statement)
            entries, origin = _entries(session, statement, given), f"session {session.id}"
            if not await self._verifiers.compare(
                proven.request.suite, entries, bytes.fromhex(statement.record), origin
            ):
                raise StatementDiffers(members=["record"])
            signature = bytes.fromhex(given.signature)
            key = session.caller.public
            if not await self._verifiers.verify(key, given.statement.encode(), signature, origin):
                raise CountersignatureWrong
            await self._ledger.put(
                session.id, statement.number, self._log, statement.size, indexes=given.indexes, lost=given.lost,
                statement=given.statement, signature=signature,
            )  # fmt: skip
            session.number, session.last = statement.number, given.statement
            session.settle(given.indexes, given.lost)
            return Countersigned(session.number, len(session.open))

    def _compare(self, session: Session, statement: Statement, given: Countersigning) -> None:
        due = {
            "session": session.id,
            "node": self._node,
            "log": self._log,
            "client": session.caller.client.id,
            "key": session.caller.key.kid,
            "number": session.number + 1,
            "calls": len(given.indexes),
            "lost": len(given.lost),
        }
        odd = [name for name, value in due.items() if getattr(statement, name) != value]
        if odd:
            raise StatementDiffers(members=odd)
        if not given.indexes and not given.lost:
            raise StatementDiffers(members=["calls"])

    async def _check_head(self, statement: Statement) -> None:
        unknown = HeadNotOurs(log=self._log, size=statement.size)
        signed = await self._reader.head(self._log, statement.size)
        if signed is None:
            raise unknown
        head = parse_head(signed.head)
        if (head.root, head.digest()) != (statement.root, statement.head):
            raise unknown


def _entries(session: Session, statement: Statement, given: Countersigning) -> list[Entry]:
    """What this side knows of the calls that are named. Raises: NotCovered, StatementDiffers."""
    entries: list[Entry] = []
    before = -1
    for index in given.indexes:
        one = session.open.get(index)
        if one is None or index <= before or index >= statement.size:
            raise NotCovered(index=index)
        before = index
        entries.append(one.entry)
    if list(given.lost) != sorted(set(given.lost)) or {one.request for one in entries} & set(given.lost):
        raise StatementDiffers(members=["lost"])
    entries.extend([Entry(request) for request in given.lost])
    return entries
