"""A MariaDB database under census, on a server of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pymysql
import pytest

from tests.store.census.conftest import NOW
from tests.store.mariadb import running
from yiwang.bootstrap.embedded import free_port
from yiwang.dataplane.census.draft import Draft, Item
from yiwang.dataplane.census.errors import SourceRefused, SourceUnreachable
from yiwang.dataplane.census.opening import Place, opened
from yiwang.dataplane.census.scan import scan
from yiwang.dataplane.census.source import Limits
from yiwang.dataplane.census.sources.dialect import Unreadable

TABLES = """
CREATE TABLE bmxx (bmdm char(6) PRIMARY KEY COMMENT '部门代码', bmmc varchar(100) COMMENT '部门名称') COMMENT='部门信息';
CREATE TABLE ryxx (
  id bigint AUTO_INCREMENT PRIMARY KEY, xm varchar(50) COMMENT '姓名', sfzh char(18) UNIQUE, sjh varchar(11),
  xb tinyint COMMENT '性别：1男 2女', bmdm char(6), `奇怪``的%列` varchar(20), zp longblob, cjsj datetime,
  yx tinyint(1), gz decimal(12,2), FOREIGN KEY (bmdm) REFERENCES bmxx (bmdm)
) COMMENT='人员信息';
CREATE VIEW v_ry AS SELECT xm, xb FROM ryxx;
"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with running() as server:
        _fill(server.root())
        yield server.port


def _fill(held: pymysql.Connection[pymysql.cursors.Cursor]) -> None:
    with held, held.cursor() as cursor:
        cursor.execute("CREATE DATABASE rs CHARACTER SET utf8mb4")
        cursor.execute("USE rs")
        for statement in filter(str.strip, TABLES.split(";")):
            cursor.execute(statement)
        cursor.executemany(
            "INSERT INTO bmxx VALUES (%s, %s)", [(f"10{n:04d}", f"第{n}处") for n in range(12)]
        )
        cursor.executemany(
            "INSERT INTO ryxx (xm, sfzh, sjh, xb, bmdm, cjsj, yx, gz, zp) VALUES (%s, %s, %s, %s, %s, now(), 1, 9000.5, %s)",
            [("王敏" if n % 2 else "周航", f"{n:018d}", f"139{n:08d}", 1 + n % 2, f"10{n % 12:04d}", b"\xff" * 100)
             for n in range(700)],
        )  # fmt: skip
        cursor.execute("CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'reads'")
        cursor.execute("GRANT SELECT ON rs.* TO reader@'127.0.0.1'")
        cursor.execute("ANALYZE TABLE ryxx, bmxx")


@pytest.fixture
def url(port: int) -> str:
    return f"mysql://reader:reads@127.0.0.1:{port}/rs"


@pytest.fixture(scope="module")
def draft(port: int) -> Draft:
    return scan([Place(f"mysql://reader:reads@127.0.0.1:{port}/rs")], Limits(statements=1e4), NOW)


def item(draft: Draft, table: str, column: str) -> Item:
    return next(i for r in draft.resources if r.table == table for i in r.items if i.column == column)


def test_structure_and_comments_are_read(draft: Draft) -> None:
    assert [(r.table, r.title, r.kind) for r in draft.resources] == [
        ("bmxx", "部门信息", "table"), ("ryxx", "人员信息", "table"), ("v_ry", "人员信息", "view"),
    ]  # fmt: skip
    assert item(draft, "ryxx", "id").key
    assert item(draft, "ryxx", "bmdm").references == "bmxx.bmdm"
    wage = item(draft, "ryxx", "gz")
    assert (wage.letter, wage.length, wage.scale, wage.protection) == ("N", 12, 2, "sensitive")
    assert item(draft, "ryxx", "yx").letter == "L"
    assert item(draft, "ryxx", "zp").letter == "G"


def test_odd_names_of_columns_are_quoted(draft: Draft) -> None:
    assert item(draft, "ryxx", "奇怪`的%列").letter == "C"


def test_personal_columns_are_marked_by_their_names_where_the_values_fit_no_check(draft: Draft) -> None:
    marks = {c: item(draft, "ryxx", c).mark for c in ("xm", "sfzh", "sjh", "xb")}
    assert {c: m.kind for c, m in marks.items() if m} == {
        "xm": "person_name",
        "sfzh": "resident_id",
        "sjh": "mobile",
        "xb": "sex",
    }
    assert item(draft, "ryxx", "xb").code_list is not None


def test_the_session_cannot_write(url: str) -> None:
    with (
        opened(Place(url.replace("reader:reads", "reader:reads")), Limits()) as source,
        pytest.raises(Unreadable) as caught,
    ):
        source._fetch("DELETE FROM ryxx", ())  # type: ignore[attr-defined]
    assert "1792" in caught.value.en or "right" in caught.value.en


def test_a_wrong_password_and_a_closed_port_are_told_by_name(url: str) -> None:
    with pytest.raises(SourceRefused), opened(Place(url.replace(":reads", ":wrong")), Limits()):
        pass
    with pytest.raises(SourceRefused), opened(Place(url.replace("/rs", "/other")), Limits()):
        pass
    with pytest.raises(SourceUnreachable), opened(Place(f"mysql://a:b@127.0.0.1:{free_port()}/rs"), Limits()):
        pass
