"""A request to another node is changed, handed in again, taken back and renewed; too late a step changes nothing."""

from __future__ import annotations

import pytest

from tests.store.cascade.network import Network, cut, now
from tests.store.cascade.test_sharing import asked
from tests.store.exchange.cast import HE_QING, WANG_MIN, ZHAO_JING, ZHOU_HANG, wish
from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SourceForm


def at_nation(nodes: Network) -> exchange.RequestView:
    (row,) = exchange.review_queue(HE_QING, now()).rows
    return exchange.request(HE_QING, row.id, now())


def test_a_returned_request_is_changed_and_handed_in_again(nodes: Network, source: SourceForm) -> None:
    _, number = asked(nodes, source)
    with nodes.at("lanzhou"), pytest.raises(cascade.CascadeError, match="changed"):
        cascade.amend(ZHOU_HANG, number, wish(), now())
    with nodes.at("nation"):
        exchange.return_request(HE_QING, at_nation(nodes).id, "请写明用途", now())
    nodes.settle()
    with nodes.at("lanzhou"):
        view = cascade.asking(ZHOU_HANG, number)
        assert (view.state, view.answer, set(view.steps)) == ("returned", "请写明用途", {"edit", "withdraw"})
        with pytest.raises(cascade.AskingInvalid):
            cascade.amend(ZHOU_HANG, number, wish(reason="短"), now())
        with pytest.raises(cascade.AskingUnknown):
            cascade.amend(ZHAO_JING, number, wish(), now())
        with pytest.raises(cascade.CascadeNotAllowed):
            cascade.amend(HE_QING, number, wish(), now())
        cascade.amend(ZHOU_HANG, number, wish(reason="审核低保申请时核对名下企业情况"), now())
        assert cascade.asking(ZHOU_HANG, number).state == "sent"
    nodes.settle()
    with nodes.at("nation"):
        assert at_nation(nodes).reason == "审核低保申请时核对名下企业情况"
    with nodes.at("lanzhou"):
        assert cascade.asking(ZHOU_HANG, number).state == "submitted"


def test_a_request_that_is_taken_back_is_closed_at_its_owner(nodes: Network, source: SourceForm) -> None:
    _, number = asked(nodes, source)
    with nodes.at("lanzhou"):
        with pytest.raises(cascade.AskingUnknown):
            cascade.withdraw(ZHAO_JING, number, "", now())
        cascade.withdraw(ZHOU_HANG, number, "不再需要", now())
        assert cascade.asking(ZHOU_HANG, number).state == "withdrawing"
        with pytest.raises(cascade.CascadeError):
            cascade.withdraw(ZHOU_HANG, number, "", now())
    nodes.settle()
    with nodes.at("nation"):
        assert exchange.review_queue(HE_QING, now()).rows == ()
    with nodes.at("lanzhou"):
        view = cascade.asking(ZHOU_HANG, number)
        assert (view.state, set(view.steps)) == ("withdrawn", {"again"})


def test_a_decision_that_crosses_a_withdrawal_stands(nodes: Network, source: SourceForm) -> None:
    _, number = asked(nodes, source)
    nodes.faults.append(cut)
    with nodes.at("lanzhou"):
        cascade.withdraw(ZHOU_HANG, number, "不再需要", now())
    with nodes.at("nation"):
        row = at_nation(nodes)
        exchange.accept_request(HE_QING, row.id, now())
        grant = exchange.approve_request(WANG_MIN, row.id, exchange.Approval(text="同意"), now())
    nodes.faults.clear()
    nodes.settle()
    nodes.settle()
    with nodes.at("lanzhou"):
        view = cascade.asking(ZHOU_HANG, number)
        assert (view.state, view.grant, view.grant_state, set(view.steps)) == (
            "granted",
            grant,
            "active",
            {"again"},
        )


def test_nobody_changes_a_request_of_another_city(nodes: Network, source: SourceForm) -> None:
    _, number = asked(nodes, source)
    from django.db import transaction

    from yiwang.blocks.cascade.domain.bodies import WithdrawalBody
    from yiwang.blocks.cascade.store.outgoing import tell

    with nodes.at("gansu"), transaction.atomic():
        tell("withdrawal", number, WithdrawalBody("某人"), now(), target="nation")
    nodes.settle()
    with nodes.at("nation"):
        assert at_nation(nodes).state == "submitted"


def test_a_held_grant_is_renewed_by_a_request_with_the_same_words(nodes: Network, source: SourceForm) -> None:
    code, number = asked(nodes, source)
    with nodes.at("nation"):
        row = at_nation(nodes)
        exchange.accept_request(HE_QING, row.id, now())
        exchange.approve_request(WANG_MIN, row.id, exchange.Approval(text="同意"), now())
    nodes.settle()
    with nodes.at("lanzhou"):
        view = cascade.asking(ZHOU_HANG, number)
        assert view.steps == frozenset({"again"})
        held = cascade.holding(ZHOU_HANG, "nation", view.grant)
        assert held is not None
        assert (held.address, held.lookups) == (f"{code}@nation", ("信用代码",))
        assert cascade.holding(ZHAO_JING, "nation", view.grant) is None
        import msgspec

        again = cascade.ask(
            ZHOU_HANG, "nation", code, msgspec.convert(view.wish, exchange.RequestInput), now()
        )
    nodes.settle()
    with nodes.at("lanzhou"):
        assert cascade.asking(ZHOU_HANG, again).state == "submitted"
