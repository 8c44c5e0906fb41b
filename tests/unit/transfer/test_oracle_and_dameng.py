"""What is said to Oracle and 达梦, and what their columns are taken for. No server of either kind has been tried.

Where a driver is installed (`yiwang[oracle]`, `yiwang[dm]`), it is the real one that is asked where it goes.
"""

from __future__ import annotations

import socket
import sys
import threading
from datetime import datetime
from pathlib import Path

import pytest

from yiwang.dataplane.connectors import errors, optional
from yiwang.dataplane.connectors.facts import SourceAddress
from yiwang.dataplane.connectors.places import DatabasePlace, FilePlace
from yiwang.dataplane.transfer.dameng import Dameng
from yiwang.dataplane.transfer.database import Database, Window
from yiwang.dataplane.transfer.ends import opened_ends
from yiwang.dataplane.transfer.keeping import JobFolder
from yiwang.dataplane.transfer.oracle import Oracle, OracleLike
from yiwang.dataplane.transfer.planning import Order
from yiwang.dataplane.transfer.shape import Column, Kind, Span


class Unreached:
    """Where nothing may be asked of a server."""

    def cursor(self) -> optional.Cursor:
        raise AssertionError("a server was asked")

    def rollback(self) -> None:
        raise AssertionError("a server was asked")

    def close(self) -> None:
        return None


def place(server: optional.Scheme, port: int = 1, database: str = "orcl") -> DatabasePlace:
    address = SourceAddress("10.20.0.1", port, database, "hj", "secret", connect_timeout_ms=2000)
    return DatabasePlace(server, address, "127.0.0.1")


ORACLE, DAMENG = Oracle(Unreached(), place("oracle")), Dameng(Unreached(), place("dm", database="人口"))
NUMBER, NAME = Column("ID", "integer"), Column("XM", "text")


@pytest.mark.parametrize(
    ("native", "numbers", "kind", "told"),
    [
        ("NUMBER", (0, 22, 4, 0), "integer", (16, 0, 0, 0)), ("NUMBER", (0, 22, 9, 0), "integer", (32, 0, 0, 0)),
        ("NUMBER", (0, 22, 18, 0), "integer", (64, 0, 0, 0)), ("NUMBER", (0, 22, 19, 0), "decimal", (64, 0, 19, 0)),
        ("NUMBER", (0, 22, 12, 2), "decimal", (64, 0, 12, 2)), ("NUMBER", (0, 22, 5, -2), "integer", (32, 0, 0, 0)),
        ("NUMBER", (0, 22, 2, 5), "decimal", (64, 0, 5, 5)), ("NUMBER", (0, 22, None, None), "decimal", (64, 0, 0, 0)),
        ("NUMBER", (0, 22, None, 0), "decimal", (64, 0, 38, 0)), ("FLOAT", (0, 22, 126, None), "decimal", (64, 0, 0, 0)),
        ("BINARY_FLOAT", (0, 4, None, None), "float", (32, 0, 0, 0)), ("BINARY_DOUBLE", (0, 8, None, None), "float", (64, 0, 0, 0)),
        ("VARCHAR2", (50, 200, None, None), "text", (64, 50, 0, 0)), ("NCHAR", (6, 12, None, None), "text", (64, 6, 0, 0)),
        ("CLOB", (0, 4000, None, None), "text", (64, 0, 0, 0)), ("RAW", (0, 16, None, None), "binary", (64, 16, 0, 0)),
        ("BLOB", (0, 4000, None, None), "binary", (64, 0, 0, 0)), ("DATE", (0, 7, None, None), "datetime", (64, 0, 0, 0)),
        ("TIMESTAMP(6)", (0, 11, None, 6), "datetime", (64, 0, 0, 0)), ("TIMESTAMP(9)", (0, 11, None, 9), "other", (64, 0, 0, 0)),
        ("TIMESTAMP(6) WITH TIME ZONE", (0, 13, None, 6), "moment", (64, 0, 0, 0)),
        ("TIMESTAMP(0) WITH LOCAL TIME ZONE", (0, 7, None, 0), "moment", (64, 0, 0, 0)),
        ("INTERVAL DAY(2) TO SECOND(6)", (0, 11, 2, 6), "other", (64, 0, 0, 0)),
    ],
)  # fmt: skip
def test_a_type_of_oracle_is_taken_for_one_that_loses_nothing(
    native: str,
    numbers: tuple[int, int, int | None, int | None],
    kind: Kind,
    told: tuple[int, int, int, int],
) -> None:
    column = ORACLE.column("HJ.RK", "C", native, numbers)
    assert (column.kind, (column.bits, column.length, column.precision, column.scale)) == (kind, told)


@pytest.mark.parametrize(
    ("native", "numbers", "kind", "told"),
    [
        ("DATE", (0, 3, None, None), "date", (64, 0, 0, 0)), ("DATETIME(6)", (0, 8, 6, None), "datetime", (64, 0, 0, 0)),
        ("TINYINT", (0, 1, 3, 0), "integer", (16, 0, 0, 0)), ("BIGINT", (0, 8, 19, 0), "integer", (64, 0, 0, 0)),
        ("DEC", (0, 10, 12, 2), "decimal", (64, 0, 12, 2)), ("NUMBER", (0, 22, 0, 0), "decimal", (64, 0, 0, 0)),
        ("BIT", (0, 1, None, None), "boolean", (64, 0, 0, 0)), ("TEXT", (0, 0, None, None), "text", (64, 0, 0, 0)),
        ("VARCHAR", (0, 50, None, None), "text", (64, 50, 0, 0)), ("IMAGE", (0, 0, None, None), "binary", (64, 0, 0, 0)),
        ("VARBINARY", (0, 16, None, None), "binary", (64, 16, 0, 0)), ("REAL", (0, 4, 24, None), "float", (32, 0, 0, 0)),
    ],
)  # fmt: skip
def test_a_type_of_dameng_is_taken_for_one_that_loses_nothing(
    native: str,
    numbers: tuple[int, int, int | None, int | None],
    kind: Kind,
    told: tuple[int, int, int, int],
) -> None:
    column = DAMENG.column("RK", "C", native, numbers)
    assert (column.kind, (column.bits, column.length, column.precision, column.scale)) == (kind, told)


@pytest.mark.parametrize("native", ["BFILE", "XMLTYPE", "SDO_GEOMETRY", "JSON", "HJ.OBJECT_TYPE"])
def test_a_type_that_cannot_be_carried_is_refused_by_name(native: str) -> None:
    for database in (ORACLE, DAMENG):
        with pytest.raises(errors.TypeNotCarried, match="ZP"):
            database.column("HJ.RK", "ZP", native, (0, 0, None, None))


def test_names_are_quoted_as_they_are_written_and_stand_in_their_schema() -> None:
    assert ORACLE.place("HJ.RK") == '"HJ"."RK"'
    assert ORACLE.place("RK") == '"HJ"."RK"', "the user's own schema"
    assert DAMENG.place("RK") == '"人口"."RK"', "the schema of the address"
    assert ORACLE.place('A.R"K') == '"A"."R""K"'


@pytest.mark.parametrize(("database", "mark"), [(ORACLE, ":v"), (DAMENG, "?")])
def test_chunks_are_cut_by_key_with_parameters_alone(database: Database, mark: str) -> None:
    within = database.within((NUMBER, NAME), Span((1, "a"), (9, "z")))
    assert within.values == (1, 1, 1, "a", 9, 9, 9, "z")
    assert within.sql.count(mark) == len(within.values)
    assert "'" not in within.sql.replace("'AL32UTF8'", "")
    window = database.moved(Window(Column("GX", "datetime"), datetime(2026, 1, 1), datetime(2026, 2, 1)))
    assert window.sql == f'"GX" <= {mark} AND "GX" >= {mark}'
    assert (
        database.limited("SELECT 1 FROM T ORDER BY 1", 1, 299)
        == "SELECT 1 FROM T ORDER BY 1 OFFSET 299 ROWS FETCH NEXT 1 ROWS ONLY"
    )


def test_text_keys_of_oracle_are_compared_by_the_bytes_of_their_utf_8() -> None:
    assert ORACLE.ordered(NAME) == "UTL_I18N.STRING_TO_RAW(\"XM\", 'AL32UTF8')"
    assert ORACLE.given(NAME) == "UTL_I18N.STRING_TO_RAW(:v, 'AL32UTF8')"
    assert (ORACLE.ordered(NUMBER), ORACLE.given(NUMBER)) == ('"ID"', ":v")
    assert DAMENG.ordered(NAME) == '"XM"', "which is refused where it does not keep UTF-8"


def test_digits_and_zones_are_read_as_text_that_loses_nothing() -> None:
    assert ORACLE.wanted(Column("ZC", "decimal")) == "TO_CHAR(\"ZC\", 'TM9')"
    assert ORACLE.wanted(Column("SJ", "moment")) == (
        "TO_CHAR(SYS_EXTRACT_UTC(\"SJ\"), 'YYYY-MM-DD\"T\"HH24:MI:SS.FF6') || '+00:00'"
    )
    assert ORACLE.wanted(NAME) == '"XM"'
    assert "NLS_NUMERIC_CHARACTERS = '.,'" in Oracle.session[0], "whatever the server's country"


@pytest.mark.parametrize("database", [ORACLE, DAMENG])
def test_they_are_read_and_never_written(database: OracleLike, tmp_path: Path) -> None:
    for write in (
        lambda: database.execute("DELETE FROM T"), lambda: database.insert("T", [NUMBER], [(1,)]),
        lambda: database.create("T", [NUMBER], [NUMBER]), database.commit,
    ):  # fmt: skip
        with pytest.raises(errors.SourceOnly):
            write()
    ends = FilePlace("csv", tmp_path / "a.csv"), place(database.driver)
    folder = JobFolder(tmp_path, "job").make()
    with (
        pytest.raises(errors.SourceOnly),
        opened_ends(*ends, Order(job="job", table="a", target_table="A"), folder),
    ):
        raise AssertionError("it was opened")


@pytest.mark.parametrize("database", [ORACLE, DAMENG])
def test_the_report_says_that_no_server_was_tried(database: Database) -> None:
    assert "尚未在真实服务器上验证" in database.guarantee_zh
    assert "Not verified with a server yet" in database.guarantee_en


@pytest.mark.parametrize(("scheme", "module"), [("oracle", "oracledb"), ("dm", "dmPython")])
def test_a_missing_driver_is_told_with_the_extra_that_brings_it(
    scheme: optional.Scheme, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(errors.DriverMissing) as missing:
        optional.connect(scheme, place(scheme).address, "127.0.0.1")
    for language in ("zh", "en"):
        assert f"yiwang[{scheme}]" in missing.value.mend(language)
        assert module in missing.value.text(language)


@pytest.mark.parametrize(
    ("scheme", "said", "error"),
    [
        ("oracle", "ORA-01017: invalid credential; logon denied", errors.LoginRefused),
        ("oracle", "DPY-6005: cannot connect to database (CONNECTION_ID=x).", errors.DatabaseUnreachable),
        ("oracle", 'DPY-6001: Service "x" is not registered with the listener', errors.DatabaseMissing),
        ("oracle", "DPY-4024: call timeout of 3000 ms exceeded", errors.DatabaseSlow),
        ("oracle", 'ORA-00942: table or view "HJ"."RK" does not exist', errors.RightMissing),
        ("oracle", "ORA-01555: snapshot too old", errors.DatabaseFault),
        ("dm", "[CODE:-2501]用户名或密码错误", errors.LoginRefused),
        ("dm", "[CODE:-70028]创建SOCKET连接失败", errors.DatabaseUnreachable),
        ("dm", "[CODE:-6118]非法的时间日期类型数据 王敏", errors.DatabaseFault),
    ],
)
def test_a_complaint_is_told_by_its_number_and_never_in_its_own_words(
    scheme: optional.Scheme, said: str, error: type[errors.ConnectorError]
) -> None:
    told = optional.told(scheme, RuntimeError(said), place(scheme).address)
    assert type(told) is error
    assert "王敏" not in told.text("zh")
    assert "secret" not in told.text("zh")


def test_the_real_driver_of_oracle_goes_to_the_pinned_address_and_names_the_service_alone() -> None:
    pytest.importorskip("oracledb", reason="yiwang[oracle] is not installed")
    heard = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def listen() -> None:
            one, _ = listener.accept()
            with one:
                heard.extend(one.recv(4096))

        thread = threading.Thread(target=listen)
        thread.start()
        with pytest.raises(errors.ConnectorError):
            optional.connect("oracle", place("oracle", listener.getsockname()[1]).address, "127.0.0.1")
        thread.join(10)
    sent = bytes(heard)
    assert b"(SERVICE_NAME=orcl)" in sent
    assert b"(HOST=127.0.0.1)" in sent
    assert b"10.20.0.1" not in sent, "the name is not resolved again"
    assert b"secret" not in sent


@pytest.mark.parametrize(("scheme", "module"), [("oracle", "oracledb"), ("dm", "dmPython")])
def test_the_real_driver_says_that_nothing_answers(scheme: optional.Scheme, module: str) -> None:
    pytest.importorskip(module, reason=f"yiwang[{scheme}] is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(errors.DatabaseUnreachable):
        optional.connect(scheme, place(scheme, port).address, "127.0.0.1")
