"""The published vectors hold, read as a stranger would read them, and are what the generator makes."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.unit.evidence.make_vectors import DIRECTORY, FILES, Vector, text_of
from yiwang.vocabulary.canonical import canonical
from yiwang.vocabulary.crypto import load_public, suite
from yiwang.vocabulary.envelope import EnvelopeError, header_source, parse_request
from yiwang.vocabulary.evidence import (
    Receipt,
    Recovery,
    compare_heads,
    parse_bundle,
    parse_head,
    parse_leaf,
    parse_trust,
    verify_bundle,
    verify_head,
)
from yiwang.vocabulary.merkle import leaf_hash, verify_consistency, verify_inclusion

REGENERATE = "run: .venv/bin/python -m tests.unit.evidence.make_vectors"


class _Digest(msgspec.Struct):
    suite: str
    text: str
    digest: str


class _Canonical(msgspec.Struct):
    value: object
    text: str


class _Signed(msgspec.Struct):
    spki: str
    kid: str
    message: str
    signature: str


class _Crypto(msgspec.Struct):
    sm2: _Signed
    ed25519: _Signed
    digests: list[_Digest]
    canonical_json: list[_Canonical]


class _Refused(msgspec.Struct):
    title: str
    header: str
    value: str
    code: str


class _Request(msgspec.Struct):
    suite: str
    public_key: str
    method: str
    path: str
    query: str
    body: str
    headers: dict[str, str]
    signature_base: str
    request_digest: str
    refused: list[_Refused]


class _Tree(msgspec.Struct):
    size: int
    root: str
    inclusion: list[list[str]]
    consistency_from: dict[str, list[str]]


class _Hash(msgspec.Struct):
    hash: str
    leaf_data: list[str]
    leaf_hashes: list[str]
    trees: list[_Tree]


class _Invalid(msgspec.Struct):
    title: str
    member: str
    value: object
    findings: list[str]


class _SignedHead(msgspec.Struct):
    head: str
    signature: str


class _Recovery(msgspec.Struct):
    old_head: _SignedHead
    leaf: str
    index: int
    proof: list[str]
    head: _SignedHead
    consistency_from_4: list[str]


class _Evidence(msgspec.Struct):
    suite: str
    leaf_hash: str
    head_digest: str
    yw_evidence_header: str
    bundle: dict[str, object]
    trust: dict[str, object]
    invalid: list[_Invalid]
    recovery: _Recovery
    subject: dict[str, str]


class _Envelopes(msgspec.Struct):
    cases: list[_Request]


class _Trees(msgspec.Struct):
    hashes: list[_Hash]


class _Evidences(msgspec.Struct):
    cases: list[_Evidence]


def read(name: str) -> bytes:
    return (DIRECTORY / name).read_bytes()


ENVELOPES = msgspec.json.decode(read("envelope.json"), type=_Envelopes).cases
TREES = msgspec.json.decode(read("merkle.json"), type=_Trees).hashes
EVIDENCE = msgspec.json.decode(read("evidence.json"), type=_Evidences).cases


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_generator_makes_exactly_the_committed_file(name: str) -> None:
    make: Callable[[], Vector] = FILES[name]
    assert (DIRECTORY / name).read_text(encoding="utf-8") == text_of(make()), REGENERATE


def test_no_other_file_stands_among_the_vectors() -> None:
    assert {path.name for path in Path(DIRECTORY).iterdir()} == set(FILES)


def test_keys_digests_and_canonical_texts_hold() -> None:
    vectors = msgspec.json.decode(read("crypto.json"), type=_Crypto)
    for signed in (vectors.sm2, vectors.ed25519):
        key = load_public(bytes.fromhex(signed.spki))
        assert key.kid == signed.kid == hashlib.sha256(bytes.fromhex(signed.spki)).hexdigest()[:32]
        assert key.verify(signed.message.encode(), bytes.fromhex(signed.signature))
    for digest in vectors.digests:
        name = "sm3" if digest.suite == "sm2-sm3" else "sha256"
        assert hashlib.new(name, digest.text.encode()).hexdigest() == digest.digest
    for one in vectors.canonical_json:
        assert canonical(one.value).decode() == one.text


@pytest.mark.parametrize("case", ENVELOPES, ids=lambda case: case.suite)
def test_the_signed_requests_are_read_and_the_changed_ones_refused(case: _Request) -> None:
    request = parse_request(case.method, case.path, case.query, header_source(case.headers.items()))
    assert request.base.decode() == case.signature_base
    assert request.digest().hex() == case.request_digest
    request.check_signature(load_public(base64.b64decode(case.public_key)))
    request.check_body(case.body.encode())
    for refused in case.refused:
        headers = {**case.headers, refused.header: refused.value}
        with pytest.raises(EnvelopeError) as caught:
            parse_request(case.method, case.path, case.query, header_source(headers.items()))
        assert caught.value.code == refused.code, refused.title


@pytest.mark.parametrize("case", TREES, ids=lambda case: case.hash)
def test_the_trees_have_their_roots_and_proofs(case: _Hash) -> None:
    one = suite("sm2-sm3" if case.hash == "sm3" else "ed25519")
    leaves = [bytes.fromhex(leaf) for leaf in case.leaf_hashes]
    assert leaves == [leaf_hash(one, data.encode()) for data in case.leaf_data]
    roots = {tree.size: bytes.fromhex(tree.root) for tree in case.trees}
    for tree in case.trees:
        root = roots[tree.size]
        for index, proof in enumerate(tree.inclusion):
            path = [bytes.fromhex(part) for part in proof]
            assert verify_inclusion(one, leaves[index], index, tree.size, proof=path, root=root)
        for old, proof in tree.consistency_from.items():
            path = [bytes.fromhex(part) for part in proof]
            old_root = roots[int(old)]
            assert verify_consistency(one, int(old), tree.size, old_root=old_root, new_root=root, proof=path)


@pytest.mark.parametrize("case", EVIDENCE, ids=lambda case: case.suite)
def test_the_bundles_verify_and_the_lies_are_named(case: _Evidence) -> None:
    bundle, trust = parse_bundle(json.dumps(case.bundle)), parse_trust(json.dumps(case.trust))
    one = suite(case.suite)
    assert verify_bundle(bundle, trust) == []
    assert parse_leaf(bundle.leaf).hash(one).hex() == case.leaf_hash
    assert parse_leaf(bundle.leaf).subjects == (case.subject["commitment"],)
    assert parse_head(bundle.head).digest() == case.head_digest
    receipt = Receipt.from_header(case.yw_evidence_header)
    assert (receipt.leaf, receipt.index, receipt.proof) == (bundle.leaf, bundle.index, bundle.proof)
    for lie in case.invalid:
        changed = json.loads(json.dumps(case.bundle))
        inside, last = (changed["request"], lie.member[8:]) if "." in lie.member else (changed, lie.member)
        inside[last] = lie.value
        found = verify_bundle(parse_bundle(json.dumps(changed)), trust)
        assert sorted({finding.code for finding in found}) == lie.findings != [], lie.title


@pytest.mark.parametrize("case", EVIDENCE, ids=lambda case: case.suite)
def test_the_recovery_statement_names_what_was_lost(case: _Evidence) -> None:
    trust = parse_trust(json.dumps(case.trust))
    stated = case.recovery
    old, new = parse_head(stated.old_head.head), parse_head(stated.head.head)
    assert verify_head(old, stated.old_head.signature, trust) == []
    assert verify_head(new, stated.head.signature, trust) == []
    leaf = parse_leaf(stated.leaf)
    proof = [bytes.fromhex(part) for part in stated.proof]
    one = suite(case.suite)
    assert verify_inclusion(
        one, leaf.hash(one), stated.index, new.size, proof=proof, root=bytes.fromhex(new.root)
    )
    recovery = Recovery.from_detail(leaf.detail)
    consistency = tuple(bytes.fromhex(part) for part in stated.consistency_from_4)
    found = compare_heads(old, new, consistency, [recovery])
    assert [(one.code, dict(one.facts)) for one in found] == [("leaves-lost", {"start": 4, "end": 9})]
    assert new.previous == old.digest()
