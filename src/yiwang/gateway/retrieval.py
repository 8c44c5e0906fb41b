"""What callers look up about their own past: evidence, errors, acknowledgements; and heads, for everybody.

Looking up leaves no leaf. Who looks is proven like for a call, and sees what they are a party to, nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Annotated, Final
from urllib.parse import parse_qs

import msgspec

from yiwang.blocks.journal.domain.acks import Acknowledgement, ack_text
from yiwang.gateway.authentication import Authenticated, Authentication, Scope
from yiwang.gateway.bodies import Incoming, decode
from yiwang.gateway.calls import JSON_TYPE, Keeper, Reply
from yiwang.gateway.errors import ErrorUnknown, EvidenceUnknown, LogUnknown
from yiwang.gateway.evidence.reading import EvidenceReader, Placed
from yiwang.gateway.held import Caller
from yiwang.gateway.nonces import NonceMemory
from yiwang.gateway.pool import database
from yiwang.gateway.problems import problem
from yiwang.gateway.recollection import Recollection
from yiwang.gateway.refusals import ClientSuspended
from yiwang.gateway.request_ids import is_request_id
from yiwang.gateway.routes import signed_path
from yiwang.gateway.verification.pool import Verifiers
from yiwang.vocabulary.crypto import PublicKey
from yiwang.vocabulary.errors import YwError

MOST_RECEIPTS: Final = 200
"""Receipts that one call may acknowledge."""


class _Acks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    receipts: Annotated[list[Acknowledgement], msgspec.Meta(max_length=MOST_RECEIPTS)]


_ACKS = msgspec.json.Decoder(_Acks)
_encode = msgspec.json.Encoder().encode


class Judged(PublicKey):
    """A key whose signatures were verified elsewhere: it repeats those verdicts."""

    def __init__(self, key: PublicKey, right: set[tuple[bytes, bytes]]) -> None:
        """`right` are the pairs of data and signature that were found right."""
        super().__init__(key.suite, key.spki_der)
        self._right = right

    def verify(self, data: bytes, signature: bytes) -> bool:
        """See `PublicKey.verify`."""
        return (data, signature) in self._right


class Retrieval:
    """Serves look-ups."""

    def __init__(
        self,
        authentication: Authentication,
        keeper: Keeper,
        reader: EvidenceReader,
        verifiers: Verifiers,
        recollection: Recollection,
    ) -> None:
        """`reader` is started and stopped by whoever made it."""
        self._authentication = authentication
        self._keeper = keeper
        self._reader = reader
        self._verifiers = verifiers
        self._recollection = recollection
        self._nonces = NonceMemory()

    async def prove(self, scope: Scope, incoming: Incoming) -> Authenticated:
        """Who looks up. Raises: what keeps them from being proven; ClientSuspended; NonceReplayed."""
        proven = await self._authentication.authenticate(scope, incoming, signed_path(scope.path))
        request = proven.request
        caller = self._keeper.current.callers.get(request.kid)
        if caller is None or caller.state != "active":
            raise ClientSuspended(client=proven.caller.client.id)
        self._nonces.take(request)
        return proven

    async def evidence(self, caller: Caller, log: str, index: str) -> Reply:
        """A leaf with its proof, for its parties. Raises: EvidenceUnknown, DatabaseUnavailable."""
        unknown = EvidenceUnknown(log=log[:40], index=index[:20])
        if not index.isascii() or not index.isdigit() or len(index) > 15:
            raise unknown
        with database():
            receipt = await self._reader.receipt(log, int(index))
        if receipt is None:
            raise unknown
        leaf = msgspec.json.decode(receipt.leaf, type=_Parties)
        if caller.client.agency not in (leaf.consumer, leaf.provider):
            raise unknown
        return Reply(200, _encode(receipt))

    async def heads(self) -> Reply:
        """The latest head of every log. Raises: DatabaseUnavailable."""
        with database():
            return Reply(200, _encode({"heads": await self._reader.heads()}))

    async def consistency(self, log: str, query: str) -> Reply:
        """The proof between two heads, as a file that the verifier takes. Raises: LogUnknown, DatabaseUnavailable."""
        given = parse_qs(query)
        old, new = given.get("from", [""])[0], given.get("to", [""])[0]
        if not _size(old) or (new and not _size(new)):
            raise LogUnknown(log=log[:40])
        with database():
            found = await self._reader.consistency(log, int(old), int(new) if new else None)
        if found is None:
            raise LogUnknown(log=log[:40])
        return Reply(
            200,
            _encode(
                {
                    "format": "yiwang-consistency/1",
                    "first": found.first,
                    "second": found.second,
                    "proof": found.proof,
                }
            ),
        )

    async def error(self, caller: Caller, asked: str) -> Reply:
        """What was wrong with an earlier call of the same application. Raises: ErrorUnknown, DatabaseUnavailable."""
        kept = self._recollection.find(asked, caller.client.id)
        if kept is not None:
            return Reply(200, kept, JSON_TYPE)
        if is_request_id(asked):
            with database():
                placed = await self._reader.by_request(asked)
            for one in reversed(placed):
                if one.leaf.client == caller.client.id and one.leaf.code is not None:
                    return Reply(200, _encode(_told(asked, one)), JSON_TYPE)
        raise ErrorUnknown(asked=asked[:40])

    async def acknowledge(self, proven: Authenticated) -> Reply:
        """Store countersignatures. Raises: BadCall, DatabaseUnavailable."""
        given = decode(_ACKS, proven.body).receipts
        key = proven.caller.public
        pairs = list(_pairs(given))
        verdicts = await asyncio.gather(
            *(self._verifiers.verify(key, data, signature, "ack") for data, signature in pairs)
        )
        right = {pair for pair, verdict in zip(pairs, verdicts, strict=True) if verdict}
        with database():
            count = await self._reader.acknowledge(proven.caller.client.id, Judged(key, right), given)
        return Reply(200, _encode({"acknowledged": count}))


class _Parties(msgspec.Struct):
    consumer: str | None
    provider: str | None


def _pairs(given: list[Acknowledgement]) -> Iterator[tuple[bytes, bytes]]:
    for one in given:
        try:
            signature = bytes.fromhex(one.signature)
        except ValueError:
            continue
        if len(signature) <= 128:
            yield ack_text(one.log, one.index, one.leaf_hash), signature


def _size(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def _told(asked: str, placed: Placed) -> dict[str, object]:
    """A refusal as its leaf and the code's text tell it; the facts of the day are not kept."""
    code = placed.leaf.code or ""
    kind = _by_code(code)
    about: dict[str, object] = {"code": code, "request_id": asked}
    if kind is not None:
        about = problem(kind(), asked)
    return about | {
        "status": placed.leaf.status,
        "time": placed.leaf.time,
        "log": placed.log,
        "index": placed.index,
    }


def _by_code(code: str) -> type[YwError] | None:
    waiting: list[type[YwError]] = [YwError]
    while waiting:
        kind = waiting.pop()
        if kind.code == code:
            return kind
        waiting.extend(kind.__subclasses__())
    return None
