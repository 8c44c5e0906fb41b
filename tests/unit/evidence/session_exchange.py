"""A whole session made from fixed keys: opened, one call made, a head countersigned. All keys are test-only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import msgspec

from tests.unit.evidence.exchanges import (
    ANSWER,
    BODY,
    CODE,
    CREATED,
    LOG,
    NODE,
    PURPOSE,
    TIME,
    client_key,
    head_of,
    trust_for,
)
from yiwang.client.sessions.state import Signer
from yiwang.vocabulary.crypto import Suite, suite
from yiwang.vocabulary.envelope import OWN_EVIDENCE, OutgoingRequest, sign_request
from yiwang.vocabulary.evidence import Leaf, Receipt, Trust, bundle_of, instant_text, parse_head
from yiwang.vocabulary.evidence.leaf import SuiteName
from yiwang.vocabulary.merkle import Frontier, leaf_hash
from yiwang.vocabulary.sessions import (
    MAC_OF,
    SESSION_FORMAT,
    Countersignature,
    Entry,
    Exposure,
    Opened,
    SessionBundle,
    SessionKeys,
    Statement,
    derive,
    nonce_of,
    record_of,
    record_proof,
)

SESSION = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
SECRET = bytes(range(32))
SHARES = {"sm2-sm3": "BA" + "A" * 85, "ed25519": "C" + "A" * 42}
CLIENT = "zhouhang-minzheng-1"


def named(suite_name: str) -> SuiteName:
    return "sm2-sm3" if suite_name == "sm2-sm3" else "ed25519"


def opening_of(suite_name: str) -> OutgoingRequest:
    body = b'{"share":"%s","grants":null,"seconds":3600}' % SHARES[suite_name].encode()
    return sign_request(
        client_key(suite_name), method="POST", path="/v1/sessions", body=body, node=NODE, purpose=OWN_EVIDENCE,
        created=CREATED, idempotency_key="01JD6V2M3X8Q0T5W9Z4B7C1E6G", nonce="EBAQEBAQEBAQEBAQEBAQEA",
    )  # fmt: skip


def opened_of(suite_name: str) -> Opened:
    return Opened(
        alg=MAC_OF[suite_name], client=CLIENT, evidence=named(suite_name), exposure=Exposure(1000, 1000),
        gateway=None, grants=None, idle=300, log=LOG, node=NODE, seconds=3600, session=SESSION,
        share=SHARES[suite_name], window=4096,
    )  # fmt: skip


def answer_of(suite_name: str) -> bytes:
    return msgspec.json.encode(opened_of(suite_name), order="sorted")


def keys_of(suite_name: str) -> SessionKeys:
    one = suite(suite_name)
    return derive(one, SECRET, opening=one.digest(opening_of(suite_name).base), answer=answer_of(suite_name))


def call_of(suite_name: str) -> OutgoingRequest:
    return sign_request(
        Signer(suite(suite_name), SESSION, keys_of(suite_name).caller), method="POST",
        path="/v1/resources/306001003%2F12/query", body=BODY, node=NODE, purpose=PURPOSE, created=CREATED,
        grant="G-2026-000001", nonce=nonce_of(42), alg=MAC_OF[suite_name],
    )  # fmt: skip


def begun_leaf(suite_name: str) -> Leaf:
    one, request = suite(suite_name), opening_of(suite_name)
    return Leaf(
        client=CLIENT, consumer="11620100013896128W",
        detail={"alg": MAC_OF[suite_name], "seconds": 3600, "session": SESSION}, epoch=1, event="session-opened",
        key=client_key(suite_name).kid, kind="event", log=LOG, node=NODE, purpose="evidence:own",
        request=one.digest(request.base).hex(), request_alg=named(suite_name),
        request_id="req-01jd6v2m3x8q0t5w9z4b7c1e6e", response=one.digest(answer_of(suite_name)).hex(), status=201,
        time=instant_text(TIME),
    )  # fmt: skip


def call_leaf(suite_name: str) -> Leaf:
    one, request = suite(suite_name), call_of(suite_name)
    return Leaf(
        client=CLIENT, consumer="11620100013896128W", epoch=1, grant="G-2026-000001", grant_version=1, key=SESSION,
        kind="query", log=LOG, node=NODE, provider="11620100013898107Q", purpose=PURPOSE.text,
        request=one.digest(request.base).hex(), request_alg=MAC_OF[suite_name],
        request_id="req-01jd6v2m3x8q0t5w9z4b7c1e6f", resource=CODE, response=one.digest(ANSWER).hex(), rows=1,
        status=200, time=instant_text(TIME + timedelta(milliseconds=2)), version=1,
    )  # fmt: skip


@dataclass(frozen=True)
class SessionExchange:
    entries: list[Entry]
    statement: Statement
    bundle: SessionBundle
    trust: Trust


def receipts(one: Suite, leaves: list[Leaf], suite_name: str) -> list[Receipt]:
    """The leaves at 3 and 5 of a tree of 6."""
    before = Frontier(one).grow([leaf_hash(one, b"leaf %d" % n) for n in range(3)]).frontier
    grown = before.grow([leaves[0].hash(one), leaf_hash(one, b"leaf 4"), leaves[1].hash(one)])
    signed = head_of(grown, suite_name)
    return [
        Receipt(
            leaf.canonical().decode(), index, tuple(p.hex() for p in grown.proofs[index - 3]), signed.head,
            signed.signature,
        )
        for leaf, index in zip(leaves, (3, 5), strict=True)
    ]  # fmt: skip


def session_exchange(suite_name: str, *, received: bool = True) -> SessionExchange:
    """A call at index 5, countersigned with another one and a lost one."""
    one, key = suite(suite_name), client_key(suite_name)
    begun, done = receipts(one, [begun_leaf(suite_name), call_leaf(suite_name)], suite_name)
    opening, call = opening_of(suite_name), call_of(suite_name)
    request, response = one.digest(call.base).hex(), one.digest(ANSWER).hex()
    entries = [Entry("11" * 32, 4, "22" * 32)]
    entries += [Entry(request, 5, response)] if received else []
    entries += [Entry("33" * 32), *([] if received else [Entry(request)])]
    entries.sort(key=lambda one: (one.index is None, one.index or 0, one.request))
    place = next(at for at, entry in enumerate(entries) if entry.request == request)
    head = parse_head(done.head)
    answered = sum(entry.index is not None for entry in entries)
    statement = Statement(
        calls=answered, client=CLIENT, head=head.digest(), key=key.kid, log=LOG, lost=len(entries) - answered,
        node=NODE, number=1, record=record_of(one, entries), root=head.root, session=SESSION, size=head.size,
    )  # fmt: skip
    bundle = SessionBundle(
        format=SESSION_FORMAT,
        call=bundle_of(call, None, 200, ANSWER, done),
        countersignature=Countersignature(
            place=place,
            proof=tuple(part.hex() for part in record_proof(one, entries, place)),
            received=received,
            signature=key.sign(statement.canonical()).hex(),
            statement=statement.canonical().decode(),
        ),
        opening=bundle_of(opening, key.public, 201, answer_of(suite_name), begun),
    )
    return SessionExchange(entries, statement, bundle, trust_for(suite_name))
