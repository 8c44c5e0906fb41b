"""Pure verification of evidence: no clock, no network, no database. docs/specs/evidence.md §9."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

from yiwang.vocabulary.crypto.errors import BadSignatureEncoding, CryptoError
from yiwang.vocabulary.crypto.suites import SUITES
from yiwang.vocabulary.envelope.errors import EnvelopeError
from yiwang.vocabulary.envelope.parsing import SignedRequest, header_source, parse_request
from yiwang.vocabulary.envelope.profile import COVERED_HEADERS
from yiwang.vocabulary.evidence.bundle import Bundle, RequestKey, Trust, public_key
from yiwang.vocabulary.evidence.errors import EvidenceError
from yiwang.vocabulary.evidence.findings import Finding
from yiwang.vocabulary.evidence.head import Head, parse_head
from yiwang.vocabulary.evidence.leaf import Leaf, Recovery, parse_instant, parse_leaf
from yiwang.vocabulary.merkle import Proof, leaf_hash, verify_consistency, verify_inclusion


def verify_bundle(bundle: Bundle, trust: Trust) -> list[Finding]:
    """Everything that is wrong with an evidence file; an empty list means that it is valid."""
    findings: list[Finding] = []
    leaf = _leaf(bundle.leaf, findings)
    head = _head(bundle.head, findings)
    request = _request(bundle, findings)
    if head is not None:
        findings += verify_head(head, bundle.signature, trust)
    if leaf is not None and head is not None:
        findings += _place(bundle, leaf, head)
    if leaf is not None and request is not None:
        findings += _binding(request, leaf)
    if leaf is not None and bundle.status != leaf.status:
        findings.append(
            Finding("status-differs", "status", {"given": bundle.status, "recorded": leaf.status})
        )
    names = {trust.node} | {part.node for part in (leaf, head, request) if part is not None}
    if len(names) > 1:
        findings.append(Finding("node-differs", "node", {"names": ", ".join(sorted(names))}))
    return findings


def verify_head(head: Head, signature: str, trust: Trust) -> list[Finding]:
    """What is wrong with a head's signature (lower-case hexadecimal) by the pinned keys."""
    pinned = trust.key(head.key)
    if pinned is None:
        return [Finding("head-key-unknown", "head.key", {"kid": head.key})]
    if pinned.suite != head.suite:
        return [Finding("head-key-suite", "head.suite")]
    findings: list[Finding] = []
    if head.node != trust.node:
        findings.append(Finding("node-differs", "head.node", {"names": f"{head.node}, {trust.node}"}))
    if not pinned.valid_at(parse_instant(head.time)):
        findings.append(Finding("head-key-period", "head.time", {"time": head.time, "kid": head.key}))
    try:
        fits = pinned.public().verify(head.canonical(), bytes.fromhex(signature))
    except (BadSignatureEncoding, ValueError):
        fits = False
    if not fits:
        findings.append(Finding("head-signature-wrong", "signature"))
    return findings


def compare_heads(
    older: Head, newer: Head, proof: Proof, recoveries: Sequence[Recovery] = ()
) -> list[Finding]:
    """What is wrong between two heads of a log whose signatures were checked.

    Args:
        older: the head kept from before.
        newer: the head of now.
        proof: consistency proof from `min(older.size, the recoveries' old_size)` to `newer.size`.
        recoveries: every recovery statement in the newer head's tree whose epoch is after the older head's.
    """
    if (older.node, older.log, older.suite) != (newer.node, newer.log, newer.suite):
        return [Finding("log-differs", "head.log", {"leaf": older.log, "head": newer.log})]
    if newer.epoch < older.epoch:
        return [Finding("head-epoch-shrinks", "head.epoch", {"new": newer.epoch, "old": older.epoch})]
    if (newer.epoch > older.epoch) is not bool(recoveries):
        return [Finding("recovery-missing", "head.epoch", {"new": newer.epoch, "old": older.epoch})]
    common, root = older.size, older.root
    for recovery in recoveries:
        if recovery.old_size < common:
            common, root = recovery.old_size, recovery.old_root
    findings: list[Finding] = []
    if common < older.size:
        findings.append(Finding("leaves-lost", "head.size", {"start": common, "end": older.size}))
    if newer.size < common:
        findings.append(Finding("head-size-shrinks", "head.size", {"new": newer.size, "old": common}))
    elif not verify_consistency(
        SUITES[newer.suite],
        common,
        newer.size,
        old_root=bytes.fromhex(root),
        new_root=bytes.fromhex(newer.root),
        proof=proof,
    ):
        findings.append(Finding("heads-inconsistent", "head.root", {"old": common}))
    return findings


def _leaf(text: str, findings: list[Finding]) -> Leaf | None:
    try:
        return parse_leaf(text)
    except EvidenceError as problem:
        findings.append(Finding("leaf-malformed", "leaf", {"reason": str(problem.facts.get("reason", ""))}))
        return None


def _head(text: str, findings: list[Finding]) -> Head | None:
    try:
        return parse_head(text)
    except EvidenceError as problem:
        findings.append(Finding("head-malformed", "head", {"reason": str(problem.facts.get("reason", ""))}))
        return None


def _request(bundle: Bundle, findings: list[Finding]) -> SignedRequest | None:
    given = bundle.request
    signed = {**given.headers, "signature-input": given.signature_input, "signature": given.signature}
    for name, value in signed.items():
        if value != value.strip() or (name in given.headers and name not in COVERED_HEADERS):
            findings.append(Finding("request-header-unknown", f"request.headers.{name}", {"name": name}))
    if bundle.request_key is None:
        if given.signature:
            findings.append(Finding("request-signature-unchecked", "request.signature"))
        signed["signature"] = "yw=:AAAAAAAAAAA=:"  # stands in for the absent one, and is never verified
    try:
        request = parse_request(given.method, given.path, given.query, header_source(signed.items()))
    except EnvelopeError as problem:
        findings.append(Finding("request-malformed", "request", {"reason": problem.text("en")}))
        return None
    if request.suite.digest(given.body.encode("utf-8")) != request.content_digest:
        findings.append(Finding("request-body-changed", "request.body"))
    if bundle.request_key is not None:
        findings += _caller(request, bundle.request_key)
    return request


def _caller(request: SignedRequest, given: RequestKey) -> list[Finding]:
    try:
        key = public_key(given.kid, given.suite, given.spki)
    except CryptoError as problem:
        return [Finding("request-key-malformed", "request_key", {"reason": problem.text("en")})]
    if key.kid != request.kid:
        return [Finding("request-key-differs", "request_key.kid")]
    try:
        request.check_signature(key)
    except EnvelopeError:
        return [Finding("request-signature-wrong", "request.signature")]
    return []


def _place(bundle: Bundle, leaf: Leaf, head: Head) -> list[Finding]:
    findings: list[Finding] = []
    suite = SUITES[head.suite]
    if leaf.log != head.log:
        findings.append(Finding("log-differs", "leaf.log", {"leaf": leaf.log, "head": head.log}))
    if leaf.epoch > head.epoch:
        findings.append(Finding("epoch-differs", "leaf.epoch", {"leaf": leaf.epoch, "head": head.epoch}))
    if leaf.response is None:
        findings.append(Finding("answer-unproven", "leaf.response"))
    elif suite.digest(bundle.answer.encode("utf-8")).hex() != leaf.response:
        findings.append(Finding("answer-changed", "answer"))
    if not verify_inclusion(
        suite,
        leaf_hash(suite, bundle.leaf.encode("utf-8")),
        bundle.index,
        head.size,
        proof=[bytes.fromhex(part) for part in bundle.proof],
        root=bytes.fromhex(head.root),
    ):
        findings.append(Finding("inclusion-wrong", "proof"))
    return findings


def _binding(request: SignedRequest, leaf: Leaf) -> list[Finding]:
    findings: list[Finding] = []
    if request.alg != leaf.request_alg:
        findings.append(Finding("request-algorithm-differs", "leaf.request_alg"))
    if request.digest().hex() != leaf.request:
        findings.append(Finding("request-digest-differs", "leaf.request"))
    if request.kid != leaf.key:
        findings.append(Finding("request-key-differs", "leaf.key"))
    if leaf.purpose is not None and request.purpose.text != leaf.purpose:
        findings.append(Finding("purpose-differs", "leaf.purpose"))
    if leaf.grant is not None and request.grant not in (None, leaf.grant):
        findings.append(Finding("grant-differs", "leaf.grant"))
    parts = request.path.split("/")
    if len(parts) == 5 and parts[:3] == ["", "v1", "resources"]:
        if leaf.resource is not None and unquote(parts[3]) != leaf.resource:
            findings.append(Finding("resource-differs", "leaf.resource"))
        if leaf.kind not in (parts[4], "refusal"):
            findings.append(Finding("kind-differs", "leaf.kind"))
    return findings
