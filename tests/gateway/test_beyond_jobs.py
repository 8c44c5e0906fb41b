"""Jobs of the city's node on a table of the nation: the city's own delivery, and the real gateways of three nodes between.

Replaced is only what tells the node of its grants and holds its key: tests/store/cascade/test_table_grants.py has that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from django.db import connection

from tests.gateway.cascade_stage import CITY, NATION, NODES, PROVINCE
from tests.gateway.ledgers import ADDRESS, CODE, Ledgers
from tests.gateway.line import Cut
from tests.gateway.stage import ITEM, PROVIDER
from tests.store.delivery.cast import Clock, Ended
from tests.store.exchange.cast import HE_QING, WANG_MIN, ZHOU_HANG
from tests.store.exchange.conftest import key_folder, node
from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.delivery.actions.watching import Watch
from yiwang.blocks.delivery.domain import errors
from yiwang.blocks.delivery.public import (
    Ask,
    BeyondGrant,
    JobForm,
    TargetForm,
    as_ours,
    use_beyond,
    use_rule_book,
)
from yiwang.blocks.delivery.store import beyond as wired
from yiwang.blocks.exchange.public import GrantUnknown
from yiwang.bootstrap.beyond_tables import refused
from yiwang.bootstrap.rulebook import QualityRules
from yiwang.client import ClientError
from yiwang.client.tables import Tables
from yiwang.dataplane.transfer.beyond_wire import Act
from yiwang.dataplane.transfer.keeping import Wish
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

__all__ = ["key_folder", "node"]
pytestmark = pytest.mark.django_db
LONG = 20_000
RULES = "rules:\n  - {id: capital, rule: range, field: 资本, max: 4900, severity: major}\n"


class City:
    """What the city's node knows of the nation's grants, and its key."""

    def __init__(self, ledgers: Ledgers) -> None:
        self.ledgers = ledgers
        self.state = "active"
        self.prepared: list[str] = []
        self.changed: dict[str, Any] = {}

    def grant(self, owner: str, number: str) -> BeyondGrant | None:
        if owner != NATION or number == "G-0":
            return None
        made = self.ledgers.cascade.granted(number)
        facts: dict[str, Any] = {
            "owner": owner, "number": number, "version": made.version, "state": self.state, "consumer": ZHOU_HANG.agency,
            "resource": CODE, "title": "登记", "provider": PROVIDER, "provider_name": "国家登记局", "modes": made.modes,
            "fields": tuple(one.name for one in made.fields),
            "masks": {one.name: one.mask for one in made.fields if one.mask}, "ways": made.ways,
            "frequency": made.frequency, "purposes": made.purposes, "case_required": False,
            "not_before": datetime.fromtimestamp(made.not_before, UTC),
            "not_after": datetime.fromtimestamp(made.not_after, UTC), "hours": None, "workdays_only": False,
        }  # fmt: skip
        return BeyondGrant(**(facts | self.changed))

    def prepare(self, agency: str, now: datetime) -> None:
        del now
        self.prepared.append(agency)

    @contextmanager
    def asking(self, grant: BeyondGrant, case: str, now: datetime) -> Iterator[Ask]:
        del now
        purpose = delivery.purpose_of(ITEM, case)
        with self.ledgers.at_city() as client:
            tables = Tables(client, grant.address, purpose=purpose, grant=grant.number)

            def ask(act: Act) -> bytes:
                try:
                    return tables.ask(msgspec.json.encode(act))
                except ClientError as error:
                    raise as_ours(grant, refused(error)) from error

            yield ask


class Play:
    """A job of the city under a fresh grant of the nation."""

    def __init__(self, ledgers: Ledgers, city: City, target: str, clock: Clock) -> None:
        self.ledgers, self.city, self.target, self.clock = ledgers, city, target, clock
        self.place = ledgers.target()

    def form(self, grant: str, **changes: Any) -> JobForm:
        return JobForm(f"{grant}@{NATION}", self.target, "国家登记信息", self.place[1], **changes)

    def job(self, grant: str | None = None, **changes: Any) -> str:
        return delivery.create_job(
            ZHOU_HANG, self.form(grant or self.ledgers.grant(), **changes), self.clock(), run=True
        )

    def run(self, job: str, *, again: bool = False) -> str:
        if again:
            delivery.run_job(ZHOU_HANG, job, self.clock())
        ended = []

        def here(run: int) -> Ended:
            self.ledgers.cascade.leases()
            ended.append(delivery.run_one(run, self.clock, chunk_rows=1000))
            return Ended()

        delivery.deliver(self.clock, here, lambda: False, 1)
        return ended[-1] if ended else ""

    def view(self, job: str) -> delivery.JobView:
        return delivery.job(ZHOU_HANG, job)

    def wants(self) -> None:
        assert self.ledgers.copied(self.place) == self.ledgers.wanted()


@pytest.fixture
def play(ledgers: Ledgers, db: None, node: None, key_folder: Path) -> Iterator[Play]:
    del db, node
    use_key_provider(FileKeyProvider(key_folder, create=True))
    use_rule_book(QualityRules())
    before, city = wired.beyond(), City(ledgers)
    use_beyond(city)
    with connection.cursor() as cursor:  # a role that row-level security binds
        cursor.execute("CREATE ROLE beyond_test_app")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO beyond_test_app")
        cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO beyond_test_app")
        cursor.execute("SET LOCAL ROLE beyond_test_app")
    with ledgers.database("city_lake") as lake:  # numbers of jobs begin anew with each test
        lake.execute("DROP TABLE IF EXISTS yw_transfer_job, yw_transfer_chunk")
    there, clock = urlsplit(ledgers.url), Clock(datetime.now(UTC))
    form = TargetForm(
        "城市库", str(there.hostname), "city_lake", str(there.username), str(there.password or "x"), port=there.port or 5432
    )  # fmt: skip
    yield Play(ledgers, city, delivery.add_target(ZHOU_HANG, form, clock()), clock)
    use_beyond(before)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def test_a_job_brings_the_nations_table_and_both_nodes_hold_the_same_proof(play: Play) -> None:
    grant = play.ledgers.grant()
    job = play.job(grant)
    assert play.city.prepared == [ZHOU_HANG.agency]
    assert play.run(job) == "done"
    play.wants()
    view = play.view(job)
    run = view.runs[0]
    assert (run.proven, run.passed, run.quarantined) == (True, len(play.ledgers.wanted()), 0)
    assert (view.row.grant, view.row.owner, view.row.resource) == (grant, NATION, ADDRESS)
    told = [
        one for one in play.ledgers.cascade.leaves(NATION, grant) if one.get("event") == "table-delivered"
    ]
    assert [one["detail"]["report"] for one in told] == [run.digest], (
        "the owner holds the digest of the report"
    )
    assert delivery.report(ZHOU_HANG, job, run.id).digest == run.digest
    assert play.ledgers.cascade.calls(grant) == 1
    assert play.ledgers.cascade.damages() == []
    assert [one.id for one in delivery.jobs(ZHOU_HANG, grant=f"{grant}@{NATION}").rows] == [job]
    assert delivery.jobs(ZHOU_HANG, grant=grant).rows == (), "a grant of this node may have the same number"


def test_an_incremental_job_brings_what_is_new_and_a_second_run_of_the_period_is_not_given(
    play: Play,
) -> None:
    job = play.job(mode="incremental", cursor="更新")
    assert play.run(job) == "done"
    play.wants()
    assert play.run(job, again=True) == "failed"
    assert play.view(job).row.reason == "delivery-too-often"
    assert play.view(job).row.state == "active"


@pytest.mark.parametrize("place", [NATION, PROVINCE])
def test_a_line_that_is_cut_in_the_middle_is_waited_for_and_the_same_run_goes_on(
    play: Play, place: str
) -> None:
    grant, pages = play.ledgers.grant(), 0

    def dies(message: bytes) -> bytes:
        nonlocal pages
        pages += len(message) > LONG
        if pages >= 2:
            raise Cut(message[: len(message) // 2])
        return message

    job = play.job(grant)
    with play.ledgers.cascade.lines[place].changing(answer=dies):
        assert play.run(job) == "failed"
    row = play.view(job).row
    assert (row.state, row.reason) == ("active", "delivery-owner-silent")
    assert row.next_at == play.clock() + timedelta(minutes=1)
    assert row.reason_zh.startswith("现在取不到节点 nation 的表：")
    assert 0 < len(play.ledgers.copied(play.place)) < 3000
    play.clock.on(minutes=2)
    assert play.run(job) == "done"
    play.wants()
    assert play.ledgers.cascade.calls(grant) == 1, "the owner knows one run"


def test_a_confirmation_that_does_not_arrive_is_made_up_for_and_nothing_is_read_twice(play: Play) -> None:
    grant, lost = play.ledgers.grant(), False

    def loses(message: bytes) -> bytes:
        nonlocal lost
        if b'"received"' in message:
            lost = True
            raise Cut(b"")
        return message

    job = play.job(grant)
    with play.ledgers.cascade.lines[PROVINCE].changing(answer=loses):
        assert play.run(job) == "failed"
    assert lost
    read = len(play.ledgers.cascade.leaves(NATION, grant))
    play.clock.on(minutes=2)
    assert play.run(job) == "done"
    play.wants()
    after = play.ledgers.cascade.leaves(NATION, grant)[read:]
    assert {one.get("event") for one in after} == {"table-delivered"}, "no page was asked for again"
    assert play.view(job).runs[0].proven


@pytest.mark.parametrize("place", [NATION, PROVINCE])
def test_a_flipped_bit_reaches_no_row_of_the_target(play: Play, place: str) -> None:
    def flip(message: bytes) -> bytes:
        if len(message) < LONG:
            return message
        changed = bytearray(message)
        changed[-1000] ^= 1
        return bytes(changed)

    job = play.job()
    with play.ledgers.cascade.lines[place].changing(answer=flip):
        assert play.run(job) == "failed"
    assert play.view(job).row.reason == "delivery-page-unproven"
    assert play.ledgers.copied(play.place) == []
    play.clock.on(minutes=2)
    assert play.run(job) == "done"
    play.wants()


@pytest.mark.parametrize("place", NODES)
def test_a_grant_that_is_revoked_in_the_middle_stops_the_run_for_good(play: Play, place: str) -> None:
    grant, pages = play.ledgers.grant(), 0

    def revoked(message: bytes) -> bytes:
        nonlocal pages
        pages += len(message) > LONG
        if pages == 2:
            pages += 1
            compiled = play.ledgers.cascade.granted(grant)
            play.ledgers.cascade.put_terms(place, compiled, "revoked")
            if place == NATION:
                play.ledgers.cascade.nodes[NATION].publish(compiled, state="revoked")
            play.ledgers.cascade.settle()
        return message

    job = play.job(grant)
    with play.ledgers.cascade.lines[PROVINCE].changing(answer=revoked):
        assert play.run(job) == "failed"
    row = play.view(job).row
    assert (row.state, row.reason, row.next_at) == ("failed", "delivery-grant-over", None)
    assert 0 < len(play.ledgers.copied(play.place)) < 3000


def test_what_this_node_knows_of_a_revocation_stops_the_run_before_its_next_chunk(play: Play) -> None:
    job, pages = play.job(), 0

    def told(message: bytes) -> bytes:
        nonlocal pages
        pages += len(message) > LONG
        if pages == 2:
            play.city.state = "revoked"
        return message

    with play.ledgers.cascade.lines[PROVINCE].changing(answer=told):
        assert play.run(job) == "failed"
    assert play.view(job).row.reason == "delivery-grant-over"
    assert 0 < len(play.ledgers.copied(play.place)) < 3000


def test_a_job_is_cancelled_between_chunks_and_goes_on_as_the_same_run(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant, looked = play.ledgers.grant(), 0
    job, seen = play.job(grant), Watch.wish

    def wish(watch: Watch) -> Wish:
        nonlocal looked
        looked += 1
        if looked == 2:
            delivery.cancel_run(ZHOU_HANG, job, play.clock())
        return seen(watch)

    monkeypatch.setattr(Watch, "wish", wish)
    assert play.run(job) == "cancelled"
    assert 0 < len(play.ledgers.copied(play.place)) < 3000
    assert play.run(job, again=True) == "done"
    play.wants()
    assert play.ledgers.cascade.calls(grant) == 1


def test_rows_that_break_a_rule_are_mended_and_replayed_without_asking_the_owner(play: Play) -> None:
    grant = play.ledgers.grant()
    job = play.job(grant, check="own", rules=RULES)
    assert play.run(job) == "done", play.view(job).runs[0]
    view = play.view(job)
    assert view.runs[0].proven
    assert view.row.held == view.runs[0].quarantined > 0
    held = view.held[0]
    assert held.values["法人"] == "***", "what the owner masks is not shown either"
    asked = len(play.ledgers.cascade.leaves(NATION, grant))
    delivery.mend_row(ZHOU_HANG, job, held.id, {"资本": "2999"}, play.clock())
    delivery.replay_rows(ZHOU_HANG, job, play.clock())
    assert play.run(job) == "done"
    assert play.view(job).row.held == view.row.held - 1
    assert len(play.ledgers.cascade.leaves(NATION, grant)) == asked
    assert (held.values["编号"], 2999) in {(row[0], row[2]) for row in play.ledgers.copied(play.place)}


def test_nobody_makes_a_job_under_what_is_not_theirs_or_does_not_allow_it(play: Play) -> None:
    grant, now = play.ledgers.grant(), play.clock()
    for wrong in ("G-0@nation", f"{grant}@elsewhere", f"{grant}@"):
        with pytest.raises(GrantUnknown):
            delivery.create_job(ZHOU_HANG, JobForm(wrong, play.target, "x", "t"), now)
    with pytest.raises(GrantUnknown):
        delivery.create_job(WANG_MIN, play.form(grant), now)
    with pytest.raises(errors.DeliveryNotAllowed):
        delivery.create_job(HE_QING, play.form(grant), now)
    for more, why in (
        ({"mode": "cdc"}, "mode"), ({"check": "resource"}, "check"), ({"mode": "incremental", "cursor": "备注"}, "cursor"),
        ({"mode": "incremental", "cursor": "法人"}, "cursor"), ({"cron": "*/5 * * * *"}, "cron"),
    ):  # fmt: skip
        with pytest.raises(errors.DeliveryInvalid) as told:
            delivery.create_job(ZHOU_HANG, play.form(grant, **more), now)
        assert why in {problem.where for problem in told.value.problems}
    assert play.city.prepared == [], "no key is made for a job that is none"
    play.city.changed = {"case_required": True}
    for case in ("", " ", "a;b", "x" * 101):
        with pytest.raises(errors.DeliveryInvalid) as told:
            delivery.create_job(ZHOU_HANG, play.form(grant, case=case), now)
        assert [problem.where for problem in told.value.problems] == ["case"]
    for changed, kind in (
        ({"state": "revoked"}, errors.GrantOver), ({"modes": ("query",)}, errors.GrantNotTable),
        ({"frequency": None}, errors.GrantNotTable), ({"consumer": WANG_MIN.agency}, GrantUnknown),
    ):  # fmt: skip
        play.city.changed = changed
        with pytest.raises(kind):
            delivery.create_job(ZHOU_HANG, play.form(grant), now)


def test_other_agencies_see_nothing_of_the_job(play: Play) -> None:
    job = play.job()
    with pytest.raises(errors.JobUnknown):
        delivery.job(WANG_MIN, job)
    with pytest.raises(errors.JobUnknown):
        delivery.run_job(WANG_MIN, job, play.clock())


def test_a_key_that_is_not_granted_is_told_by_the_first_run(play: Play) -> None:
    from yiwang.blocks.exchange.domain.compiled import GrantedField

    job = play.job(play.ledgers.grant(fields=(GrantedField("法人", "name"), GrantedField("资本"))))
    assert play.run(job) == "failed"
    row = play.view(job).row
    assert (row.state, row.reason) == ("failed", "delivery-owner-refused")
    assert "主键" in row.reason_zh


def test_a_node_that_is_suspended_is_waited_for(play: Play) -> None:
    job = play.job()
    play.ledgers.cascade.put_peer(PROVINCE, CITY, state="suspended")
    play.ledgers.cascade.settle()
    try:
        assert play.run(job) == "failed"
    finally:
        play.ledgers.cascade.put_peer(PROVINCE, CITY)
        play.ledgers.cascade.settle()
    assert play.view(job).row.reason == "delivery-owner-silent"
    play.clock.on(minutes=2)
    assert play.run(job) == "done"
    play.wants()
