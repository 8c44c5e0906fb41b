"""`yw exchange`: a database is looked into without a node, and sharing goes its whole way from a script."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import msgspec
import psycopg
import pytest
from click.testing import CliRunner, Result
from django.db import connection

from tests.conftest import Server
from tests.store.exchange.cast import HE_QING, WANG_MIN, ZHOU_HANG
from yiwang.blocks.exchange.public import SourceForm
from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.public import Actor
from yiwang.bootstrap.cli.catalogue import command as catalogue_command
from yiwang.bootstrap.cli.exchange import command
from yiwang.bootstrap.node import DatabaseUrls, NodeFolder
from yiwang.dataplane.connectors.errors import LoginRefused

TABLE = "public.residents"


@pytest.fixture
def url(source: SourceForm) -> str:
    return f"postgresql://ext_reader:reads%2520only@{source.host}:{source.port}/{source.database}"


def test_a_database_is_described_with_a_sample(url: str) -> None:
    listed = CliRunner().invoke(command, ["sources", "test", url])
    assert "数据.企业 基本信息  table  企业登记基本信息" in listed.output
    assert "public.select  table    (no unique key: cannot be paged)" in listed.output
    described = CliRunner().invoke(command, ["sources", "test", url, "--table", TABLE])
    assert described.output.splitlines()[-2:] == ["key: id_no", "sample: 3 rows read"]


def test_a_wrong_password_is_told_and_not_shown(url: str) -> None:
    result = CliRunner().invoke(command, ["sources", "test", url.replace("reads", "secret")])
    assert isinstance(result.exception, LoginRefused)
    assert "secret" not in str(result.exception)


def test_something_that_is_no_database_url_is_refused() -> None:
    assert CliRunner().invoke(command, ["sources", "test", "http://x"]).exit_code == 2


@pytest.fixture
def data(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A node's folder on the test database, with three accounts."""
    facts = connection.settings_dict
    app = f"postgresql://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"
    node = NodeFolder(tmp_path)
    node.prepare()
    node.store_urls(DatabaseUrls(app, app, app))
    people = {"wangmin": WANG_MIN, "zhouhang": ZHOU_HANG, "heqing": HE_QING}

    def actor_for(username: str, now: datetime) -> Actor:
        return people[username]

    monkeypatch.setattr(identity, "actor_for", actor_for)
    return str(tmp_path)


def run(data: str, *words: str) -> dict[str, str]:
    result = CliRunner().invoke(command, [words[0], "--data", data, *words[1:]], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    told: dict[str, str] = json.loads(result.output)
    return told


def test_the_whole_way_from_a_script(data: str, url: str) -> None:
    code = run(
        data, "mount", "--as", "wangmin", "--url", url, "--table", TABLE, "--title", "居民", "--classification", "306001003",
        "--summary", "居民名册", "--condition", "社会救助",
    )["resource"]  # fmt: skip
    assert code == "306001003/1"
    asked = run(
        data, "request", code, "--as", "zhouhang", "--field", "xm", "--by", "id_no", "--claim", "xm", "--purpose", "item:1001",
        "--purpose-title", "低保审核", "--reason", "核对户籍",
    )  # fmt: skip
    assert asked["state"] == "submitted"
    assert run(data, "decide", asked["request"], "accept", "--as", "heqing")["state"] == "deciding"
    granted = run(data, "decide", asked["request"], "approve", "--as", "wangmin", "--text", "同意")
    assert granted["state"] == "granted"
    assert (
        run(data, "decide", granted["grant"], "revoke", "--as", "wangmin", "--text", "结束")["state"]
        == "revoked"
    )
    checked = CliRunner().invoke(command, ["mounts", "check", "--data", data, "--as", "wangmin"])
    assert (checked.exit_code, checked.output) == (0, f"{code}  fits\n")
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry FROM journal_outbox")
        events = [msgspec.json.decode(row[0])["event"] for row in cursor.fetchall()]
    assert events.count("command-line-used") == 6


def drift(data: str, url: str, who: str, *words: str) -> Result:
    return CliRunner().invoke(
        catalogue_command, ["scan", url, "--tables", "public.changing", "--data", data, "--as", who, *words],
        catch_exceptions=False,
    )  # fmt: skip


def test_a_scan_is_held_against_the_published_entries_of_the_node(
    data: str, url: str, external: Server
) -> None:
    code = run(
        data, "mount", "--as", "wangmin", "--url", url, "--table", "public.changing", "--title", "变化中的表",
        "--classification", "306001003", "--summary", "测试",
    )["resource"]  # fmt: skip
    fits = drift(data, url, "wangmin")
    assert (fits.exit_code, "1 条，0 条有变化" in fits.output) == (0, True), fits.output
    with psycopg.connect(external.url("ext_market"), autocommit=True) as owner:
        owner.execute("ALTER TABLE changing ADD COLUMN c date")
        owner.execute("ALTER TABLE changing RENAME COLUMN b TO d")
    try:
        told = drift(data, url, "wangmin", "--lang", "en")
        by_other_name = drift(data, url.replace("127.0.0.1", "localhost"), "wangmin")
    finally:
        with psycopg.connect(external.url("ext_market"), autocommit=True) as owner:
            owner.execute("ALTER TABLE changing DROP COLUMN c")
            owner.execute("ALTER TABLE changing RENAME COLUMN d TO b")
    assert told.exit_code == by_other_name.exit_code == 1, told.output + by_other_name.output
    assert f"{code} 变化中的表 ← public.changing" in told.output
    assert "The column b of" in told.output
    assert "(c)" in told.output


def test_an_account_without_an_entry_there_compares_nothing_and_one_without_the_role_may_not(
    data: str, url: str
) -> None:
    run(
        data, "mount", "--as", "wangmin", "--url", url, "--table", "public.changing", "--title", "变化中的表",
        "--classification", "306001003", "--summary", "测试",
    )  # fmt: skip
    outsider = drift(data, url, "zhouhang")
    assert outsider.exit_code == 2
    assert "census-nothing-to-compare" in outsider.output
    assert "变化中的表" not in outsider.output
    reviewer = drift(data, url, "heqing")
    assert reviewer.exit_code == 2
    assert "not-allowed" in reviewer.output
