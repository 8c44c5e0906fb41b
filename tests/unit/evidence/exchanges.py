"""A whole exchange made from fixed keys: 周航's client asks, the node answers. All keys are test-only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.unit.crypto.reference_sm2 import RepeatableSm2Key
from tests.unit.crypto.test_ed25519 import pem_of
from yiwang.vocabulary.crypto import KeyRecord, SigningKey, load_private, suite
from yiwang.vocabulary.envelope import OutgoingRequest, Purpose, sign_request
from yiwang.vocabulary.evidence import (
    Bundle,
    Head,
    Leaf,
    Receipt,
    Recovery,
    SignedHead,
    Trust,
    bundle_of,
    instant_text,
    parse_leaf,
    sign_head,
    subject_commitment,
    trust_of,
)
from yiwang.vocabulary.merkle import Frontier, Growth, leaf_hash

TIME = datetime(2026, 11, 21, 8, 0, 0, 123456, tzinfo=UTC)
CREATED = int(TIME.timestamp())
NODE = "lanzhou"
LOG = "gw1"
CODE = "306001003/12"
PURPOSE = Purpose.parse("item:0115001000;case=兰民救〔2026〕12号")
BODY = '{"where":{"统一社会信用代码":"91370100964709014M"},"fields":["企业名称"]}'.encode()
ANSWER = (
    '{"resource":"306001003/12","version":1,"rows":[{"企业名称":"云泽一家有限公司"}],"next":null}'.encode()
)
CLIENT_D = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
NODE_D = 0x128B2FA8BD433C6C068C8D803DFF79792A519A55171B1B650C23661D15897263
CLIENT_SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
NODE_SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")


def client_key(suite_name: str) -> SigningKey:
    return RepeatableSm2Key(CLIENT_D) if suite_name == "sm2-sm3" else load_private(pem_of(CLIENT_SEED))


def node_key(suite_name: str) -> SigningKey:
    return RepeatableSm2Key(NODE_D) if suite_name == "sm2-sm3" else load_private(pem_of(NODE_SEED))


def request_of(suite_name: str, key: SigningKey | None = None) -> OutgoingRequest:
    return sign_request(
        client_key(suite_name) if key is None else key,
        method="POST",
        path="/v1/resources/306001003%2F12/query",
        body=BODY,
        node=NODE,
        purpose=PURPOSE,
        created=CREATED,
        grant="G-2026-000001",
        idempotency_key="01JD6V2M3X8Q0T5W9Z4B7C1E6F",
        nonce="AAECAwQFBgcICQoLDA0ODw",
    )


def leaf_of(request: OutgoingRequest, request_suite: str, log_suite: str) -> Leaf:
    hashing = suite(log_suite)
    return Leaf(
        client="zhouhang-minzheng-1",
        consumer="11620100013896128W",
        epoch=1,
        grant="G-2026-000001",
        grant_version=1,
        key=client_key(request_suite).kid,
        kind="query",
        log=LOG,
        node=NODE,
        provider="11620100013898107Q",
        purpose=PURPOSE.text,
        request=suite(request_suite).digest(request.base).hex(),
        request_alg="sm2-sm3" if request_suite == "sm2-sm3" else "ed25519",
        request_id="req-01jd6v2m3x8q0t5w9z4b7c1e6f",
        resource=CODE,
        response=hashing.digest(ANSWER).hex(),
        rows=1,
        status=200,
        subjects=(
            subject_commitment(hashing, bytes(range(16)), CODE, "统一社会信用代码", "91370100964709014M"),
        ),
        time=instant_text(TIME),
        version=1,
    )


def head_of(grown: Growth, log_suite: str, *, epoch: int = 1, previous: str | None = None) -> SignedHead:
    key = node_key(log_suite)
    return sign_head(
        Head(
            epoch=epoch,
            key=key.kid,
            log=LOG,
            node=NODE,
            previous=previous,
            root=grown.root.hex(),
            size=grown.frontier.size,
            suite="sm2-sm3" if log_suite == "sm2-sm3" else "ed25519",
            time=instant_text(TIME + timedelta(milliseconds=3)),
        ),
        key,
    )


def trust_for(log_suite: str) -> Trust:
    key = node_key(log_suite)
    return trust_of(
        NODE, [KeyRecord("evidence", key.kid, key.suite.name, key.public.spki_der, TIME - timedelta(days=30))]
    )


@dataclass(frozen=True)
class Exchange:
    request: OutgoingRequest
    leaf: Leaf
    receipt: Receipt
    bundle: Bundle
    trust: Trust


def exchange(request_suite: str, log_suite: str | None = None) -> Exchange:
    """An exchange whose leaf has index 3 in a tree of 5."""
    log_suite = request_suite if log_suite is None else log_suite
    hashing = suite(log_suite)
    request = request_of(request_suite)
    leaf = leaf_of(request, request_suite, log_suite)
    before = Frontier(hashing).grow([leaf_hash(hashing, b"leaf %d" % n) for n in range(3)])
    grown = before.frontier.grow([leaf.hash(hashing), leaf_hash(hashing, b"leaf 4")])
    signed = head_of(grown, log_suite)
    receipt = Receipt(
        leaf.canonical().decode(),
        3,
        tuple(part.hex() for part in grown.proofs[0]),
        signed.head,
        signed.signature,
    )
    bundle = bundle_of(request, client_key(request_suite).public, 200, ANSWER, receipt)
    return Exchange(request, leaf, receipt, bundle, trust_for(log_suite))


def recovery_leaf(recovery: Recovery) -> Leaf:
    leaf = Leaf(
        detail=recovery.detail(),
        epoch=2,
        kind="recovery",
        log=LOG,
        node=NODE,
        request_id="req-01jd6v2m3x8q0t5w9z4b7c1e70",
        status=0,
        time=instant_text(TIME + timedelta(hours=1)),
    )
    return parse_leaf(leaf.canonical())
