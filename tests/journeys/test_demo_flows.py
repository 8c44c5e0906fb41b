"""What flows in the demo from its first minute: changes of a register, and calls on the declared systems."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Node
from tests.journeys.test_main_job import Cast, cast
from yiwang.bootstrap.demo.capturing import NAME
from yiwang.bootstrap.node import NodeFolder

__all__ = ["cast"]
PATIENCE = 60.0
AT_SOURCE = 'SELECT tyshxydm, qymc, jyztmc FROM scjg.qy_jbxx ORDER BY tyshxydm COLLATE "C"'
IN_TARGET = 'SELECT "统一社会信用代码", "企业名称", "经营状态" FROM jieshou.qy_bgtb ORDER BY "统一社会信用代码" COLLATE "C"'
CALLS = """
SELECT l.system, count(*) FILTER (WHERE j.leaf::json ->> 'kind' IN ('query', 'verify')),
  count(*) FILTER (WHERE j.leaf::json ->> 'kind' = 'refusal'), count(DISTINCT j.leaf::json ->> 'consumer')
FROM registry_listing l JOIN journal_leaf j ON j.leaf::json ->> 'resource' = l.resource GROUP BY l.system
"""


@pytest.fixture(scope="module")
def server(node: Node) -> str:
    password = (node.folder / "postgres" / "superuser.password").read_text(encoding="ascii")
    port = urlsplit(NodeFolder(node.folder).urls().owner).port
    return f"postgresql://yw_super:{password}@127.0.0.1:{port}"


@pytest.fixture
def register(server: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(f"{server}/shichang", autocommit=True) as connection:
        yield connection


@pytest.fixture
def target(server: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(f"{server}/renshe_qz", autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def own(node: Node, server: str) -> Iterator[psycopg.Connection]:
    """The node's database past its row security, which shows jobs and readings to their parties alone."""
    database = urlsplit(NodeFolder(node.folder).urls().owner).path
    with psycopg.connect(f"{server}{database}", autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def job(own: psycopg.Connection) -> str:
    row = own.execute("SELECT id FROM delivery_job WHERE name = %s", [NAME]).fetchone()
    assert row is not None
    return str(row[0])


def awaited(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.3)


def test_the_target_holds_the_register_as_it_is_after_its_clerks_have_worked(
    register: psycopg.Connection, target: psycopg.Connection
) -> None:
    awaited(lambda: target.execute(IN_TARGET).fetchall() == register.execute(AT_SOURCE).fetchall())
    renamed = target.execute(
        "SELECT count(*) FROM jieshou.qy_bgtb WHERE \"企业名称\" LIKE '澜州新%'"
    ).fetchone()
    assert renamed is not None
    assert renamed[0] >= 4


def test_a_change_of_this_minute_flows_and_so_does_a_deletion(
    register: psycopg.Connection, target: psycopg.Connection
) -> None:
    code = "91290102MA0AAAA95C"
    found = 'SELECT "企业名称" FROM jieshou.qy_bgtb WHERE "统一社会信用代码" = %s'
    register.execute(
        "INSERT INTO scjg.qy_jbxx SELECT %s, '澜州随来企业', qylx, qylxmc, fddbr, zczb, clrq, jyzt, jyztmc, hydm, djjg, djqh,"
        " zs, jyfw, lxdh, gxsj FROM scjg.qy_jbxx LIMIT 1", [code],
    )  # fmt: skip
    awaited(lambda: target.execute(found, [code]).fetchall() == [("澜州随来企业",)])
    register.execute("DELETE FROM scjg.qy_jbxx WHERE tyshxydm = %s", [code])
    awaited(lambda: not target.execute(found, [code]).fetchall())


def test_its_runs_tell_what_the_administrator_had_to_do_and_what_came_then(
    own: psycopg.Connection, job: str
) -> None:
    runs = own.execute(
        "SELECT state, error FROM delivery_run WHERE job_id = %s ORDER BY id LIMIT 3", [job]
    ).fetchall()
    assert runs == [("failed", "transfer-capture-publication-missing"), ("done", ""), ("done", "")]
    granted = own.execute('SELECT follow, mode, "grant" FROM delivery_job WHERE id = %s', [job]).fetchone()
    assert granted is not None
    assert granted[:2] == (True, "cdc")
    assert granted[2].startswith("G-"), "it reads under a grant"


def test_both_sides_see_the_job_and_nobody_else_does(cast: Cast, job: str) -> None:
    page = cast.open("sunli", f"/jobs/{job}/")
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    expect(page.locator("main")).to_contain_text("不间断")
    expect(page.locator("main")).to_contain_text("来源上的复制槽")
    assert "yw_j_" in cast.open("wangmin", f"/jobs/{job}/").content()
    assert cast.status("zhaojing", f"/jobs/{job}/") == 404


def test_every_declared_system_was_called_through_the_gateway_by_more_than_one_department(
    own: psycopg.Connection,
) -> None:
    called = {system: (calls, refused, by) for system, calls, refused, by in own.execute(CALLS).fetchall()}
    called.pop("demo_system", None)  # another journey declares it on this node
    assert set(called) == {"divisions", "hotline", "population", "social_assistance"}
    for system, (calls, refused, by) in called.items():
        assert calls >= 10, system
        assert refused >= 1, system
        assert by >= 2, system


def test_the_figures_over_those_calls_are_there_at_once_and_for_their_system_alone(cast: Cast) -> None:
    page = cast.open("zhouhang", "/cockpit/")
    row = page.locator("tr").filter(has=page.get_by_role("link", name="外部门调用次数", exact=True))
    expect(row).to_be_visible()
    row.get_by_role("link", name="外部门调用次数", exact=True).click()
    expect(page.locator("main")).to_contain_text("市人社局")
    expect(page.locator("main")).to_contain_text("市交通局")
    assert cast.status("zhaojing", "/cockpit/social_assistance/calls_by_others/") == 404


def test_a_record_says_who_of_another_agency_read_it_and_where_its_evidence_is(
    own: psycopg.Connection, cast: Cast
) -> None:
    row = own.execute(
        "SELECT records[1] FROM registry_read WHERE system = 'hotline' AND name = '王敏' AND fields > 0 LIMIT 1"
    ).fetchone()
    assert row is not None
    readers = cast.open("heqing", f"/systems/hotline/order/{row[0]}/").locator(".readers")
    expect(readers).to_contain_text("王敏")
    expect(readers).to_contain_text("诉求办理")
    expect(readers.locator("a[href*='/evidence/']").first).to_be_visible()
    assert cast.status("linfeng", f"/systems/hotline/order/{row[0]}/") in {403, 404}
