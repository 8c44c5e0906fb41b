"""Reading the journal: parties see theirs, auditors all, an outsider nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction
from msgspec import structs

from tests.journal.cases import CONSUMER, GRANT, PROVIDER, answer, period_key
from yiwang.blocks.journal.domain.outbox import Entry, entry_of, prepared_of
from yiwang.blocks.journal.domain.prepared import Prepared
from yiwang.blocks.journal.domain.rollup import roll
from yiwang.blocks.journal.public import (
    by_resource,
    consistency,
    daily,
    evidence,
    evidence_by_request,
    failures,
    heads,
    heat,
    next_epoch,
    recent,
    record_event,
    usage,
)
from yiwang.blocks.journal.store.models import Ack, Head, Leaf, Log, Outbox, Recent, Rollup, Usage
from yiwang.gateway.evidence.batch import Batch, Item, Standing
from yiwang.gateway.evidence.tokens import SubjectKeys
from yiwang.vocabulary.canonical import NotCanonical
from yiwang.vocabulary.crypto import SUITES, generate
from yiwang.vocabulary.evidence import parse_head
from yiwang.vocabulary.merkle import Frontier, leaf_hash, verify_consistency, verify_inclusion

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Person:
    agency: str
    roles: frozenset[str] = frozenset({"data_officer"})


WANG_MIN, ZHOU_HANG = Person(PROVIDER), Person(CONSUMER)
ZHAO_JING = Person("11290000MB0000030X")
AUDITOR = Person("11290000MB0000099Y", frozenset({"auditor"}))


def refusal(number: int) -> Prepared:
    return structs.replace(
        answer(number=number), kind="refusal", status=403, code="purpose-not-allowed", rows=None
    )


def write(batches: list[list[Prepared]]) -> None:
    """A log as the writer leaves it, with its sums, inside the test's transaction."""
    key, used = generate("sm2-sm3"), SUITES["sm2-sm3"]
    Log.objects.create(name="gw1", node="lanzhou", suite="sm2-sm3", opened=NOW)
    standing = Standing("lanzhou", "gw1", "sm2-sm3", 1, Frontier(used), None)
    secrets = SubjectKeys(period_key)
    loop = asyncio.new_event_loop()
    told: list[tuple[str, int, str, int]] = []
    for prepared in batches:
        items = [Item(one, secrets, loop.create_future()) for one in prepared]
        for item in items:
            item.write(standing, f"2026-11-21T08:00:00.{len(told):06d}Z", secrets)
            text, index = item.text.decode(), len(told)
            Leaf.objects.create(
                log="gw1", index=index, leaf=text, leaf_hash=item.hash, request_id=item.prepared.request_id,
                took_us=item.prepared.took_us,
            )  # fmt: skip
            told.append(("gw1", index, text, item.prepared.took_us))
        batch = Batch(items, standing, key.kid, f"2026-11-21T08:00:01.{len(told):06d}Z")
        standing = batch.after()
        Head.objects.create(
            log="gw1", size=len(told), epoch=1, head=batch.head.decode(), signature=key.sign(batch.head)
        )
    loop.close()
    rolled = roll(told)
    names = ("day", "consumer", "provider", "resource", "grant_id", "kind", "status_class", "code")
    for dimensions, sums in rolled.sums.items():
        Rollup.objects.create(
            **dict(zip(names, dimensions, strict=True)),
            calls=sums.calls,
            rows=sums.rows,
            histogram=sums.histogram,
        )
    for (scope, name), places in rolled.recent.items():
        Recent.objects.create(
            scope=scope, name=name, logs=[one[0] for one in places], indexes=[one[1] for one in places]
        )


@pytest.fixture(autouse=True)
def journal() -> None:
    write([[answer(number=n) for n in range(3)], [refusal(3), answer(number=4)], [answer(number=5)]])


@pytest.mark.parametrize("person", [WANG_MIN, ZHOU_HANG, AUDITOR])
def test_a_party_and_an_auditor_get_a_leaf_with_a_proof_that_holds(person: Person) -> None:
    found = evidence(person, "gw1", 1)
    assert found is not None
    head = parse_head(found.receipt.head)
    used = SUITES["sm2-sm3"]
    assert verify_inclusion(
        used, leaf_hash(used, found.receipt.leaf.encode()), 1, 6,
        proof=[bytes.fromhex(part) for part in found.receipt.proof], root=bytes.fromhex(head.root),
    )  # fmt: skip
    assert found.state == "prepared"
    Ack.objects.create(log="gw1", index=1, client="c", kid="k", leaf_hash=b"", signature=b"", time=NOW)
    acknowledged = evidence(person, "gw1", 1)
    assert acknowledged is not None
    assert acknowledged.state == "acknowledged"


def test_an_outsider_sees_nothing_at_all() -> None:
    assert evidence(ZHAO_JING, "gw1", 1) is None
    assert evidence_by_request(ZHAO_JING, f"req-{1:026d}") == []
    assert recent(ZHAO_JING) == recent(ZHAO_JING, grant=GRANT) == recent(ZHAO_JING, refused=True) == []
    assert daily(ZHAO_JING, DAY, DAY) == []
    assert heat(ZHAO_JING, DAY, DAY) == []
    assert failures(ZHAO_JING, DAY, DAY) == []
    assert by_resource(ZHAO_JING, DAY, DAY) == []
    assert usage(ZHAO_JING, GRANT, DAY, parties=[CONSUMER, PROVIDER]) is None


def test_a_leaf_is_found_by_its_request() -> None:
    assert [one.index for one in evidence_by_request(ZHOU_HANG, f"req-{4:026d}")] == [4]
    assert evidence(ZHOU_HANG, "gw1", 6) is None
    assert evidence(ZHOU_HANG, "gw9", 0) is None


def test_the_latest_calls_come_first_and_refusals_alone_when_asked_for() -> None:
    assert [one.index for one in recent(WANG_MIN, grant=GRANT)] == [5, 4, 3, 2, 1, 0]
    assert [one.index for one in recent(ZHOU_HANG, limit=2)] == [5, 4]
    assert [one.index for one in recent(AUDITOR, refused=True)] == [3]
    assert recent(AUDITOR)[0].took_ms == 4.2


def test_sums_by_day_agency_resource_and_error_code() -> None:
    (day,) = daily(WANG_MIN, DAY, DAY, grant=GRANT)
    assert (day.day, day.calls, day.refused, day.rows) == (DAY, 6, 1, 5)
    assert day.p95_ms is not None
    assert 4.2 <= day.p95_ms < 4.2 * 1.5
    assert daily(WANG_MIN, DAY, DAY, grant="G-2026-999999") == daily(WANG_MIN, DAY, DAY, resource="x") == []
    (warm,) = heat(AUDITOR, DAY, DAY)
    assert (warm.consumer, warm.calls, warm.refused) == (CONSUMER, 6, 1)
    (failed,) = failures(ZHOU_HANG, DAY, DAY, grant=GRANT)
    assert (failed.code, failed.calls, failed.last_day) == ("purpose-not-allowed", 1, DAY)
    (called,) = by_resource(ZHOU_HANG, DAY, DAY)
    assert (called.resource, called.provider, called.calls) == ("306001003/12", PROVIDER, 6)


def test_a_grants_usage_is_for_its_parties() -> None:
    Usage.objects.create(grant_id=GRANT, day=DAY, calls=7, calls_limit=10, subjects=2, subjects_limit=5)
    seen = usage(ZHOU_HANG, GRANT, DAY, parties=[CONSUMER, PROVIDER])
    assert seen is not None
    assert (seen.calls, seen.subjects) == (7, 2)
    fresh = usage(AUDITOR, GRANT, date(2026, 11, 22), parties=[])
    assert fresh is not None
    assert fresh.calls == 0


def test_heads_are_for_everybody_and_consistent() -> None:
    assert [parse_head(one.head).size for one in heads()] == [6]
    found = consistency("gw1", 3)
    assert found is not None
    first, second = parse_head(found.first.head), parse_head(found.second.head)
    assert verify_consistency(
        SUITES["sm2-sm3"], 3, 6, old_root=bytes.fromhex(first.root), new_root=bytes.fromhex(second.root),
        proof=[bytes.fromhex(part) for part in found.proof],
    )  # fmt: skip
    assert consistency("gw1", 4) is None
    assert consistency("gw1", 6, 3) is None


def test_an_event_is_left_in_the_callers_transaction() -> None:
    with transaction.atomic():
        record_event("grant-issued", NOW, grant=GRANT)
        transaction.set_rollback(True)
    assert Outbox.objects.count() == 0
    told = record_event("grant-revoked", NOW, grant=GRANT, consumer=CONSUMER, detail={"reason": "目的已达"})
    row = Outbox.objects.get()
    prepared = prepared_of(row.entry, row.id)
    assert (prepared.kind, prepared.event, prepared.grant, prepared.request_id) == (
        "event", "grant-revoked", GRANT, told,
    )  # fmt: skip
    assert prepared.detail == {"reason": "目的已达"}


def test_a_detail_without_canonical_text_is_refused() -> None:
    with pytest.raises(NotCanonical):
        record_event("grant-issued", NOW, detail={"share": 0.5})
    with pytest.raises(NotCanonical):
        entry_of(Entry("x", "evt-1", detail={"number": 2**60}))


def test_epochs_grow() -> None:
    with transaction.atomic():
        first = next_epoch()
        second = next_epoch()
    assert second == first + 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM journal_epoch_seq")
        assert cursor.fetchone() == (second,)
