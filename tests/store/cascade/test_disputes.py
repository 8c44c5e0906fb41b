"""Wrong data is said to be wrong by who received it; the answer and the corrected row flow back through the cascade."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.store.cascade.network import Network, now
from tests.store.cascade.test_sharing import asked
from tests.store.exchange.cast import HE_QING, WANG_MIN, ZHAO_JING, ZHOU_HANG
from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.cascade.public import DisputeForm
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SourceForm

FORM = DisputeForm(
    field="名称",
    key={"信用代码": "91350100M000100Y43"},
    given="甲公司",
    proposed="甲有限公司",
    reason="与营业执照不符",
)


def test_a_dispute_is_closed_across_nodes_and_every_recipient_gets_the_corrected_row(
    nodes: Network, source: SourceForm
) -> None:
    code, _ = asked(nodes, source)
    with nodes.at("lanzhou"), pytest.raises(cascade.CascadeError, match="no grant"):
        cascade.raise_dispute(ZHOU_HANG, "nation", code, FORM, now())
    with nodes.at("nation"):
        (row,) = exchange.review_queue(HE_QING, now()).rows
        exchange.accept_request(HE_QING, row.id, now())
        exchange.approve_request(WANG_MIN, row.id, exchange.Approval(text="同意"), now())
    nodes.settle()
    with nodes.at("lanzhou"):
        with pytest.raises(cascade.AskingInvalid):
            cascade.raise_dispute(ZHOU_HANG, "nation", code, DisputeForm("没有", {}, "", "", ""), now())
        number = cascade.raise_dispute(ZHOU_HANG, "nation", code, FORM, now())
        assert cascade.disputes(ZHAO_JING, now()) == ()
    nodes.settle()
    with nodes.at("lanzhou"):
        waiting = cascade.dispute(ZHOU_HANG, number, now())
        assert waiting.state == "open"
        assert waiting.due_at is not None
        assert waiting.due_at > now()
        assert not waiting.answerable, "the owner answers"
    with nodes.at("nation"):
        view = cascade.dispute(WANG_MIN, number, now())
        assert (view.state, view.answerable, view.key) == (
            "open",
            True,
            (("信用代码", "91350100M000100Y43"),),
        )
        assert view.due_at is not None
        assert view.left is not None
        with pytest.raises(cascade.DisputeUnknown):
            cascade.answer_dispute(ZHAO_JING, number, "accepted", "已更正", now(), value="x")
        with pytest.raises(cascade.AskingInvalid):
            cascade.answer_dispute(WANG_MIN, number, "accepted", "已更正", now())
        cascade.answer_dispute(WANG_MIN, number, "accepted", "经核实，名称有误", now(), value="甲有限公司")
        with pytest.raises(cascade.CascadeError, match="corrected"):
            cascade.answer_dispute(WANG_MIN, number, "upheld", "再答复", now())
    nodes.settle()
    with nodes.at("lanzhou"):
        view = cascade.dispute(ZHOU_HANG, number, now())
        assert (view.state, view.value) == ("accepted", "甲有限公司")
        (fixed,) = cascade.corrections(ZHOU_HANG)
        assert (fixed.field, fixed.value, fixed.owner) == ("名称", "甲有限公司", "nation")
        assert cascade.corrections(ZHAO_JING) == ()
        kinds = {one.kind for one in exchange.notices(ZHOU_HANG).rows}
        assert {"dispute-accepted", "row-corrected", "cascade-granted"} <= kinds


def test_silence_past_the_term_is_brought_up_once_and_is_no_assent(
    nodes: Network, source: SourceForm
) -> None:
    code, _ = asked(nodes, source)
    with nodes.at("nation"):
        (row,) = exchange.review_queue(HE_QING, now()).rows
        exchange.accept_request(HE_QING, row.id, now())
        exchange.approve_request(WANG_MIN, row.id, exchange.Approval(text="同意"), now())
    nodes.settle()
    with nodes.at("lanzhou"):
        number = cascade.raise_dispute(ZHOU_HANG, "nation", code, FORM, now())
    nodes.settle()
    later = now() + timedelta(days=60)
    with nodes.at("nation"):
        from yiwang.blocks.cascade.actions.disputes import escalate_late

        assert escalate_late(later) == 1
        assert escalate_late(later) == 0
        assert cascade.dispute(WANG_MIN, number, later).state == "open"
        assert any(one.kind == "dispute-escalated" for one in exchange.notices(HE_QING).rows)
    nodes.settle()
    with nodes.at("lanzhou"):
        assert cascade.dispute(ZHOU_HANG, number, now()).escalated_at is not None
