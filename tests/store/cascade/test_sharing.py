"""A city's officer finds a national resource, asks for it, and gets it; nobody else does."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.store.cascade.network import Network, now
from tests.store.exchange.cast import (
    CONSUMER,
    HE_QING,
    PROVIDER,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    mounted,
    wish,
)
from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SourceForm


def agency(uscc: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO organisation_region (code, name_zh, name_en, level) VALUES ('290100', '测', 'T', 2)"
            " ON CONFLICT DO NOTHING"
        )
        cursor.execute(
            "INSERT INTO organisation_agency (uscc, slug, name_zh, name_en, short_zh, short_en, region_id, line, active)"
            " VALUES (%s, %s, %s, %s, %s, %s, '290100', 'minzheng', true)",
            [uscc, uscc.lower(), name, name, name, name],
        )


def asked(nodes: Network, source: SourceForm) -> tuple[str, str]:
    """A national resource, and the city's request for it as it has arrived at the nation; code and number."""
    with nodes.at("nation"):
        agency(PROVIDER, "国家市场监管总局")
        code = mounted(source)
    with nodes.at("lanzhou"):
        agency(CONSUMER, "兰州市民政局")
    nodes.join("nation", "gansu")
    nodes.join("gansu", "lanzhou")
    nodes.settle()
    with nodes.at("lanzhou"):
        number = cascade.ask(ZHOU_HANG, "nation", code, wish(), now())
    nodes.settle()
    return code, number


def test_a_city_officer_finds_asks_for_and_gets_a_national_resource(
    nodes: Network, source: SourceForm
) -> None:
    code, number = asked(nodes, source)
    with nodes.at("lanzhou"):
        found = cascade.entries(ZHOU_HANG, text="企业登记")
        assert [(row.node, row.code, row.asking) for row in found.rows] == [("nation", code, number)]
        assert found.rows[0].node_title == "节点 nation"
        assert cascade.asking(ZHOU_HANG, number).state == "submitted"
    with nodes.at("nation"):
        (row,) = exchange.review_queue(HE_QING, now()).rows
        exchange.accept_request(HE_QING, row.id, now())
    nodes.settle()
    with nodes.at("lanzhou"):
        view = cascade.asking(ZHOU_HANG, number)
        assert view.state == "deciding"
        assert view.due, "the clock of the owner is told"
    with nodes.at("nation"):
        grant = exchange.approve_request(WANG_MIN, row.id, exchange.Approval(text="同意"), now())
    nodes.settle()
    with nodes.at("lanzhou"):
        view = cascade.asking(ZHOU_HANG, number)
        assert (view.state, view.grant, view.grant_state) == ("granted", grant, "active")
        assert view.held_until is not None
        assert 0 < (view.held_until - now()).total_seconds() <= 60
        assert cascade.entries(ZHOU_HANG, text="企业登记").rows[0].grant == grant
    with nodes.at("nation"):
        exchange.revoke_grant(WANG_MIN, grant, "用途已经结束", now())
    nodes.settle()
    with nodes.at("lanzhou"):
        assert cascade.asking(ZHOU_HANG, number).grant_state == "revoked"


def test_an_outsider_sees_neither_the_request_nor_its_grant(nodes: Network, source: SourceForm) -> None:
    _, number = asked(nodes, source)
    for name in ("lanzhou", "nation"):
        with nodes.at(name):
            assert cascade.askings(ZHAO_JING) == ()
            with pytest.raises(cascade.AskingUnknown):
                cascade.asking(ZHAO_JING, number)


def test_a_withdrawn_entry_is_found_no_more(nodes: Network, source: SourceForm) -> None:
    code, _ = asked(nodes, source)
    with nodes.at("nation"):
        exchange.withdraw_resource(WANG_MIN, code, "数据已停止更新", now())
    nodes.settle()
    for name in ("gansu", "lanzhou"):
        with nodes.at(name):
            assert cascade.entries(ZHOU_HANG, text="企业登记").rows == ()


def test_what_is_wrong_with_a_request_is_said_before_it_travels(nodes: Network, source: SourceForm) -> None:
    code, _ = asked(nodes, source)
    with nodes.at("lanzhou"):
        with pytest.raises(cascade.AskingInvalid) as wrong:
            cascade.ask(ZHOU_HANG, "nation", code, wish(reason="短", fields=("没有",)), now())
        assert {one.where for one in wrong.value.problems} == {"fields", "reason"}
        with pytest.raises(cascade.CascadeNotAllowed):
            cascade.ask(HE_QING, "nation", code, wish(), now())
        with pytest.raises(cascade.EntryUnknown):
            cascade.ask(ZHOU_HANG, "gansu", code, wish(), now())
