"""Files of a national resource are asked for by a city, granted, and their receipts come back by day and mode."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.store.cascade.network import Network, now
from tests.store.cascade.test_news import calls
from tests.store.cascade.test_sharing import agency
from tests.store.exchange.cast import (
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
from tests.store.files.cast import BY_FILE
from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.cascade.actions.rolling import roll_up
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SourceForm
from yiwang.blocks.files.public import ShelfForm, close_shelf, open_shelf
from yiwang.blocks.journal.store.models import Rollup


def shelved(nodes: Network) -> str:
    """A national resource that is exchanged by file alone, as the city knows it."""
    with nodes.at("nation"):
        agency(PROVIDER, "国家市场监管总局")
        code = published("年报")
        open_shelf(WANG_MIN, code, ShelfForm(), now())
    with nodes.at("lanzhou"):
        agency(CONSUMER, "兰州市民政局")
    nodes.join("nation", "gansu")
    nodes.join("gansu", "lanzhou")
    nodes.settle()
    return code


def granted(nodes: Network, code: str) -> str:
    """The city's grant to fetch them."""
    with nodes.at("lanzhou"):
        cascade.ask(ZHOU_HANG, "nation", code, wish(**BY_FILE), now())
    nodes.settle()
    with nodes.at("nation"):
        (row,) = exchange.review_queue(HE_QING, now()).rows
        exchange.accept_request(HE_QING, row.id, now())
        grant = exchange.approve_request(WANG_MIN, row.id, exchange.Approval(text="同意"), now())
    nodes.settle()
    return grant


def received(nodes: Network, name: str, resource: str, grant: str, times: int) -> None:
    """What a gateway's journal has counted of confirmed files."""
    with nodes.at(name):
        yesterday = now().date() - timedelta(days=1)
        Rollup.objects.create(
            day=yesterday, consumer=CONSUMER, provider=PROVIDER, resource=resource, grant_id=grant, kind="file",
            status_class=2, code="", calls=times, rows=0, histogram=[0],
        )  # fmt: skip


def test_a_city_asks_for_files_and_holds_the_grant_on_every_node(nodes: Network) -> None:
    code = shelved(nodes)
    with nodes.at("lanzhou"):
        assert cascade.entry(ZHOU_HANG, "nation", code).body.modes == ("file",)
        for wrong, where in (({"modes": ()}, "modes"), ({"modes": ("query",)}, "modes")):
            with pytest.raises(cascade.AskingInvalid) as refused:
                cascade.ask(ZHOU_HANG, "nation", code, replace(wish(**BY_FILE), **wrong), now())
            assert where in {one.where for one in refused.value.problems}
    grant = granted(nodes, code)
    with nodes.at("lanzhou"):
        held = cascade.holding(ZHOU_HANG, "nation", grant)
        assert held is not None
        assert (held.modes, held.state, held.address) == (("file",), "active", f"{code}@nation")
        assert cascade.holding(ZHAO_JING, "nation", grant) is None
    with nodes.at("nation"):
        close_shelf(WANG_MIN, code, "不再交付", now())
    nodes.settle()
    with nodes.at("lanzhou"):
        assert cascade.entry(ZHOU_HANG, "nation", code).body.modes == ()


def test_receipts_tell_files_apart_from_calls_and_show_where_the_sides_differ(nodes: Network) -> None:
    code = shelved(nodes)
    grant = granted(nodes, code)
    received(nodes, "nation", code, grant, 3)
    received(nodes, "lanzhou", f"{code}@nation", grant, 2)
    yesterday = now().date() - timedelta(days=1)
    with nodes.at("nation"):
        calls(yesterday, code, grant, 5, 5)
    with nodes.at("lanzhou"):
        calls(yesterday, f"{code}@nation", grant, 5, 5)
        roll_up(now())
    nodes.settle()
    with nodes.at("nation"):
        told = {one.mode: one for one in cascade.receipts(WANG_MIN)}
        assert set(told) == {"api", "file"}
        assert (told["api"].times, told["api"].rows, told["api"].differs) == (5, 5, False)
        assert (told["file"].times, told["file"].delivered_times, told["file"].differs) == (2, 3, True)
        assert cascade.receipts(ZHAO_JING) == ()


def test_files_of_a_resource_that_is_given_back_by_division_are_granted_to_no_other_node(
    nodes: Network, source: SourceForm
) -> None:
    with nodes.at("nation"):
        agency(PROVIDER, "国家市场监管总局")
        code = mounted(source)
        open_shelf(WANG_MIN, code, ShelfForm(), now())
    with nodes.at("lanzhou"):
        agency(CONSUMER, "兰州市民政局")
    nodes.join("nation", "gansu")
    nodes.join("gansu", "lanzhou")
    nodes.settle()
    with nodes.at("nation"):
        cascade.offer_return(WANG_MIN, code, "lanzhou", "信用代码", "9135", now())
    nodes.settle()
    with nodes.at("lanzhou"):
        number = cascade.ask(ZHOU_HANG, "nation", code, wish(**BY_FILE), now())
    nodes.settle()
    with nodes.at("lanzhou"):
        view = cascade.asking(ZHOU_HANG, number)
        assert (view.state, view.answer) == ("rejected", "")
        assert view.refusal is not None
        assert view.refusal.code == "cascade-not-divided"
