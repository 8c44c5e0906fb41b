from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import msgspec
import pytest

from tests.unit.evidence.exchanges import ANSWER, TIME, client_key, exchange, node_key
from yiwang.vocabulary.crypto import SUITES, FileKeyProvider, suite
from yiwang.vocabulary.evidence import (
    FINDINGS,
    Bundle,
    BundleMalformed,
    EvidenceError,
    Receipt,
    ReceiptMalformed,
    RequestKey,
    Trust,
    TrustMalformed,
    bundle_of,
    parse_bundle,
    parse_trust,
    trust_of,
    verify_bundle,
)

both = pytest.mark.parametrize("name", sorted(SUITES))
PAIRS = [(request, log) for request in sorted(SUITES) for log in sorted(SUITES)]


def codes(bundle: Bundle, trust: Trust) -> list[str]:
    return sorted({finding.code for finding in verify_bundle(bundle, trust)})


@pytest.mark.parametrize(("request_suite", "log_suite"), PAIRS)
def test_a_true_bundle_is_valid_whatever_the_suites(request_suite: str, log_suite: str) -> None:
    made = exchange(request_suite, log_suite)
    assert verify_bundle(made.bundle, made.trust) == []
    assert parse_bundle(made.bundle.to_json()) == made.bundle
    assert parse_bundle(made.bundle.to_json().decode()) == made.bundle
    assert parse_trust(made.trust.to_json()) == made.trust


@dataclass(frozen=True)
class Byte:
    at: int
    inside: str


def string_bytes(text: bytes) -> list[Byte]:
    """Every byte of the file that is inside a string (names included) or belongs to a number."""
    found: list[Byte] = []
    for match in re.finditer(rb'"((?:[^"\\]|\\.)*)"|[0-9]+|null', text):
        start, end = match.span(1) if match[1] is not None else match.span()
        found.extend(Byte(at, match[0][:40].decode("utf-8", "replace")) for at in range(start, end))
    return found


@pytest.mark.parametrize(("name", "bits"), [("ed25519", (0x01, 0x20)), ("sm2-sm3", (0x01,))])
def test_turning_any_byte_inside_any_string_is_found(name: str, bits: tuple[int, ...]) -> None:
    made = exchange(name)
    text = made.bundle.to_json()
    unnoticed: list[tuple[Byte, int]] = []
    assert len(string_bytes(text)) > 2500
    for byte in string_bytes(text):
        for bit in bits:
            changed = bytearray(text)
            changed[byte.at] ^= bit
            try:
                bundle = parse_bundle(bytes(changed))
            except BundleMalformed:
                continue
            if not verify_bundle(bundle, made.trust):
                unnoticed.append((byte, bit))
    assert unnoticed == []


def test_a_bundle_without_the_callers_key_has_no_unchecked_byte_either() -> None:
    made = exchange("ed25519")
    bundle = bundle_of(made.request, None, 200, ANSWER, made.receipt)
    assert bundle.request.signature == ""
    assert verify_bundle(bundle, made.trust) == []
    text = bundle.to_json()
    for byte in string_bytes(text):
        changed = bytearray(text)
        changed[byte.at] ^= 1
        try:
            found = verify_bundle(parse_bundle(bytes(changed)), made.trust)
        except BundleMalformed:
            continue
        assert found, byte
    kept = msgspec.structs.replace(made.bundle, request_key=None)
    assert codes(kept, made.trust) == ["request-signature-unchecked"]


def changed_request(bundle: Bundle, **changes: object) -> Bundle:
    return msgspec.structs.replace(bundle, request=msgspec.structs.replace(bundle.request, **changes))


def changed_leaf(bundle: Bundle, **changes: object) -> Bundle:
    leaf = json.loads(bundle.leaf) | changes
    return msgspec.structs.replace(
        bundle, leaf=json.dumps(leaf, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    )


def changed_head(bundle: Bundle, **changes: object) -> Bundle:
    head = json.loads(bundle.head) | changes
    return msgspec.structs.replace(bundle, head=json.dumps(head, sort_keys=True, separators=(",", ":")))


def replaced(bundle: Bundle, **changes: object) -> Bundle:
    return msgspec.structs.replace(bundle, **changes)


LIES: list[tuple[Callable[[Bundle], Bundle], list[str]]] = [
    (lambda b: replaced(b, answer=b.answer + " "), ["answer-changed"]),
    (lambda b: replaced(b, status=201), ["status-differs"]),
    (lambda b: replaced(b, index=2), ["inclusion-wrong"]),
    (lambda b: replaced(b, index=5), ["inclusion-wrong"]),
    (lambda b: replaced(b, proof=b.proof[:-1]), ["inclusion-wrong"]),
    (lambda b: replaced(b, proof=b.proof[::-1]), ["inclusion-wrong"]),
    (lambda b: replaced(b, leaf=b.leaf + " "), ["leaf-malformed"]),
    (lambda b: replaced(b, head=" " + b.head), ["head-malformed"]),
    (lambda b: replaced(b, signature=b.signature[:-2] + "00"), ["head-signature-wrong"]),
    (lambda b: replaced(b, signature="00" * 8), ["head-signature-wrong"]),
    (lambda b: changed_request(b, body=b.request.body + " "), ["request-body-changed"]),
    (lambda b: changed_request(b, method="PUT"), ["request-digest-differs", "request-signature-wrong"]),
    (lambda b: changed_request(b, query="a"), ["request-digest-differs", "request-signature-wrong"]),
    (
        lambda b: changed_request(b, path=b.request.path.replace("12", "13")),
        ["request-digest-differs", "request-signature-wrong", "resource-differs"],
    ),
    (
        lambda b: changed_request(b, path=b.request.path.replace("query", "verify")),
        ["kind-differs", "request-digest-differs", "request-signature-wrong"],
    ),
    (
        lambda b: changed_request(b, headers={**b.request.headers, "x-more": "1"}),
        ["request-header-unknown"],
    ),
    (lambda b: changed_request(b, headers={}), ["request-malformed"]),
    (lambda b: changed_request(b, signature="yw=::"), ["request-malformed"]),
    (lambda b: changed_request(b, signature=" " + b.request.signature), ["request-header-unknown"]),
    (
        lambda b: changed_leaf(b, request="0" * 64),
        ["inclusion-wrong", "request-digest-differs"],
    ),
    (lambda b: changed_leaf(b, response=None), ["answer-unproven", "inclusion-wrong"]),
    (lambda b: changed_leaf(b, log="gw2"), ["inclusion-wrong", "log-differs"]),
    (lambda b: changed_leaf(b, epoch=2), ["epoch-differs", "inclusion-wrong"]),
    (lambda b: changed_leaf(b, node="tianshui"), ["inclusion-wrong", "node-differs"]),
    (lambda b: changed_leaf(b, purpose="item:1"), ["inclusion-wrong", "purpose-differs"]),
    (lambda b: changed_leaf(b, grant="G-2026-000009"), ["grant-differs", "inclusion-wrong"]),
    (lambda b: changed_leaf(b, resource="1/1"), ["inclusion-wrong", "resource-differs"]),
    (lambda b: changed_leaf(b, kind="verify"), ["inclusion-wrong", "kind-differs"]),
    (lambda b: changed_leaf(b, key="0" * 32), ["inclusion-wrong", "request-key-differs"]),
    (lambda b: changed_leaf(b, request_alg=None), ["inclusion-wrong", "request-algorithm-differs"]),
    (lambda b: changed_leaf(b, rows=2), ["inclusion-wrong"]),
    (lambda b: changed_leaf(b, more=1), ["leaf-malformed"]),
    (lambda b: changed_head(b, key="0" * 32), ["head-key-unknown"]),
    (lambda b: changed_head(b, size=4), ["head-signature-wrong", "inclusion-wrong"]),
    (lambda b: changed_head(b, time="2027-11-21T08:00:00.000000Z"), ["head-signature-wrong"]),
    (
        lambda b: changed_head(b, time="2020-11-21T08:00:00.000000Z"),
        ["head-key-period", "head-signature-wrong"],
    ),
    (lambda b: changed_head(b, node="tianshui"), ["head-signature-wrong", "node-differs"]),
]


@both
@pytest.mark.parametrize(("lie", "expected"), LIES)
def test_each_lie_has_its_own_name(lie: Callable[[Bundle], Bundle], expected: list[str], name: str) -> None:
    made = exchange(name)
    lying = lie(made.bundle)
    assert codes(lying, made.trust) == expected
    for finding in verify_bundle(lying, made.trust):
        assert finding.text("zh") != finding.text("en")
        assert "{" not in finding.text("zh") + finding.text("en")


def other_key(name: str) -> RequestKey:
    public = node_key(name).public
    return msgspec.structs.replace(
        exchange(name).bundle.request_key or pytest.fail("no key"),
        kid=public.kid,
        spki=msgspec.json.decode(msgspec.json.encode(public.spki_der)),
    )


@both
def test_another_callers_key_is_found(name: str) -> None:
    made = exchange(name)
    assert codes(replaced(made.bundle, request_key=other_key(name)), made.trust) == ["request-key-differs"]
    assert made.bundle.request_key is not None
    for changes in (
        {"kid": "0" * 32},
        {"spki": "AAAA"},
        {"spki": "!"},
        {"spki": made.bundle.request_key.spki + " "},
    ):
        wrong = msgspec.structs.replace(made.bundle.request_key, **changes)
        assert codes(replaced(made.bundle, request_key=wrong), made.trust) == ["request-key-malformed"]


@both
def test_a_head_counts_only_under_a_pinned_key_of_its_time_node_and_suite(name: str) -> None:
    made = exchange(name)
    pinned = made.trust.keys[0]

    def trust(**changes: object) -> Trust:
        return Trust(made.trust.format, made.trust.node, (msgspec.structs.replace(pinned, **changes),))

    assert codes(made.bundle, trust(not_after=TIME + timedelta(days=1))) == []
    assert codes(made.bundle, trust(not_after=TIME)) == ["head-key-period"]
    assert codes(made.bundle, trust(not_before=TIME + timedelta(days=1))) == ["head-key-period"]
    assert codes(made.bundle, Trust(made.trust.format, made.trust.node, ())) == ["head-key-unknown"]
    assert codes(made.bundle, Trust(made.trust.format, "tianshui", (pinned,))) == ["node-differs"]
    other = "sm2-sm3" if name == "ed25519" else "ed25519"
    assert codes(made.bundle, trust(suite=other)) == ["head-key-suite"]


def test_a_rotated_key_still_proves_what_it_signed(tmp_path_factory: pytest.TempPathFactory) -> None:
    provider = FileKeyProvider(tmp_path_factory.mktemp("keys") / "keys", create=True)
    first = provider.signing_key("evidence", TIME)
    provider.rotate("evidence", TIME + timedelta(days=1))
    trust = parse_trust(trust_of("lanzhou", provider.describe("evidence")).to_json())
    assert [key.kid == first.kid for key in trust.keys] == [True, False]
    assert trust.keys[0].valid_at(TIME)
    assert not trust.keys[1].valid_at(TIME)


def test_every_finding_has_both_languages() -> None:
    for code, (zh, en) in FINDINGS.items():
        assert re.search("[\u4e00-\u9fff]", zh), code
        assert not re.search("[\u4e00-\u9fff]", en), code
        assert set(re.findall(r"\{(\w+)\}", zh)) == set(re.findall(r"\{(\w+)\}", en)), code


def test_a_file_of_another_form_is_refused() -> None:
    text = exchange("ed25519").bundle.to_json().decode()
    data = json.loads(text)

    def dumped(**changes: object) -> str:
        return json.dumps(data | changes)

    parse_bundle(dumped())
    for wrong in (
        "",
        "[]",
        text[:-3],
        text + "x",
        text.replace('"status": 200', '"status": 200, "status": 200'),
        dumped(more=1),
        dumped(format="yiwang-evidence/2"),
        dumped(status="200"),
        dumped(status=-1),
        dumped(index=1.5),
        dumped(signature="AB" * 40),
        dumped(signature=data["signature"][:-1]),
        dumped(proof=["00"]),
        dumped(proof=["0" * 64] * 65),
        dumped(leaf="\ud800"),
        json.dumps({key: value for key, value in data.items() if key != "request_key"}),
        dumped(request=data["request"] | {"more": 1}),
        dumped(answer=None),
        "[" * 100_000,
    ):
        with pytest.raises(BundleMalformed):
            parse_bundle(wrong)
    made = exchange("ed25519")
    with pytest.raises(BundleMalformed):
        bundle_of(made.request, None, 200, b"\xff", made.receipt)


def test_a_trust_file_of_another_form_is_refused() -> None:
    data = json.loads(exchange("sm2-sm3").trust.to_json())
    key = data["keys"][0]
    other = {"kid": client_key("sm2-sm3").kid}
    for wrong in (
        data | {"format": "x"},
        data | {"more": 1},
        data | {"keys": [key, key]},
        data | {"keys": [key | {"purpose": "sealing"}]},
        data | {"keys": [key | other]},
        data | {"keys": [key | {"spki": "AAAA"}]},
        data | {"keys": [key | {"suite": "ed25519"}]},
        data | {"keys": [key | {"not_before": "2026-11-21T08:00:00"}]},
        data | {"node": "Lan Zhou"},
    ):
        with pytest.raises(TrustMalformed):
            parse_trust(json.dumps(wrong))
    with pytest.raises(TrustMalformed):
        parse_trust(b"\xff")


@both
def test_a_receipt_goes_through_the_header_and_back(name: str) -> None:
    receipt = exchange(name).receipt
    value = receipt.header()
    assert re.fullmatch(r"[A-Za-z0-9_-]+", value)
    assert Receipt.from_header(value) == receipt
    for wrong in ("", "e30", value + "=", value[:-3], "!" + value, value + "汉", "A" * 200_000):
        with pytest.raises(ReceiptMalformed):
            Receipt.from_header(wrong)


def test_errors_of_evidence_say_where() -> None:
    with pytest.raises(EvidenceError) as caught:
        parse_bundle("{}")
    assert caught.value.facts["where"] == "file"
    assert suite("ed25519")
