"""The one-file verifier: what it accepts, what it names, and that it agrees with the vocabulary."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.client.fake_node import FakeNode
from yiwang.client import verifier
from yiwang.vocabulary.crypto import SUITES, generate
from yiwang.vocabulary.envelope import Purpose, header_source, parse_request, sign_request
from yiwang.vocabulary.evidence import Bundle, Receipt, bundle_of, parse_bundle, parse_trust, verify_bundle
from yiwang.vocabulary.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_at,
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


def codes(report: verifier.Report) -> set[str]:
    return {finding.code for finding in report.findings}


@pytest.mark.parametrize("client_suite", SUITE_NAMES)
@pytest.mark.parametrize("node_suite", SUITE_NAMES)
def test_a_true_bundle_is_valid_whatever_the_two_suites(node_suite: str, client_suite: str) -> None:
    bundle, trust = made(node_suite, client_suite)
    report = verifier.verify(bundle.to_json(), trust)
    assert report.findings == []
    assert report.exit_code == 0
    assert report.facts["rows"] == 1
    assert report.facts["request_signature"] is True
    assert verify_bundle(bundle, parse_trust(trust)) == []


def test_a_bundle_without_the_callers_key_is_valid_and_claims_no_checked_request_signature() -> None:
    bundle, trust = made("ed25519", with_key=False)
    report = verifier.verify(bundle.to_json(), trust)
    assert report.exit_code == 0
    assert "request_signature" not in report.facts


@pytest.mark.parametrize("suite", SUITE_NAMES)
def test_no_character_inside_any_string_can_change_unnoticed(
    suite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signatures are asked of openssl once for each distinct question, else this would start thousands of processes.

    The memory keeps answers of the very command for the very bytes, so nothing is assumed about them.
    """
    bundle, trust = made(suite)
    text = bundle.to_json().decode()
    known: dict[tuple[object, ...], bool] = {}
    asked = verifier._Judge.signed

    def remembered(judge: verifier._Judge, key: dict[str, object], data: str, signature: bytes) -> bool:
        question = (key["spki"], data, signature)
        if question not in known:
            true = known.get((key["spki"], data, true_signature(data)))
            # the libcrypto binding answers for changed data and signatures; openssl itself for the true ones
            known[question] = (
                asked(judge, key, data, signature) if true is None else fits(key, data, signature)
            )
        return known[question]

    def true_signature(data: str) -> bytes:
        del data
        return b""

    def fits(key: dict[str, object], data: str, signature: bytes) -> bool:
        raise AssertionError((key, data, signature))

    monkeypatch.setattr(verifier._Judge, "signed", remembered)
    assert verifier.verify(text.encode(), trust).exit_code == 0
    unnoticed = []
    inside = False
    for at, char in enumerate(text):
        if char == '"' and text[at - 1] != "\\":
            inside = not inside
            continue
        if not inside:
            continue
        other = text[:at] + ("b" if char == "a" else "a") + text[at + 1 :]
        if verifier.verify(other.encode(), trust).exit_code == 0:
            unnoticed.append((at, text[max(0, at - 20) : at + 5]))
    assert unnoticed == []
