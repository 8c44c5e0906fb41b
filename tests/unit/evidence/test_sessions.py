"""A session's texts: keys from vectors, records as trees, and evidence files in which nothing can change unnoticed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.client.bundles import by_binding
from tests.unit.client.test_no_byte_unnoticed import changed
from tests.unit.evidence.make_vectors import DIRECTORY
from tests.unit.evidence.session_exchange import session_exchange
from yiwang.client import session_verifier, verifier
from yiwang.vocabulary.canonical import parse_canonical
from yiwang.vocabulary.crypto import SUITES, Mac, suite
from yiwang.vocabulary.envelope import EnvelopeError, header_source, parse_request
from yiwang.vocabulary.evidence import BundleMalformed, parse_trust
from yiwang.vocabulary.merkle import leaf_hash, verify_inclusion
from yiwang.vocabulary.sessions import (
    Entry,
    SessionTextMalformed,
    answer_header,
    derive,
    head_header,
    nonce_of,
    number_of,
    parse_session_bundle,
    parse_statement,
    read_answer_header,
    read_head_header,
    read_share,
    record_of,
    record_proof,
    share_text,
    verify_session_bundle,
)
from yiwang.vocabulary.sessions.record import in_order

NAMES = sorted(SUITES)
CASES = json.loads((DIRECTORY / "sessions.json").read_text(encoding="utf-8"))["cases"]
HEX = st.binary(min_size=32, max_size=32).map(bytes.hex)
ENTRIES = st.lists(
    st.one_of(st.builds(Entry, HEX), st.builds(Entry, HEX, st.integers(0, 2**53 - 1), HEX)), min_size=1, max_size=40
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["suite"]))
def test_the_published_keys_codes_and_records_follow_from_the_published_words(case: dict[str, Any]) -> None:
    one = suite(case["suite"])
    caller, node = (Mac(one, bytes.fromhex(case[f"key_{side}"])) for side in ("caller", "node"))
    derived = derive(
        one,
        bytes.fromhex(case["secret"]),
        opening=bytes.fromhex(case["opening_digest"]),
        answer=case["opening_answer"].encode(),
    )
    base = case["request"]["signature_base"].encode()
    request = parse_request(
        "POST", "/v1/resources/306001003%2F12/query", "", header_source(case["request"]["headers"].items())
    )
    assert request.base == base
    assert request.signature == caller.code(base) == derived.caller.code(base)
    assert number_of(request.nonce) == 42
    text = case["answer_text"].encode()
    assert read_answer_header(case["yw_session_header"]) == (5, node.code(text))
    assert node.code(text) == derived.node.code(text)
    assert (
        record_of(one, [msgspec.json.decode(entry, type=Entry) for entry in case["entries"]])
        == case["record"]
    )
    assert parse_statement(case["statement"]).record == case["record"]
    bundle = parse_session_bundle(json.dumps(case["bundle"]))
    assert verify_session_bundle(bundle, parse_trust(json.dumps(case["trust"]))) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("received", [True, False])
def test_a_call_that_was_asked_is_proven_whether_its_answer_arrived_or_not(name: str, received: bool) -> None:
    made = session_exchange(name, received=received)
    assert verify_session_bundle(made.bundle, made.trust) == []
    report = session_verifier.verify(made.bundle.to_json(), made.trust.to_json())
    assert (report.exit_code, report.facts["received"]) == (0, received)


@pytest.mark.parametrize("name", NAMES)
def test_no_character_of_a_sessions_evidence_can_change_unnoticed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = session_exchange(name)
    text, trust = made.bundle.to_json().decode(), made.trust.to_json()
    monkeypatch.setattr(verifier._Judge, "signed", by_binding)
    assert session_verifier.verify(text.encode(), trust).exit_code == 0
    unnoticed = [
        text[max(0, at - 20) : at + 5]
        for at, other in every_ninth(changed(text))
        if session_verifier.verify(other.encode(), trust).exit_code == 0 or passes(other, made.trust)
    ]
    assert unnoticed == []


def every_ninth(pairs: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    return (pair for number, pair in enumerate(pairs) if number % 9 == 0)


def passes(text: str, trust: Any) -> bool:
    """Whether the library finds nothing either."""
    try:
        return verify_session_bundle(parse_session_bundle(text), trust) == []
    except (BundleMalformed, UnicodeEncodeError):
        return False


def test_other_bundles_and_nonsense_are_handed_on(tmp_path: object) -> None:
    assert tmp_path is not None
    made = session_exchange("ed25519")
    call = msgspec.json.encode(made.bundle.call)
    assert session_verifier.verify(call, made.trust.to_json()).exit_code == 0, (
        "the node's half alone is a bundle"
    )
    for nonsense in (b"", b"[]", b'{"format":"yiwang-session/1"}', b"\xff", b"[" * 100_000):
        assert session_verifier.verify(nonsense, made.trust.to_json()).exit_code == 2
    odd = json.loads(made.bundle.to_json())
    odd["countersignature"]["received"] = 1
    assert session_verifier.verify(json.dumps(odd).encode(), made.trust.to_json()).exit_code == 2


@given(ENTRIES, st.sampled_from(NAMES))
def test_each_entry_of_a_record_is_proven_at_its_place(entries: list[Entry], name: str) -> None:
    one, ordered = suite(name), in_order(entries)
    root = bytes.fromhex(record_of(one, ordered))
    for place, entry in enumerate(ordered):
        parse_canonical(entry.text())
        proof = record_proof(one, ordered, place)
        assert verify_inclusion(
            one, leaf_hash(one, entry.text()), place, len(ordered), proof=proof, root=root
        )
    answered = [entry.index for entry in ordered if entry.index is not None]
    assert answered == sorted(answered)


@given(st.integers(0, 10**22 - 1))
def test_a_number_and_its_nonce_are_one(number: int) -> None:
    assert number_of(nonce_of(number)) == number


@pytest.mark.parametrize("nonce", ["", "1", "0" * 23, "A" * 22, "٠" * 22, "-" + "0" * 21])
def test_other_nonces_are_no_numbers(nonce: str) -> None:
    with pytest.raises(SessionTextMalformed):
        number_of(nonce)


@given(st.integers(0, 10**15 - 1), st.binary(min_size=32, max_size=32))
def test_an_answers_header_is_read_as_it_was_written(index: int, code: bytes) -> None:
    assert read_answer_header(answer_header(index, code)) == (index, code)


@given(st.text(max_size=60))
def test_what_is_no_header_is_refused(text: str) -> None:
    for read in (read_answer_header, read_head_header):
        with pytest.raises(SessionTextMalformed):
            read(text)


@given(st.binary(min_size=1, max_size=100))
def test_a_share_has_one_spelling(share: bytes) -> None:
    text = share_text(share)
    assert read_share(text) == share
    for other in (text + "=", text + "A", text.replace("_", "/") + "!"):
        try:
            assert read_share(other) != share
        except SessionTextMalformed:
            continue


def test_a_head_travels_whole() -> None:
    made = session_exchange("ed25519").bundle.call
    signed = read_head_header(head_header(made.head, made.signature))
    assert (signed.head, signed.signature) == (made.head, made.signature)


def test_a_code_is_asked_for_by_its_name_alone() -> None:
    case = CASES[0]
    headers = dict(case["request"]["headers"])
    headers["Signature-Input"] = headers["Signature-Input"].replace("hmac-sha256", "hmac-md5")
    with pytest.raises(EnvelopeError) as refused:
        parse_request("POST", "/x", "", header_source(headers.items()))
    assert refused.value.code == "signature-algorithm-unknown"
