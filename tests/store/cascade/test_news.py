"""Needs, receipts, figures and data given back travel once, in any weather, to those they are for and to nobody else."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import asyncpg
import msgspec
import pytest
from django.db import transaction

from tests.store.cascade.network import Network, cut, now
from tests.store.cascade.test_sharing import agency, asked
from tests.store.exchange.cast import (
    AUDITOR,
    CONSUMER,
    HE_QING,
    PROVIDER,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    mounted,
    published,
    wish,
)
from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.cascade.actions.rolling import roll_up
from yiwang.blocks.cascade.domain.bodies import NeedBody, ReceiptBody, SupplyBody
from yiwang.blocks.cascade.store.outgoing import event, put
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.domain.compiled import CompiledGrant, CompiledResource, RowCondition
from yiwang.blocks.exchange.public import SourceForm
from yiwang.blocks.exchange.store.models import CompiledResourceRow
from yiwang.blocks.journal.store.models import Rollup
from yiwang.gateway import sql
from yiwang.gateway.policy import QueryBody, plan_query
from yiwang.gateway.terms import terms

NEED = cascade.Posted(
    "N-2026-000001", "法人变更记录", CONSUMER, "兰州市民政局", "核对近三年的变更", ("变更事项",)
)


def calls(day: date, resource: str, grant: str, times: int, rows: int) -> None:
    """What a gateway has counted."""
    Rollup.objects.create(
        day=day, consumer=CONSUMER, provider=PROVIDER, resource=resource, grant_id=grant, kind="query",
        status_class=2, code="", calls=times, rows=rows, histogram=[times],
    )  # fmt: skip


async def read(
    grant: CompiledGrant, resource: CompiledResource, source: SourceForm, key: str
) -> list[asyncpg.Record]:
    """What a gateway reads of the source under the grant."""
    laid = terms(grant, 1, resource)
    plan = plan_query(laid, QueryBody(where={"信用代码": key}), now().date())
    statement = sql.statement(
        resource, tuple(one.field for one in plan.outputs), sql.shape(plan.where) + sql.shape(laid.rows),
        after=(), order=laid.key, limit=plan.limit,
    )  # fmt: skip
    connection = await asyncpg.connect(
        host=source.host,
        port=source.port,
        user=source.user,
        password=source.password,
        database=source.database,
    )
    try:
        values = [*sql.parameters(plan.where), *sql.parameters(laid.rows)]
        return list(await connection.fetch(statement.text, *values))
    finally:
        await connection.close()


def again(nodes: Network, name: str, kinds: set[str]) -> None:
    """Send events of these kinds a second time to the parent or child, in the other order, as a new run."""
    from yiwang.blocks.cascade.domain.events import Event
    from yiwang.blocks.cascade.store.models import Sealed

    with nodes.at(name), transaction.atomic():
        for sealed in list(Sealed.objects.order_by("-first")):
            for text in reversed(sealed.events):
                one = msgspec.json.decode(text, type=Event)
                if one.kind in kinds:
                    put(one, [sealed.peer])
    nodes.settle()


def test_a_need_goes_up_once_and_the_answer_comes_down(joined: Network) -> None:
    joined.settle()
    with joined.at("nation"):
        agency(PROVIDER, "国家市场监管总局")
        code = published("法人变更信息")
    with joined.at("lanzhou"):
        with pytest.raises(cascade.CascadeNotAllowed):
            cascade.pass_up(ZHOU_HANG, NEED, now())
        number = cascade.pass_up(HE_QING, NEED, now())
        assert cascade.pass_up(HE_QING, NEED, now()) == number
    joined.settle()
    again(joined, "lanzhou", {"need"})
    for name in ("gansu", "nation"):
        with joined.at(name):
            (seen,) = cascade.needs_from_below(HE_QING)
            assert (seen.origin, seen.title, seen.answerable) == ("lanzhou", "法人变更记录", True)
            assert not cascade.needs_from_below(ZHOU_HANG)[0].answerable
            told = [one for one in exchange.notices(HE_QING).rows if one.kind == "need-from-below"]
            assert len(told) == 1
    with joined.at("gansu"):
        cascade.supply(HE_QING, number, "declined", "省里没有", "", now())
    with joined.at("nation"):
        with pytest.raises(cascade.CascadeNotAllowed):
            cascade.supply(ZHAO_JING, number, "met", "可申请", code, now())
        with pytest.raises(cascade.AskingInvalid):
            cascade.supply(HE_QING, number, "met", "可申请", "1/404", now())
        cascade.supply(HE_QING, number, "met", "可按条件申请", code, now())
        with pytest.raises(cascade.CascadeError, match="answered"):
            cascade.supply(HE_QING, number, "declined", "再想想", "", now())
    joined.settle()
    again(joined, "gansu", {"supply"})
    with joined.at("lanzhou"):
        up = cascade.passed_up(ZHOU_HANG, NEED.need)
        assert up is not None
        assert (up.state, up.resource, up.answered_at_node) == ("met", code, "nation"), (
            "a no of the province takes nothing away"
        )


def test_no_need_goes_up_where_nobody_is_above_and_none_is_forged(joined: Network) -> None:
    joined.settle()
    with joined.at("nation"):
        with pytest.raises(cascade.CascadeError, match="No way"):
            cascade.pass_up(HE_QING, NEED, now())
        with transaction.atomic():  # a parent states no need, and nobody states one of another node
            put(event("need", "nation-N-1", NeedBody("N-1", "x", CONSUMER, "x", "x"), now()), ["gansu"])
    with joined.at("lanzhou"), transaction.atomic():
        put(event("need", "tianshui-N-1", NeedBody("N-1", "x", CONSUMER, "x", "x"), now()), ["gansu"])
        put(event("supply", "nation-N-1", SupplyBody("met", "x", "x"), now(), target="gansu"), ["gansu"])
    joined.settle()
    with joined.at("gansu"):
        assert cascade.needs_from_below(HE_QING) == ()
        found = [one for one in cascade.alarms(AUDITOR) if one.kind == "event-refused"]
        assert len([one for one in found if one.found_by == "gansu"]) == 3


def test_figures_roll_up_once_over_a_partition_and_go_to_nobody_below(joined: Network) -> None:
    joined.settle()
    yesterday = now().date() - timedelta(days=1)
    joined.faults.append(cut)
    with joined.at("lanzhou"):
        calls(yesterday, "1/1", "G-1", 12, 30)
        calls(yesterday - timedelta(days=3), "1/1", "G-1", 5, 5)
        assert roll_up(now()) == 30
        assert roll_up(now()) == 0
    joined.faults.clear()
    joined.settle()
    again(joined, "lanzhou", {"statistics"})
    for name, expected in (("gansu", ["gansu", "lanzhou"]), ("nation", ["nation", "gansu", "lanzhou"])):
        with joined.at(name):
            found = cascade.rolled_up(AUDITOR, now())
            assert [one.node for one in found] == expected
            city = found[-1]
            assert (city.calls, city.rows, city.entries) == (17, 35, 0)
            assert dict(city.by_day)[yesterday] == 12
            with pytest.raises(cascade.CascadeNotAllowed):
                cascade.rolled_up(ZHOU_HANG, now())
    with joined.at("nation"):
        roll_up(now())
    joined.settle()
    with joined.at("lanzhou"):
        assert {one.node for one in cascade.figures(AUDITOR)} == {"lanzhou"}


def test_a_node_joined_later_brings_the_figures_of_its_last_days(nodes: Network) -> None:
    with nodes.at("lanzhou"):
        calls(now().date() - timedelta(days=2), "1/1", "G-1", 4, 4)
        roll_up(now())
    nodes.join("gansu", "lanzhou")
    nodes.settle()
    with nodes.at("gansu"):
        assert cascade.rolled_up(AUDITOR, now())[-1].calls == 4


def test_receipts_stand_beside_what_was_delivered_and_only_their_parties_see_them(
    nodes: Network, source: SourceForm
) -> None:
    code, number = asked(nodes, source)
    with nodes.at("nation"):
        (row,) = exchange.review_queue(HE_QING, now()).rows
        exchange.accept_request(HE_QING, row.id, now())
        grant = exchange.approve_request(WANG_MIN, row.id, exchange.Approval(text="同意"), now())
    nodes.settle()
    yesterday = now().date() - timedelta(days=1)
    with nodes.at("nation"):
        calls(yesterday, code, grant, 3, 3)
    with nodes.at("lanzhou"):
        calls(yesterday, f"{code}@nation", grant, 3, 2)
        roll_up(now())
    with nodes.at("gansu"):
        roll_up(now())
    nodes.settle()
    again(nodes, "lanzhou", {"receipt"})
    with nodes.at("nation"):
        (one,) = cascade.receipts(WANG_MIN)
        assert (one.node, one.times, one.rows, one.delivered_times, one.delivered_rows) == (
            "lanzhou",
            3,
            2,
            3,
            3,
        )
        assert one.differs
        assert cascade.receipts(ZHAO_JING) == ()
    with nodes.at("lanzhou"):
        (one,) = cascade.receipts(ZHOU_HANG)
        assert (one.grant, one.rows, one.differs) == (grant, 2, False)
        assert cascade.receipts(ZHAO_JING) == ()
        with transaction.atomic():  # a receipt for a grant that is not this node's
            put(
                event("receipt", "G-9", ReceiptBody("2026-01-01", "api", 1, 1), now(), target="nation"),
                ["gansu"],
            )
    with nodes.at("gansu"):
        assert cascade.receipts(AUDITOR) == (), "calls that pass through are no receipts"
    nodes.settle()
    with nodes.at("nation"):
        assert len(cascade.receipts(WANG_MIN)) == 1
    assert number


def test_a_city_gets_the_rows_of_its_own_division_and_no_other_city_any(
    nodes: Network, source: SourceForm
) -> None:
    with nodes.at("nation"):
        agency(PROVIDER, "国家市场监管总局")
        code = mounted(source)
    with nodes.at("lanzhou"):
        agency(CONSUMER, "兰州市民政局")
    nodes.join("nation", "gansu")
    nodes.join("gansu", "lanzhou")
    nodes.settle()
    with nodes.at("nation"):
        with pytest.raises(cascade.CascadeNotAllowed):
            cascade.offer_return(ZHAO_JING, code, "gansu", "信用代码", "9135", now())
        with pytest.raises(cascade.AskingInvalid):
            cascade.offer_return(WANG_MIN, code, "elsewhere", "信用代码", "9135", now())
        cascade.offer_return(WANG_MIN, code, "gansu", "信用代码", "9111", now())
    nodes.settle()
    with nodes.at("lanzhou"):
        assert cascade.given_back("nation", code) is None
        refused = cascade.ask(ZHOU_HANG, "nation", code, wish(), now())
    nodes.settle()
    with nodes.at("lanzhou"):
        view = cascade.asking(ZHOU_HANG, refused)
        assert (view.state, view.answer) == ("rejected", "")
        assert view.refusal is not None
        assert view.refusal.code == "cascade-not-given-back"
        assert "没有向节点 lanzhou 提供" in view.refusal.text("zh")
        assert "not to the node lanzhou" in view.refusal.text("en")
    with nodes.at("nation"):
        cascade.offer_return(WANG_MIN, code, "lanzhou", "信用代码", "9135", now())
    nodes.settle()
    again(nodes, "nation", {"return"})
    with nodes.at("lanzhou"):
        mine = cascade.given_back("nation", code)
        assert mine is not None
        assert (mine.field, mine.division) == ("信用代码", "9135")
        assert any(one.kind == "data-given-back" for one in exchange.notices(ZHOU_HANG).rows)
        wide = wish(rows=(exchange.RowCondition("信用代码", "prefix", "91"),))
        cascade.ask(ZHOU_HANG, "nation", code, wide, now())
    nodes.settle()
    with nodes.at("nation"):
        (row,) = exchange.review_queue(HE_QING, now()).rows
        exchange.accept_request(HE_QING, row.id, now())
        asked_for = exchange.request(WANG_MIN, row.id, now()).terms
        assert asked_for is not None
        with pytest.raises(exchange.ExchangeError):
            exchange.approve_request(
                WANG_MIN,
                row.id,
                exchange.Approval(text="放宽", terms=msgspec.structs.replace(asked_for, rows=())),
                now(),
            )
        grant = exchange.approve_request(WANG_MIN, row.id, exchange.Approval(text="同意"), now())
        handed = exchange.handing.handed_grant(grant)
        assert handed is not None
        compiled = msgspec.json.decode(handed.doc, type=CompiledGrant)
        assert RowCondition("信用代码", "prefix", "9135") in compiled.rows
        stored = CompiledResourceRow.objects.get(pk=code).doc
        resource = msgspec.json.decode(stored, type=CompiledResource)
        for key, rows in (("91350100M000100Y43", 1), ("91110000600037341L", 0), ("914403001922038216", 0)):
            assert len(asyncio.run(read(compiled, resource, source, key))) == rows, key
        cascade.end_return(WANG_MIN, code, "lanzhou", now())
    nodes.settle()
    with nodes.at("lanzhou"):
        assert cascade.given_back("nation", code) is None
        later = cascade.ask(ZHOU_HANG, "nation", code, wish(), now())
    nodes.settle()
    with nodes.at("lanzhou"):
        assert cascade.asking(ZHOU_HANG, later).state == "rejected"
