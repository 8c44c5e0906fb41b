"""`yw cascade needs|returns|requests|disputes`: needs, data given back, and what other nodes answer, all from scripts."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import connection

from tests.store.cascade.network import Network, now
from tests.store.cascade.test_sharing import agency
from tests.store.demand.cast import routed, stated
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
from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.demand import public as demand
from yiwang.blocks.exchange.public import SourceForm
from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.public import Actor
from yiwang.bootstrap.cli import cascade_asked, cascade_news
from yiwang.bootstrap.cli.cascade import command
from yiwang.bootstrap.node import DatabaseUrls, NodeFolder
from yiwang.vocabulary.errors import YwError

assert {cascade_news.needs, cascade_news.returns, cascade_asked.requests, cascade_asked.disputes} <= set(
    command.commands.values()
)
PEOPLE = {"wangmin": WANG_MIN, "zhouhang": ZHOU_HANG, "heqing": HE_QING, "zhaojing": ZHAO_JING}


@pytest.fixture
def data(joined: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A node's folder; which of the three it is, the test says by `Network.at`. The environment is put back afterwards."""
    del joined
    facts = connection.settings_dict
    app = f"postgresql://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}/postgres"
    node = NodeFolder(tmp_path / "folder")
    node.prepare()
    node.store_urls(DatabaseUrls(app, app, app))

    def actor_for(username: str, now: datetime) -> Actor:
        return PEOPLE[username]

    monkeypatch.setattr(identity, "actor_for", actor_for)
    return str(node.folder)


def run(data: str, who: str, *words: str) -> list[dict[str, object]]:
    given = [*words[:2], "--data", data, "--as", who, *words[2:]]
    result = CliRunner().invoke(command, given, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def refused(data: str, who: str, *words: str) -> str:
    """The code of the refusal."""
    with pytest.raises(YwError) as error:
        run(data, who, *words)
    return error.value.code


def test_a_need_goes_up_is_answered_and_comes_down(joined: Network, data: str) -> None:
    with joined.at("lanzhou"):
        agency(CONSUMER, "兰州市民政局")
        need, draft = routed(), stated()
        assert refused(data, "zhouhang", "needs", "pass-up", need) == "cascade-not-allowed"
        assert refused(data, "zhouhang", "needs", "pass-up", draft) == "need-state-wrong"
        assert refused(data, "heqing", "needs", "pass-up", "N-2026-999999") == "need-unknown"
        (told,) = run(data, "heqing", "needs", "pass-up", need)
        number = str(told["need"])
        assert run(data, "heqing", "needs", "pass-up", need) == [{"need": number}], "a second time, the same"
    joined.settle()
    with joined.at("gansu"):
        agency(PROVIDER, "省市场监管局")
        code = published()
        (listed,) = run(data, "heqing", "needs", "list")
        assert (listed["need"], listed["node"], listed["answerable"]) == (number, "lanzhou", True)
        (shown,) = run(data, "heqing", "needs", "show", number)
        assert (shown["title"], shown["state"]) == ("企业股权出质登记", "open")
        answer = ("needs", "answer", number, "--text", "可按条件申请")
        assert refused(data, "zhaojing", *answer, "--resource", code) == "cascade-not-allowed"
        assert refused(data, "heqing", *answer, "--resource", "1/404") == "cascade-asking-invalid"
        assert refused(data, "heqing", "needs", "show", "lanzhou-N-9") == "cascade-need-unknown"
        both = CliRunner().invoke(command, [*answer, "--data", data, "--as", "heqing"])
        assert both.exit_code == 2, "a resource, or none of them"
        assert run(data, "heqing", *answer, "--resource", code) == [{"need": number, "state": "met"}]
        assert refused(data, "heqing", *answer, "--none") == "cascade-state-wrong"
    joined.settle()
    with joined.at("lanzhou"):
        up = cascade.passed_up(ZHOU_HANG, need)
        assert up is not None
        assert (up.state, up.resource) == ("met", code)
        demand.withdraw_need(ZHOU_HANG, need, now())
        assert refused(data, "heqing", "needs", "pass-up", need) == "need-state-wrong"


def test_data_is_given_back_to_one_node_and_ended(joined: Network, data: str, source: SourceForm) -> None:
    with joined.at("nation"):
        agency(PROVIDER, "国家市场监管总局")
        code = mounted(source)
    joined.settle()
    with joined.at("nation"):
        offer = ("returns", "offer", code, "--node", "lanzhou", "--field", "信用代码", "--division")
        assert refused(data, "zhaojing", *offer, "2901") == "cascade-not-allowed"
        assert refused(data, "wangmin", *offer, "29' OR 1") == "cascade-asking-invalid"
        assert (
            refused(data, "wangmin", "returns", "end", code, "--node", "lanzhou") == "cascade-entry-unknown"
        )
        run(data, "wangmin", *offer, "2901")
    joined.settle()
    with joined.at("lanzhou"):
        (got,) = run(data, "zhouhang", "returns", "list")
        assert (got["resource"], got["owner"], got["division"], got["state"]) == (
            code, "nation", "2901", "offered",
        )  # fmt: skip
        assert got["title_en"] == "Registration of enterprises"
    with joined.at("gansu"):
        assert run(data, "zhouhang", "returns", "list") == [], "it is another node's"
    with joined.at("nation"):
        run(data, "wangmin", "returns", "end", code, "--node", "lanzhou")
    joined.settle()
    with joined.at("lanzhou"):
        assert run(data, "zhouhang", "returns", "list")[0]["state"] == "ended"


def test_what_another_node_refuses_is_printed_by_code_and_in_both_languages(
    joined: Network, data: str, source: SourceForm
) -> None:
    with joined.at("nation"):
        agency(PROVIDER, "国家市场监管总局")
        code = mounted(source)
    with joined.at("lanzhou"):
        agency(CONSUMER, "兰州市民政局")
    joined.settle()
    with joined.at("nation"):
        cascade.offer_return(WANG_MIN, code, "gansu", "信用代码", "9111", now())
    joined.settle()
    with joined.at("lanzhou"):
        number = cascade.ask(ZHOU_HANG, "nation", code, wish(), now())
    joined.settle()
    with joined.at("lanzhou"):
        (listed,) = run(data, "zhouhang", "requests", "list")
        (shown,) = run(data, "zhouhang", "requests", "show", number)
        assert listed.items() <= shown.items()
        refusal = shown["refusal"]
        assert isinstance(refusal, dict)
        assert refusal["code"] == "cascade-not-given-back"
        assert "没有向节点 lanzhou 提供" in refusal["zh"]
        assert "not to the node lanzhou" in refusal["en"]
        assert refusal["mend_zh"]
        assert refusal["mend_en"]
        assert (shown["state"], shown["answer"]) == ("rejected", "")
        assert run(data, "zhaojing", "requests", "list") == []
        assert refused(data, "zhaojing", "requests", "show", number) == "cascade-request-unknown"
        assert refused(data, "zhouhang", "disputes", "show", "lanzhou-J-9") == "dispute-unknown"
        assert run(data, "zhouhang", "disputes", "list") == []
