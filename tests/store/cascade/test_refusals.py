"""What the owner's node itself says against a step comes to the asker as code and facts, and beside a person's words."""

from __future__ import annotations

import json
from importlib import import_module

import pytest
from django.db import connection, transaction

from tests.store.cascade.network import Network, cut, now
from tests.store.cascade.test_asking_again import at_nation
from tests.store.cascade.test_disputes import FORM
from tests.store.cascade.test_sharing import asked
from tests.store.exchange.cast import HE_QING, WANG_MIN, ZHAO_JING, ZHOU_HANG, wish
from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.cascade.domain.bodies import WithdrawalBody
from yiwang.blocks.cascade.store.models import Asking, Sealed
from yiwang.blocks.cascade.store.outgoing import tell
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SYSTEM, RowCondition, SourceForm
from yiwang.blocks.identity.public import acting


def decisions(nodes: Network) -> list[dict[str, object]]:
    """Bodies of the decisions that the nation has sent."""
    with nodes.at("nation"), acting(SYSTEM):
        texts = [text for row in Sealed.objects.order_by("peer", "first") for text in row.events]
    events = [json.loads(text) for text in texts]
    return [one["body"] for one in events if one["kind"] == "decision"]


def test_a_form_that_the_owner_does_not_take_is_told_by_what_is_wrong_in_it(
    nodes: Network, source: SourceForm
) -> None:
    code, _ = asked(nodes, source)
    with nodes.at("lanzhou"):
        odd = wish(rows=(RowCondition("没有这一项", "eq", "1"),))
        number = cascade.ask(ZHOU_HANG, "nation", code, odd, now())
    nodes.settle()
    with nodes.at("lanzhou"):
        view = cascade.asking(ZHOU_HANG, number)
        assert (view.state, view.answer) == ("rejected", "")
        assert view.refusal is not None
        assert view.refusal.code == "cascade-form-not-taken"
        assert "mistakes" not in view.refusal.text("en"), "each of them is named, none counted"
        (notice,) = [one for one in exchange.notices(ZHOU_HANG).rows if one.kind == "cascade-rejected"]
        assert notice.params["text"] == view.refusal.text("zh")
        assert notice.params["text_en"] == view.refusal.text("en")
        again = cascade.ask(ZHOU_HANG, "nation", code, wish(), now())
        assert cascade.asking(ZHOU_HANG, again).refusal is None
    sent = decisions(nodes)[-1]
    assert sent["text"] == view.refusal.text("zh"), "a node that knows no refusals has a sentence"
    assert sent["refusal"]


def test_a_step_that_comes_too_late_is_told_beside_what_the_provider_wrote(
    nodes: Network, source: SourceForm
) -> None:
    _, number = asked(nodes, source)
    nodes.faults.append(cut)
    with nodes.at("lanzhou"):
        cascade.withdraw(ZHOU_HANG, number, "不再需要", now())
    with nodes.at("nation"):
        row = at_nation(nodes)
        exchange.accept_request(HE_QING, row.id, now())
        exchange.refuse_request(WANG_MIN, row.id, "超出职责", "个人信息保护法第六条", now())
    nodes.faults.clear()
    nodes.settle()
    nodes.settle()
    with nodes.at("lanzhou"):
        view = cascade.asking(ZHOU_HANG, number)
        assert (view.state, view.answer, view.basis) == ("refused", "超出职责", "个人信息保护法第六条")
        assert view.refusal is not None
        assert view.refusal.code == "request-state-wrong"
        assert "refused" in view.refusal.text("en")
        assert "已拒绝" in view.refusal.text("zh")


def test_a_returned_request_that_is_changed_forgets_what_was_said_before(
    nodes: Network, source: SourceForm
) -> None:
    _, number = asked(nodes, source)
    with nodes.at("nation"):
        exchange.return_request(HE_QING, at_nation(nodes).id, "请写明用途", now())
    nodes.settle()
    with nodes.at("lanzhou"):
        cascade.amend(ZHOU_HANG, number, wish(rows=(RowCondition("没有这一项", "eq", "1"),)), now())
    nodes.settle()
    with nodes.at("lanzhou"):
        view = cascade.asking(ZHOU_HANG, number)
        assert (view.state, view.answer) == ("returned", "请写明用途"), "it stands as the reviewer left it"
        assert view.refusal is not None
        assert view.refusal.code == "cascade-form-not-taken"
        cascade.amend(ZHOU_HANG, number, wish(), now())
        assert cascade.asking(ZHOU_HANG, number).refusal is None
    nodes.settle()
    with nodes.at("lanzhou"):
        view = cascade.asking(ZHOU_HANG, number)
        assert (view.state, view.refusal) == ("submitted", None)


def test_who_may_not_see_a_request_sees_no_refusal_of_it(nodes: Network, source: SourceForm) -> None:
    code, _ = asked(nodes, source)
    with nodes.at("lanzhou"):
        number = cascade.ask(ZHOU_HANG, "nation", code, wish(rows=(RowCondition("没有", "eq", "1"),)), now())
    nodes.settle()
    with nodes.at("lanzhou"), pytest.raises(cascade.AskingUnknown):
        cascade.asking(ZHAO_JING, number)
    with nodes.at("gansu"), transaction.atomic():
        tell("withdrawal", number, WithdrawalBody("某人"), now(), target="nation")
    before = len(decisions(nodes))
    nodes.settle()
    assert len(decisions(nodes)) == before, "another node's step is answered with nothing"


def test_a_dispute_of_one_whose_grant_has_gone_is_not_taken_up_and_says_so(
    nodes: Network, source: SourceForm
) -> None:
    code, _ = asked(nodes, source)
    with nodes.at("nation"):
        row = at_nation(nodes)
        exchange.accept_request(HE_QING, row.id, now())
        grant = exchange.approve_request(WANG_MIN, row.id, exchange.Approval(text="同意"), now())
    nodes.settle()
    nodes.faults.append(cut)
    with nodes.at("lanzhou"):
        number = cascade.raise_dispute(ZHOU_HANG, "nation", code, FORM, now())
    with nodes.at("nation"):
        exchange.revoke_grant(WANG_MIN, grant, "用途已变", now())
    nodes.faults.clear()
    nodes.settle()
    nodes.settle()
    with nodes.at("lanzhou"):
        view = cascade.dispute(ZHOU_HANG, number, now())
        assert (view.state, view.answer) == ("rejected", "")
        assert view.refusal is not None
        assert view.refusal.code == "dispute-not-a-recipient"
        assert "holds no grant" in view.refusal.text("en")


def test_the_sentence_of_an_earlier_release_stays_an_answer_through_the_migration(
    nodes: Network, source: SourceForm
) -> None:
    _, number = asked(nodes, source)
    (field, _) = [
        one.field
        for one in import_module("yiwang.blocks.cascade.store.migrations.0006_refusals").Migration.operations
    ]
    with nodes.at("lanzhou"), connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        cursor.execute("UPDATE cascade_asking SET state = 'rejected', answer = '没有这个有效的授权。'")
        with connection.schema_editor() as editor:
            editor.execute("ALTER TABLE cascade_asking DROP COLUMN refusal")
            field.set_attributes_from_name("refusal")
            editor.add_field(Asking, field)
    with nodes.at("lanzhou"):
        view = cascade.asking(ZHOU_HANG, number)
        assert (view.answer, view.refusal) == ("没有这个有效的授权。", None)
