"""What went wrong with a peer is kept by its code and facts, said in both languages, and gone once it is heard of again."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection

from tests.store.cascade.network import Network, cut, now
from tests.store.exchange.cast import AUDITOR, OPERATOR
from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.cascade.public import PeerView
from yiwang.blocks.cascade.store.models import Peer
from yiwang.blocks.identity.public import acting
from yiwang.vocabulary.errors import YwError

SENTENCE = "cascade-peer-unreachable: nation does not answer: ConnectError."


@pytest.fixture
def pair(nodes: Network) -> Network:
    nodes.join("nation", "gansu")
    nodes.settle()
    return nodes


def seen(nodes: Network) -> PeerView:
    with nodes.at("gansu"):
        (peer,) = cascade.peers(AUDITOR)
    return peer


def problem(nodes: Network) -> YwError:
    peer = seen(nodes)
    assert peer.error is not None
    assert peer.problem_at is not None
    assert peer.problem == "", "the words are the reader's, and are kept nowhere"
    return peer.error


def asked(nodes: Network) -> dict[str, str]:
    with nodes.at("gansu"):
        return cascade.follow(nodes, now, heads=False)


def test_a_line_that_is_cut_is_kept_as_its_code_and_forgotten_when_it_is_mended(pair: Network) -> None:
    pair.faults.append(cut)
    assert "nation" in asked(pair)
    found = problem(pair)
    assert found.code == "cascade-peer-unreachable"
    assert found.text("zh").endswith("没有应答：连接中断。")
    assert found.text("en").endswith("does not answer: the connection is cut.")
    with pair.at("gansu"), acting(AUDITOR):
        row = Peer.objects.get(pk="nation")
        assert (row.problem_code, row.problem_facts["reason"]) == (found.code, "cut")
    pair.faults.clear()
    assert asked(pair) == {}
    after = seen(pair)
    assert (after.error, after.problem, after.problem_at) == (None, "", None)


def test_a_refusal_of_the_other_side_is_told_in_both_languages(pair: Network) -> None:
    with pair.at("nation"):
        cascade.suspend_peer(OPERATOR, "gansu", now())
    asked(pair)
    found = problem(pair)
    assert found.code == "cascade-peer-refused"
    assert found.text("zh") == "nation 拒绝了：本节点在那里已被暂停。"
    assert found.text("en") == "nation refuses: this node is suspended there."
    assert found.mend("en").startswith("Ask the operator of the other side why")


def test_a_page_that_is_no_page_is_told_without_a_sentence_of_the_other_language(pair: Network) -> None:
    pair.faults.append(lambda _url, _answer: b"<html>")
    asked(pair)
    found = problem(pair)
    assert found.code == "cascade-page-refused"
    assert "格式不对" in found.text("zh")
    assert "its form is wrong" in found.text("en")


def test_who_leaves_takes_the_last_error_along_and_leaves_its_words(pair: Network) -> None:
    pair.faults.append(cut)
    asked(pair)
    pair.faults.clear()
    with pair.at("gansu"):
        cascade.leave_peer(OPERATOR, "nation", "机构调整", now())
    after = seen(pair)
    assert (after.state, after.error, after.problem) == ("left", None, "机构调整")


def test_the_sentence_of_an_earlier_release_stays_through_the_migration_until_the_peer_is_asked_again(
    pair: Network,
) -> None:
    module = import_module("yiwang.blocks.cascade.store.migrations.0005_peer_problems")
    fields = [one.field for one in module.Migration.operations]
    with pair.at("gansu"), connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        cursor.execute("UPDATE cascade_peer SET problem = %s", [SENTENCE])
        with connection.schema_editor() as editor:
            for field, name in zip(fields, ("problem_code", "problem_facts"), strict=True):
                editor.execute(f"ALTER TABLE cascade_peer DROP COLUMN {name}")
                field.set_attributes_from_name(name)
                editor.add_field(Peer, field)
    kept = seen(pair)
    assert (kept.error, kept.problem) == (None, SENTENCE)
    pair.faults.append(cut)
    asked(pair)
    assert problem(pair).code == "cascade-peer-unreachable"
    pair.faults.clear()
    asked(pair)
    assert (seen(pair).error, seen(pair).problem) == (None, "")
