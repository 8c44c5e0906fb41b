"""The one-file verifier: what it accepts, what it names, and that it agrees with the vocabulary."""

from __future__ import annotations

import ast
import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal

import pytest

from tests.unit.client.fake_node import FakeNode
from yiwang.client import verifier
from yiwang.vocabulary.canonical import canonical
from yiwang.vocabulary.crypto import SUITES, BadSignatureEncoding, generate, load_public
from yiwang.vocabulary.envelope import Purpose, sign_request
from yiwang.vocabulary.evidence import (
    Bundle,
    Head,
    Receipt,
    bundle_of,
    parse_bundle,
    parse_trust,
    sign_head,
    verify_bundle,
)
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


def changed(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, str]]:
    """The text with one character inside a string, or one digit outside, changed, for each of them."""
    inside = False
    for at, char in enumerate(text):
        if char == '"' and text[at - 1] != "\\":
            inside = not inside
        elif (inside or char.isdigit()) and start <= at < (end or len(text)):
            other = char.swapcase() if at % 2 and char.isalpha() and char.isascii() else chr(ord(char) ^ 1)
            if other not in ('"', "\\"):
                yield at, text[:at] + other + text[at + 1 :]


@pytest.mark.parametrize("suite", SUITE_NAMES)
def test_no_character_inside_any_string_can_change_unnoticed(
    suite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle, trust = made(suite)
    text = bundle.to_json().decode()
    monkeypatch.setattr(verifier._Judge, "signed", by_binding)
    assert verifier.verify(text.encode(), trust).exit_code == 0
    unnoticed = [
        text[max(0, at - 20) : at + 5]
        for at, other in changed(text)
        if verifier.verify(other.encode(), trust).exit_code == 0
    ]
    assert unnoticed == []


@pytest.mark.parametrize("suite", SUITE_NAMES)
@pytest.mark.parametrize("member", ["signature", "request.signature"])
def test_no_character_of_a_signature_can_change_unnoticed_by_openssl(suite: str, member: str) -> None:
    bundle, trust = made(suite)
    text = bundle.to_json().decode()
    value = bundle.signature if member == "signature" else bundle.request.signature
    start = text.rindex(f'"{value}"') + 1
    # the other signature is true all the time, so it is asked about once
    unnoticed = []
    for at, other in list(changed(text, start, start + len(value)))[::3]:
        report = verifier.verify(other.encode(), trust)
        if report.exit_code == 0:
            unnoticed.append(at)
    assert unnoticed == []


Change = Callable[[dict[str, object]], object]


def put(path: str, value: object) -> Change:
    """Set one member; `request.body` reaches into an object, `leaf>rows` into a canonical text."""

    def change(bundle: dict[str, object]) -> None:
        if ">" in path:
            member, name = path.split(">")
            inner = json.loads(str(bundle[member]))
            inner[name] = value
            bundle[member] = canonical(inner).decode()
        elif "." in path:
            member, name = path.split(".", 1)
            part = bundle[member]
            assert isinstance(part, dict)
            part[name] = value
        else:
            bundle[path] = value

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (put("answer", "{}"), "answer-changed"),
        (put("status", 404), "status-differs"),
        (put("leaf>rows", 9), "inclusion-wrong"),
        (put("leaf>purpose", "item:else"), "purpose-differs"),
        (put("leaf>resource", "306001003/13"), "resource-differs"),
        (put("leaf>kind", "verify"), "kind-differs"),
        (put("leaf>grant", "G-2026-000002"), "inclusion-wrong"),
        (put("leaf>node", "lanzhou-2"), "node-differs"),
        (put("leaf>log", "gw2"), "log-differs"),
        (put("leaf>epoch", 2), "epoch-differs"),
        (put("leaf>key", "0" * 32), "request-key-differs"),
        (put("leaf", "{}"), "leaf-malformed"),
        (put("index", 2), "inclusion-wrong"),
        (put("index", 4), "inclusion-wrong"),
        (put("proof", []), "inclusion-wrong"),
        (put("proof", ["0" * 64] * 3), "inclusion-wrong"),
        (put("head>size", 5), "head-signature-wrong"),
        (put("head>key", "0" * 32), "head-key-unknown"),
        (put("head>time", "2019-01-01T00:00:00.000000Z"), "head-key-unknown"),
        (put("head", "[]"), "head-malformed"),
        (put("signature", "30" * 64), "head-signature-wrong"),
        (put("request.body", "{}"), "request-body-changed"),
        (put("request.method", "GET"), "request-digest-differs"),
        (put("request.path", "/v1/resources/306001003%2F13/query"), "resource-differs"),
        (put("request.query", "a=b"), "request-digest-differs"),
        (put("request_key", None), "request-signature-unchecked"),
    ],
)
def test_what_is_wrong_is_named(change: Change, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle, trust = made("ed25519")
    monkeypatch.setattr(verifier._Judge, "signed", by_binding)
    members = json.loads(bundle.to_json())
    change(members)
    report = verifier.verify(json.dumps(members).encode(), trust)
    assert report.exit_code == 1
    assert expected in codes(report)
    assert all(finding.zh and finding.en and finding.where for finding in report.findings)
    assert verify_bundle(parse_bundle(json.dumps(members)), parse_trust(trust)) != []


@pytest.mark.parametrize(
    "text",
    [
        b"", b"[]", b"{", b"\xff", b'{"format":"yiwang-evidence/1"}', b'{"a":1,"a":2}', b"[" * 100_000,
        b'{"format":NaN}', b'{"format":1.5}', b'{"format":1e400}', b'{"format":"\\ud800"}', b'{"format":' + b"9" * 5000 + b"}",
    ],
)  # fmt: skip
def test_garbage_is_unusable_and_does_not_crash(text: bytes) -> None:
    _, trust = made("ed25519")
    assert verifier.verify(text, trust).exit_code == 2
    assert verifier.verify(trust, text).exit_code == 2


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (put("extra", 1), "extra"),
        (put("request.extra", "x"), "extra"),
        (put("index", True), "index"),
        (put("index", -1), "index"),
        (put("proof", ["AB" * 32]), "proof"),
        (put("signature", "AB"), "signature"),
        (put("format", "yiwang-evidence/2"), "format"),
        (put("status", "200"), "status"),
        (put("request.headers", {}), "headers"),
        (put("request.signature_input", "yw=()"), "signature_input"),
        (put("request.signature", "yw=:AA==:="), "signature"),
        (put("request_key.spki", "AAAA"), "request_key"),
        (put("request_key.kid", "0" * 32), "request_key"),
        (put("request_key.suite", "sm2-sm3"), "request_key"),
    ],
)
def test_a_bundle_of_the_wrong_form_is_unusable_and_the_place_is_told(change: Change, why: str) -> None:
    bundle, trust = made("ed25519")
    members = json.loads(bundle.to_json())
    change(members)
    report = verifier.verify(json.dumps(members).encode(), trust)
    assert report.exit_code == 2
    assert why in report.findings[0].where + report.findings[0].en


def test_another_spelling_of_the_same_string_is_refused() -> None:
    bundle, trust = made("ed25519")
    text = bundle.to_json().decode()
    assert verifier.verify(text.replace("/query", "\\/query").encode(), trust).exit_code == 2
    assert verifier.verify(text.replace("POST", "\\u0050OST").encode(), trust).exit_code == 2
    assert verifier.verify(json.dumps(json.loads(text)).encode(), trust).exit_code == 0


def test_a_bundle_proves_nothing_by_the_trust_file_of_another_node() -> None:
    bundle, _ = made("ed25519")
    _, other = made("ed25519")
    report = verifier.verify(bundle.to_json(), other)
    assert codes(report) == {"head-key-unknown"}
    trust = json.loads(made("ed25519")[1])
    trust["node"] = "elsewhere"
    assert verifier.verify(bundle.to_json(), json.dumps(trust).encode()).exit_code == 1


@pytest.mark.parametrize("suite", SUITE_NAMES)
def test_proofs_of_every_small_tree_lead_to_its_root_and_to_no_other_place(suite: str) -> None:
    hashing = SUITES[suite]
    leaves = [b"leaf %d" % n for n in range(20)]
    hashes = [leaf_hash(hashing, leaf) for leaf in leaves]

    def node(level: int, position: int) -> bytes:
        if level == 0:
            return hashes[position]
        return node_hash(hashing, node(level - 1, 2 * position), node(level - 1, 2 * position + 1))

    for size in range(1, 20):
        root = root_at(hashing, size, node)
        assert root == Frontier(hashing).append_many(hashes[:size])[0].root()
        for index in range(size):
            proof = [part.hex() for part in inclusion_proof(hashing, index, size, node)]
            right = [
                at
                for at in range(size)
                if verifier.climb(suite, at, size - 1, hashes[index], proof)[1] == root
            ]
            assert right == [index]
            assert verifier.climb(suite, index, size - 1, hashes[index], [*proof, "0" * 64])[1] != root
        for first in range(1, size + 1):
            roots = [root_at(hashing, first, node).hex(), root.hex()]
            steps = [part.hex() for part in consistency_proof(hashing, first, size, node)]
            assert verifier.consistent(suite, [first, size], roots, steps)
            assert not verifier.consistent(suite, [first, size], ["0" * 64, roots[1]], steps)
            assert not verifier.consistent(suite, [first, size], [roots[0], "0" * 64], steps)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    file = Path(verifier.__file__)
    return subprocess.run(
        [sys.executable, "-I", str(file), *arguments], capture_output=True, text=True, timeout=30
    )


def test_the_file_alone_is_a_command_with_exit_codes(tmp_path: Path) -> None:
    bundle, trust = made("sm2-sm3")
    good, bad, pinned = tmp_path / "good.json", tmp_path / "bad.json", tmp_path / "trust.json"
    good.write_bytes(bundle.to_json())
    bad.write_bytes(bundle.to_json().replace("机械厂".encode(), "纺织厂".encode()))
    pinned.write_bytes(trust)
    done = run(str(good), "--trust", str(pinned))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("有效")
    assert "11370100MB28000002" in done.stdout
    assert "item:370100-低保审核;case=2026-17" in done.stdout
    done = run(str(bad), "--trust", str(pinned), "--lang", "en")
    assert done.returncode == 1
    assert "answer-changed" in done.stdout
    done = run(str(bad), "--trust", str(pinned), "--json")
    assert json.loads(done.stdout)["findings"][0]["code"] == "answer-changed"
    assert run(str(tmp_path / "none.json"), "--trust", str(pinned)).returncode == 2
    assert run(str(good), "--trust", str(good)).returncode == 2
    assert run(str(good), "--trust", str(pinned), "--openssl", "/nonexistent").returncode == 2


def test_a_head_that_does_not_extend_the_earlier_one_is_named() -> None:
    node = FakeNode("ed25519")
    trust = node.trust().to_json()
    heads: list[dict[str, str]] = []
    hashes: list[bytes] = []
    for size in (3, 7):
        hashes += [leaf_hash(node.key.suite, b"leaf %d" % n) for n in range(len(hashes), size)]
        frontier, _ = Frontier(node.key.suite).append_many(hashes)
        suite: Literal["ed25519"] = "ed25519"
        head = Head(
            epoch=1, key=node.key.kid, log="gw1", node="lanzhou", previous=None, root=frontier.root().hex(), size=size,
            suite=suite, time="2026-11-21T08:00:00.000000Z",
        )  # fmt: skip
        signed = sign_head(head, node.key)
        heads.append({"head": signed.head, "signature": signed.signature})

    def at(level: int, position: int) -> bytes:
        if level == 0:
            return hashes[position]
        return node_hash(node.key.suite, at(level - 1, 2 * position), at(level - 1, 2 * position + 1))

    proof = [part.hex() for part in consistency_proof(node.key.suite, 3, 7, at)]
    grown = {"format": "yiwang-consistency/1", "first": heads[0], "second": heads[1], "proof": proof}
    judge = verifier._Judge(trust, "openssl")
    judge.growth(json.dumps(grown).encode())
    assert judge.found == []
    grown["proof"] = [*proof[:-1], "0" * 64]
    judge.growth(json.dumps(grown).encode())
    assert [finding.code for finding in judge.found] == ["heads-inconsistent"]


def test_it_is_written_in_the_python_of_2019() -> None:
    source = Path(verifier.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {
        alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in (node.names if isinstance(node, ast.Import) else [ast.alias(node.module or "")])
    }
    assert imported <= set(sys.stdlib_module_names)
