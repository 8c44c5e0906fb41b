from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.evidence.exchanges import CODE, exchange, leaf_of, node_key, recovery_leaf, request_of
from yiwang.vocabulary.canonical import NotCanonical, canonical
from yiwang.vocabulary.crypto import SUITES, suite
from yiwang.vocabulary.evidence import (
    Head,
    HeadMalformed,
    Leaf,
    LeafMalformed,
    Recovery,
    compare_heads,
    instant_text,
    parse_head,
    parse_instant,
    parse_leaf,
    sign_head,
    subject_commitment,
)
from yiwang.vocabulary.merkle import Frontier, Proof, consistency_proof, leaf_hash

SHA = suite("ed25519")
LEAF = leaf_of(request_of("ed25519"), "ed25519", "ed25519")
HEAD = parse_head(exchange("ed25519").receipt.head)


def as_dict(value: object) -> dict[str, object]:
    return msgspec.json.decode(msgspec.json.encode(value), type=dict[str, object])


def test_a_leafs_text_is_canonical_and_names_every_member() -> None:
    text = LEAF.canonical()
    assert text == rfc8785.dumps(json.loads(text)) == canonical(as_dict(LEAF))
    assert parse_leaf(text) == LEAF == parse_leaf(text.decode())
    assert LEAF.hash(SHA) == leaf_hash(SHA, text)
    assert set(json.loads(text)) == {
        *("v", "time", "node", "log", "epoch", "kind", "direction", "consumer", "client", "key", "provider"),
        *("resource", "version", "grant", "grant_version", "purpose", "request_id", "request", "request_alg"),
        *("response", "rows", "status", "code", "event", "subjects", "upstream", "detail"),
    }


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=5), st.integers(0, 9), max_size=4
    )
)
def test_a_detail_is_written_canonically_too(detail: dict[str, object]) -> None:
    leaf = msgspec.structs.replace(LEAF, kind="event", event="grant-revoked", detail=detail)
    assert leaf.canonical() == canonical(as_dict(leaf))
    assert parse_leaf(leaf.canonical()) == leaf


def test_a_detail_without_canonical_form_is_refused() -> None:
    with pytest.raises(NotCanonical):
        msgspec.structs.replace(LEAF, kind="event", detail={"a": 1.5}).canonical()


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"kind": "other"},
        {"direction": "consume"},
        {"time": "2026-11-21T08:00:00Z"},
        {"time": "2026-13-21T08:00:00.000000Z"},
        {"time": "2026-11-21T08:00:00.000000Z\n"},
        {"epoch": -1},
        {"epoch": 2**53},
        {"epoch": None},
        {"rows": 1.5},
        {"status": True},
        {"key": "0" * 31},
        {"request": "A" * 64},
        {"response": "0" * 63},
        {"request_alg": "rsa"},
        {"subjects": ["0" * 63]},
        {"subjects": ["0" * 64] * 513},
        {"upstream": [1]},
        {"node": "Lanzhou"},
        {"log": ""},
        {"request_id": ""},
        {"purpose": "x" * 1025},
        {"detail": {}},
        {"code": "grant-expired"},
        {"kind": "refusal"},
        {"kind": "recovery"},
        {"kind": "recovery", "detail": {}},
        {"more": 1},
    ],
)
def test_a_leaf_with_an_impossible_member_is_refused(changes: dict[str, object]) -> None:
    value = as_dict(LEAF) | changes
    with pytest.raises(LeafMalformed):
        parse_leaf(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def test_a_leaf_in_another_writing_is_refused() -> None:
    text = LEAF.canonical().decode()
    missing = as_dict(LEAF)
    del missing["detail"]
    for wrong in (
        text + "\n",
        " " + text,
        text.replace(":", ": ", 1),
        text.replace("lanzhou", "l\\u0061nzhou"),
        json.dumps(json.loads(text), separators=(",", ":")),
        json.dumps(missing, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        text.replace('"v":1', '"v":1,"v":1'),
        text.replace("lanzhou", "\ud800"),
        "[]",
        "",
        text.replace("lanzhou", "a" * 70_000),
    ):
        with pytest.raises(LeafMalformed):
            parse_leaf(wrong)


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"size": -1},
        {"root": "0" * 63},
        {"previous": ""},
        {"suite": "rsa"},
        {"time": "2026-02-30T00:00:00.000000Z"},
        {"more": 1},
        {"node": "x" * 3000},
    ],
)
def test_a_head_with_an_impossible_member_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(HeadMalformed):
        parse_head(canonical(as_dict(HEAD) | changes))


def test_a_heads_text_is_canonical() -> None:
    assert HEAD.canonical() == canonical(as_dict(HEAD))
    assert HEAD.digest() == SHA.digest(HEAD.canonical()).hex()
    with pytest.raises(HeadMalformed):
        parse_head(HEAD.canonical() + b" ")
    with pytest.raises(HeadMalformed):
        sign_head(HEAD, node_key("sm2-sm3"))


@pytest.mark.parametrize("name", sorted(SUITES))
def test_a_subject_is_committed_to_with_salt(name: str) -> None:
    one = suite(name)
    salt = bytes(16)
    commitment = subject_commitment(one, salt, CODE, "公民身份号码", "1")
    text = rfc8785.dumps({"resource": CODE, "field": "公民身份号码", "value": "1"})
    assert commitment == one.digest(salt + text).hex()
    assert commitment != subject_commitment(one, b"1" * 16, CODE, "公民身份号码", "1")


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)))
def test_times_are_written_with_six_digits_in_utc(instant: datetime) -> None:
    text = instant_text(instant)
    assert parse_instant(text) == instant
    assert len(text) == 27


def test_a_time_of_another_zone_is_written_in_utc() -> None:
    beijing = timezone(timedelta(hours=8))
    assert instant_text(datetime(2026, 11, 21, 16, tzinfo=beijing)) == "2026-11-21T08:00:00.000000Z"
    for wrong in ("2026-11-21T08:00:00Z", "2026-02-30T08:00:00.000000Z", "", "２026-11-21T08:00:00.000000Z"):
        with pytest.raises(ValueError):
            parse_instant(wrong)


LEAVES = [leaf_hash(SHA, b"%d" % n) for n in range(20)]
OTHER = [*LEAVES[:4], *(leaf_hash(SHA, b"other %d" % n) for n in range(20))]


def head_over(leaves: list[bytes], size: int, epoch: int = 1, **changes: object) -> Head:
    root = Frontier(SHA).grow(leaves[:size]).root.hex()
    return msgspec.structs.replace(HEAD, size=size, root=root, epoch=epoch, **changes)


def proof_over(leaves: list[bytes], old: int, new: int) -> Proof:
    nodes = {(n.level, n.position): n.hash for n in Frontier(SHA).grow(leaves[:new]).nodes}
    return consistency_proof(SHA, old, new, lambda level, position: nodes[level, position])


def found(older: Head, newer: Head, proof: Proof, *recoveries: Recovery) -> list[str]:
    return [finding.code for finding in compare_heads(older, newer, proof, recoveries)]


def test_two_heads_of_one_log_are_consistent() -> None:
    assert found(head_over(LEAVES, 7), head_over(LEAVES, 20), proof_over(LEAVES, 7, 20)) == []
    assert found(head_over(LEAVES, 7), head_over(LEAVES, 7), ()) == []
    empty = msgspec.structs.replace(HEAD, size=0, root=SHA.digest(b"").hex())
    assert found(empty, head_over(LEAVES, 7), ()) == []


def test_a_rewritten_log_is_found() -> None:
    assert found(head_over(LEAVES, 7), head_over(OTHER, 20), proof_over(OTHER, 7, 20)) == [
        "heads-inconsistent"
    ]
    assert found(head_over(LEAVES, 7), head_over(OTHER, 7), ()) == ["heads-inconsistent"]
    assert found(head_over(LEAVES, 7), head_over(LEAVES, 6), ()) == ["head-size-shrinks"]
    assert found(head_over(LEAVES, 7, 2), head_over(LEAVES, 7, 1), ()) == ["head-epoch-shrinks"]
    assert found(head_over(LEAVES, 7), head_over(LEAVES, 7, log="gw2"), ()) == ["log-differs"]
    assert found(head_over(LEAVES, 7), head_over(LEAVES, 9, 2), ()) == ["recovery-missing"]
    assert found(head_over(LEAVES, 7), head_over(LEAVES, 9), (), recovery(4, 9)) == ["recovery-missing"]


def recovery(size: int, known: int | None) -> Recovery:
    return Recovery(
        last_known_root=None if known is None else Frontier(SHA).grow(LEAVES[:known]).root.hex(),
        last_known_size=known,
        old_root=Frontier(SHA).grow(LEAVES[:size]).root.hex(),
        old_size=size,
        reason="恢复到昨夜备份",
    )


def test_a_restore_names_the_leaves_that_were_lost() -> None:
    stated = recovery(4, 9)
    leaf = recovery_leaf(stated)
    assert Recovery.from_detail(leaf.detail) == stated
    after = [*LEAVES[:4], leaf.hash(SHA), *OTHER[5:]]
    proof = proof_over(after, 4, 10)
    lost = compare_heads(head_over(LEAVES, 9), head_over(after, 10, 2), proof, [stated])
    assert [(one.code, dict(one.facts)) for one in lost] == [("leaves-lost", {"start": 4, "end": 9})]
    assert found(head_over(LEAVES, 4), head_over(after, 10, 2), proof, stated) == []
    assert found(head_over(LEAVES, 3), head_over(after, 10, 2), proof_over(after, 3, 10), stated) == []
    twice = [*after[:6], leaf_hash(SHA, b"second recovery"), *OTHER[7:]]
    again = compare_heads(
        head_over(LEAVES, 9), head_over(twice, 12, 3), proof_over(twice, 4, 12), [stated, recovery(6, 8)]
    )
    assert [dict(one.facts) for one in again] == [{"start": 4, "end": 9}]
    skipped = head_over(after, 10, 4)
    assert found(head_over(LEAVES, 4), skipped, proof, stated) == []
    nothing = recovery(0, 9)
    anew = [leaf_hash(SHA, b"anew %d" % n) for n in range(3)]
    assert found(head_over(LEAVES, 9), head_over(anew, 3, 2), (), nothing) == ["leaves-lost"]
    hidden = [*OTHER[4:8], leaf.hash(SHA), *OTHER[5:]]
    assert found(head_over(LEAVES, 4), head_over(hidden, 10, 2), proof_over(hidden, 4, 10), stated) == [
        "heads-inconsistent"
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"last_known_size": None},
        {"last_known_root": None},
        {"last_known_size": 3},
        {"old_root": "0"},
        {"old_size": -1},
        {"reason": ""},
        {"more": 1},
    ],
)
def test_an_impossible_recovery_statement_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(LeafMalformed):
        Recovery.from_detail(recovery(4, 9).detail() | changes)
    assert Recovery.from_detail(recovery(4, None).detail()).last_known_size is None


def test_a_leaf_is_frozen() -> None:
    with pytest.raises(AttributeError):
        LEAF.status = 500  # type: ignore[misc]
    assert isinstance(LEAF, Leaf)


@given(st.binary(min_size=16, max_size=16), st.text(max_size=20), st.text(max_size=20), st.text(max_size=40))
def test_a_commitment_is_over_the_canonical_object(
    salt: bytes, resource: str, field: str, value: str
) -> None:
    whole = canonical({"field": field, "resource": resource, "value": value})
    assert subject_commitment(SHA, salt, resource, field, value) == SHA.digest(salt + whole).hex()
