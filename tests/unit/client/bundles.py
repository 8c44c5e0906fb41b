"""Small valid bundles, and openssl's answers without its process."""

from __future__ import annotations

import base64
import json
from functools import lru_cache

from tests.unit.client.fake_node import FakeNode
from yiwang.client import verifier
from yiwang.vocabulary.crypto import BadSignatureEncoding, generate, load_public
from yiwang.vocabulary.envelope import Purpose, sign_request
from yiwang.vocabulary.evidence import (
    Bundle,
    Receipt,
    bundle_of,
)

SUITE_NAMES = ("sm2-sm3", "ed25519")


def made(node_suite: str, client_suite: str = "", *, with_key: bool = True) -> tuple[Bundle, bytes]:
    """A small valid bundle and the trust file that goes with it."""
    node = FakeNode(node_suite)
    key = node.welcome(generate(client_suite or node_suite))
    body = json.dumps(
        {"where": {"统一社会信用代码": "91370100964709014M"}, "limit": 1}, ensure_ascii=False
    ).encode()
    sent = sign_request(
        key, method="POST", path="/v1/resources/306001003%2F12/query", body=body, node="lanzhou",
        purpose=Purpose.parse("item:370100-低保审核;case=2026-17"), created=int(node.clock()), idempotency_key="k-1",
    )  # fmt: skip
    reply = node.handle("POST", sent.path, "", list(sent.http_headers().items()), body)
    assert reply.status == 200, reply.body
    receipt = Receipt.from_header(reply.headers["yw-evidence"])
    bundle = bundle_of(sent, key.public if with_key else None, reply.status, reply.body, receipt)
    return bundle, node.trust().to_json()


def by_binding(judge: verifier._Judge, key: dict[str, object], data: str, signature: bytes) -> bool:
    """What openssl would say, from the library without a process; malformed encodings count as wrong."""
    del judge
    return answered(str(key["spki"]), data, signature)


@lru_cache(maxsize=64)
def answered(spki: str, data: str, signature: bytes) -> bool:
    try:
        return load_public(base64.b64decode(spki)).verify(data.encode(), signature)
    except BadSignatureEncoding:
        return False
