"""The one-file verifier: what it accepts, what it names, and that it agrees with the vocabulary."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

import pytest

from tests.unit.client.bundles import SUITE_NAMES, by_binding, made
from tests.unit.client.fake_node import FakeNode
from yiwang.client import verifier
from yiwang.vocabulary.canonical import canonical
from yiwang.vocabulary.crypto import SUITES
from yiwang.vocabulary.evidence import (
    Head,
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


@pytest.mark.parametrize(
    ("language", "spoilt", "said"),
    [
        ("zh", False, "请求签名已核验: 是"), ("en", False, "request signature: yes"),
        ("zh", True, "请求签名已核验: 否"), ("en", True, "request signature: no"),
    ],
)  # fmt: skip
def test_whether_something_is_so_is_said_in_the_readers_language(
    language: str, spoilt: bool, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, trust = made("ed25519")
    document = json.loads(bundle.to_json())
    if spoilt:
        signed: str = document["request"]["signature"]
        document["request"]["signature"] = signed[:10] + ("B" if signed[10] == "A" else "A") + signed[11:]
    (tmp_path / "e.json").write_text(json.dumps(document, ensure_ascii=False))
    (tmp_path / "t.json").write_bytes(trust)
    words = [str(tmp_path / "e.json"), "--trust", str(tmp_path / "t.json"), "--lang", language]
    assert verifier.main(words) == int(spoilt)
    assert said in capsys.readouterr().out


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
        (put("head>time", "2019-01-01T00:00:00.000000Z"), "head-key-period"),
        (put("head", "[]"), "head-malformed"),
        (put("signature", "30" * 64), "head-signature-wrong"),
        (put("request.body", "{}"), "request-body-changed"),
        (put("request.method", "GET"), "request-digest-differs"),
        (put("request.path", "/v1/resources/306001003%2F13/query"), "resource-differs"),
        (put("request.query", "a=b"), "request-digest-differs"),
        (put("request_key", None), "request-signature-unchecked"),
        (put("request.headers", {}), "request-malformed"),
        (put("request.signature_input", "yw=()"), "request-malformed"),
        (put("request.signature", "yw=:AA==:"), "request-signature-wrong"),
        (put("request.signature", "yw=:%%%:"), "request-malformed"),
        (put("request_key.spki", "AAAA"), "request-malformed"),
        (put("request_key.kid", "0" * 32), "request-malformed"),
        (put("request_key.suite", "sm2-sm3"), "request-malformed"),
        (put("leaf>code", "grant-expired"), "leaf-malformed"),
        (put("leaf>detail", {}), "leaf-malformed"),
        (put("leaf>upstream", ["0" * 64]), "leaf-malformed"),
        (put("leaf>time", "2026-02-30T00:00:00.000000Z"), "leaf-malformed"),
        (put("leaf>response", None), "answer-unproven"),
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
        (put("request.signature", "AA=="), "signature"),
        (put("request.path", 1), "path"),
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
    bundle, pinned = made("ed25519")
    trust = json.loads(pinned)
    trust["node"] = "elsewhere"
    assert "node-differs" in codes(verifier.verify(bundle.to_json(), json.dumps(trust).encode()))
    trust = json.loads(pinned)
    trust["keys"] *= 2
    assert verifier.verify(bundle.to_json(), json.dumps(trust).encode()).exit_code == 2
    for bad in ("never", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z"):
        trust = json.loads(pinned)
        trust["keys"][0]["not_after"] = bad
        assert verifier.verify(bundle.to_json(), json.dumps(trust).encode()).exit_code == 2


def test_a_key_counts_to_both_ends_of_its_period_in_any_time_zone() -> None:
    bundle, pinned = made("ed25519")
    at = datetime.fromisoformat(json.loads(bundle.head)["time"])
    for begins, ends, good in (
        (at, at, True),
        (at - timedelta(days=1), None, True),
        (at + timedelta(microseconds=1), None, False),
        (at - timedelta(days=1), at - timedelta(microseconds=1), False),
    ):
        trust = json.loads(pinned)
        trust["keys"][0]["not_before"] = begins.astimezone(timezone(timedelta(hours=8))).isoformat(
            timespec="microseconds"
        )
        trust["keys"][0]["not_after"] = ends.isoformat(timespec="microseconds") if ends else None
        found = verifier.verify(bundle.to_json(), json.dumps(trust).encode())
        assert codes(found) == (set() if good else {"head-key-period"})
        assert (verify_bundle(bundle, parse_trust(json.dumps(trust))) == []) is good


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
