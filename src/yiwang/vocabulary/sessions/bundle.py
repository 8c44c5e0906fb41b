"""The evidence file of one call of a session: the call, the handshake, and the caller's countersignature.

docs/specs/sessions.md §8. Whoever has the session's keys could make codes for any request, so the codes prove nothing
to others and are not in the file: the caller is bound by the signatures under handshake and countersignature.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from yiwang.vocabulary.crypto import BadSignatureEncoding, CryptoError, Suite
from yiwang.vocabulary.envelope import ALGORITHMS, EnvelopeError
from yiwang.vocabulary.envelope.parsing import SignedRequest, header_source, parse_request
from yiwang.vocabulary.evidence import (
    Bundle,
    EvidenceError,
    Finding,
    Trust,
    parse_head,
    parse_leaf,
    verify_bundle,
)
from yiwang.vocabulary.evidence.bundle import public_key, read_file
from yiwang.vocabulary.evidence.head import HexSignature
from yiwang.vocabulary.evidence.leaf import Count, Hex64
from yiwang.vocabulary.merkle import leaf_hash, verify_inclusion
from yiwang.vocabulary.sessions.errors import SessionTextMalformed
from yiwang.vocabulary.sessions.record import Entry
from yiwang.vocabulary.sessions.statement import Statement, parse_statement
from yiwang.vocabulary.sessions.wire import MAC_OF, Opened

SESSION_FORMAT: Literal["yiwang-session/1"] = "yiwang-session/1"


class Countersignature(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the caller signed over a head, and where in its record the call stands.

    Attributes:
        place: of the call in the record, from 0.
        proof: its inclusion proof there, lower-case hexadecimal, from the entry upwards.
        received: whether the caller has the answer; else it only owns up to the request.
        signature: over the statement, lower-case hexadecimal.
        statement: canonical text.
    """

    place: Count
    proof: Annotated[tuple[Hex64, ...], Meta(max_length=64)]
    received: bool
    signature: HexSignature
    statement: str


class SessionBundle(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An evidence file: one call of a session. The head of `call` is the countersigned one."""

    format: Literal["yiwang-session/1"]
    call: Bundle
    countersignature: Countersignature
    opening: Bundle

    def to_json(self) -> bytes:
        """The file: UTF-8 JSON, indented."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def parse_session_bundle(data: bytes | str) -> SessionBundle:
    """Read an evidence file.

    Raises:
        BundleMalformed: not of the format; unknown, missing or repeated members included.
    """
    return read_file(data, SessionBundle)


def verify_session_bundle(bundle: SessionBundle, trust: Trust) -> list[Finding]:
    """Everything that is wrong with an evidence file; an empty list means that it is valid."""
    findings = [_below("opening", one) for one in verify_bundle(bundle.opening, trust)]
    findings += [_below("call", one) for one in verify_bundle(bundle.call, trust)]
    opened = _opened(bundle.opening, findings)
    statement = _statement(bundle.countersignature, findings)
    request = _request(bundle.call)
    if opened is None or statement is None or request is None:
        return findings
    findings += _same(bundle, opened, statement, request)
    findings += _countersigned(bundle, statement)
    return findings


def _below(place: str, finding: Finding) -> Finding:
    return Finding(finding.code, f"{place}.{finding.where}", finding.facts)


def _opened(opening: Bundle, findings: list[Finding]) -> Opened | None:
    if opening.request_key is None:
        findings.append(Finding("session-opening-unsigned", "opening.request_key"))
    try:
        return msgspec.json.decode(opening.answer, type=Opened)
    except msgspec.DecodeError as problem:
        findings.append(
            Finding("session-opening-malformed", "opening.answer", {"reason": str(problem)[:200]})
        )
        return None


def _statement(given: Countersignature, findings: list[Finding]) -> Statement | None:
    try:
        return parse_statement(given.statement)
    except SessionTextMalformed as problem:
        told = {"reason": str(problem.facts.get("reason", ""))}
        findings.append(Finding("countersignature-malformed", "countersignature.statement", told))
        return None


def _request(call: Bundle) -> SignedRequest | None:
    """The request of the call; None where `verify_bundle` has said what is wrong with it."""
    given = call.request
    sent = {**given.headers, "signature-input": given.signature_input, "signature": "yw=:AAAAAAAAAAA=:"}
    try:
        return parse_request(given.method, given.path, given.query, header_source(sent.items()))
    except EnvelopeError:
        return None


def _same(
    bundle: SessionBundle, opened: Opened, statement: Statement, request: SignedRequest
) -> list[Finding]:
    """Handshake, call and countersignature are of one session of one caller at one log."""
    findings: list[Finding] = []
    opening = bundle.opening
    key = opening.request_key
    try:
        leaf, begun = parse_leaf(bundle.call.leaf), parse_leaf(opening.leaf)
    except EvidenceError:
        return []
    detail = begun.detail or {}
    stated = {
        "opening.leaf": (begun.kind, begun.event, opening.request.path)
        == ("event", "session-opened", "/v1/sessions")
        and detail.get("session") == opened.session,
        "opening.request_key": key is not None and MAC_OF[key.suite] == opened.alg,
        "call.request": (request.kid, request.alg) == (opened.session, opened.alg),
        "call.leaf": (leaf.key, leaf.client, leaf.log, leaf.node)
        == (opened.session, opened.client, opened.log, opened.node),
        "countersignature.statement": (statement.session, statement.client, statement.log, statement.node)
        == (opened.session, opened.client, opened.log, opened.node)
        and key is not None
        and statement.key == key.kid,
    }
    findings.extend(
        Finding("session-differs", where, {"what": where}) for where, holds in stated.items() if not holds
    )
    return findings


def _countersigned(bundle: SessionBundle, statement: Statement) -> list[Finding]:
    findings: list[Finding] = []
    given, call, key = bundle.countersignature, bundle.call, bundle.opening.request_key
    try:
        head, leaf = parse_head(call.head), parse_leaf(call.leaf)
    except EvidenceError:
        return []
    if (statement.size, statement.root, statement.head) != (head.size, head.root, head.digest()):
        findings.append(Finding("countersignature-head-differs", "countersignature.statement"))
    if key is not None and not _signed(key.kid, key.suite, key.spki, given):
        findings.append(Finding("countersignature-wrong", "countersignature.signature"))
    request = leaf.request or ""
    entry = Entry(request, call.index, leaf.response) if given.received else Entry(request)
    if not _recorded(ALGORITHMS[leaf.request_alg or head.suite], entry, given, statement):
        findings.append(Finding("record-wrong", "countersignature.proof"))
    return findings


def _signed(kid: str, suite: str, spki: str, given: Countersignature) -> bool:
    try:
        return public_key(kid, suite, spki).verify(
            given.statement.encode("utf-8"), bytes.fromhex(given.signature)
        )
    except (BadSignatureEncoding, CryptoError, ValueError):
        return False


def _recorded(suite: Suite, entry: Entry, given: Countersignature, statement: Statement) -> bool:
    return verify_inclusion(
        suite,
        leaf_hash(suite, entry.text()),
        given.place,
        statement.calls + statement.lost,
        proof=[bytes.fromhex(part) for part in given.proof],
        root=bytes.fromhex(statement.record),
    )
