"""Oracle and 达梦 behind a driver that only plays one: the dictionary queries and what is made of their answers.

No real server of either kind has been tried.
"""

from __future__ import annotations

import datetime as dt
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from yiwang.bootstrap.cli.catalogue import command
from yiwang.dataplane.census.draft import Draft
from yiwang.dataplane.census.errors import SourceRefused, SourceUnreachable
from yiwang.dataplane.census.opening import places
from yiwang.dataplane.census.scan import scan
from yiwang.dataplane.census.source import Limits
from yiwang.dataplane.connectors.errors import DriverBroken, DriverMissing

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
DICTIONARY: dict[str, list[tuple[object, ...]]] = {
    "all_tables": [("BMXX", "table", "部门信息", 20), ("RYXX", "table", None, 30), ("V_RY", "view", None, -1)],
    "all_tab_columns": [
        ("BMXX", "BMDM", "CHAR", 6, 0, "N", None), ("BMXX", "BMMC", "VARCHAR2", 100, 0, "Y", None),
        ("RYXX", "ID", "NUMBER", 10, 0, "N", None), ("RYXX", "XM", "VARCHAR2", 50, 0, "Y", "姓名"),
        ("RYXX", "BMDM", "CHAR", 6, 0, "Y", None), ("RYXX", "ZP", "BLOB", 0, 0, "Y", None),
        ("V_RY", "XM", "VARCHAR2", 50, 0, "Y", None),
    ],
    "all_constraints": [
        ("BMXX", "PK_BM", "P", "BMDM", None), ("RYXX", "PK_RY", "P", "ID", None), ("RYXX", "FK_BM", "R", "BMDM", "PK_BM"),
    ],
}  # fmt: skip
ROWS: dict[str, list[tuple[object, ...]]] = {
    '"BMXX"': [(f"10{n:04d}", f"第{n}处") for n in range(20)],
    '"RYXX"': [(str(n), "王敏" if n % 2 else "周航", f"10{n % 20:04d}", "") for n in range(30)],
}


class Played:
    """A connection and cursor of PEP 249 in one."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.answer: list[tuple[object, ...]] = []

    def cursor(self) -> Played:
        return self

    def close(self) -> None:
        return None

    def execute(self, statement: str, parameters: Sequence[object]) -> None:
        self.said.append(statement)
        if "V_RY" in statement:
            raise RuntimeError("ORA-00942: 王敏")
        held = [rows for name, rows in DICTIONARY.items() if f"FROM {name}" in statement]
        held += [rows for name, rows in ROWS.items() if f"FROM {name}" in statement]
        self.answer = held[0] if held else []

    def fetchall(self) -> list[tuple[object, ...]]:
        return self.answer


def played(monkeypatch: pytest.MonkeyPatch, module: str, error: Exception | None = None) -> Played:
    connection = Played()

    def connect(**words: object) -> Played:
        assert words["password"] == "geheim"
        if error is not None:
            raise error
        return connection

    driver = ModuleType(module)
    driver.connect = connect  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module, driver)
    return connection


@pytest.mark.parametrize(
    ("scheme", "module", "kind"), [("oracle", "oracledb", "oracle"), ("dm", "dmPython", "Dm")]
)
def test_the_dictionary_is_read_and_the_session_is_read_only(
    monkeypatch: pytest.MonkeyPatch, scheme: str, module: str, kind: str
) -> None:
    connection = played(monkeypatch, module)
    draft: Draft = scan(places([f"{scheme}://rs:geheim@127.0.0.1/orcl"]), Limits(statements=1e4), NOW)
    assert connection.said[0] == "SET TRANSACTION READ ONLY"
    assert all(said.startswith(("SET TRANSACTION READ ONLY", "SELECT")) for said in connection.said)
    assert [(r.table, r.kind, r.format_type) for r in draft.resources] == [
        ("BMXX", "table", kind), ("RYXX", "table", kind), ("V_RY", "view", kind),
    ]  # fmt: skip
    people = {item.column: item for item in draft.resources[1].items}
    assert people["ID"].key
    assert people["ID"].letter == "I"
    assert people["BMDM"].references == "BMXX.BMDM"
    assert people["XM"].mark is not None
    remark = draft.resources[2].remarks[0]
    assert remark.code == "census-table-unreadable"
    assert "王敏" not in remark.text.zh + remark.text.en, "a driver's text may quote data"


@pytest.mark.parametrize(
    ("text", "error"),
    [("ORA-01017: invalid username/password", SourceRefused), ("ORA-12541: no listener", SourceUnreachable)],
)
def test_a_failed_login_and_a_dead_host_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, text: str, error: type[Exception]
) -> None:
    played(monkeypatch, "oracledb", RuntimeError(text))
    with pytest.raises(error):
        scan(places(["oracle://rs:geheim@127.0.0.1/orcl"]), Limits(), NOW)


@pytest.mark.parametrize(
    ("address", "module", "how"),
    [("oracle://u:p@127.0.0.1/x", "oracledb", "yiwang[oracle]"), ("dm://u:p@127.0.0.1/x", "dmPython", "yiwang[dm]")],
)  # fmt: skip
def test_a_driver_that_is_missing_or_does_not_load_is_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, address: str, module: str, how: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(DriverMissing) as missing:
        scan(places([address]), Limits(), NOW)
    for language in ("zh", "en"):
        assert how in missing.value.mend(language)
        assert module in missing.value.text(language)

    def broken(name: str) -> ModuleType:
        raise ImportError(f"lib{name}.so: cannot open shared object file")

    monkeypatch.setattr(importlib, "import_module", broken)
    with pytest.raises(DriverBroken) as unloadable:
        scan(places([address]), Limits(), NOW)
    assert f"import {module}" in unloadable.value.mend("en")


def test_a_missing_driver_is_told_before_a_result_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "oracledb", None)
    out = tmp_path / "d.xlsx"
    done = CliRunner().invoke(command, ["scan", "oracle://u:geheim@127.0.0.1/x", "--out", str(out)])
    assert done.exit_code == 2
    assert "connector-driver-missing" in done.output
    assert "geheim" not in done.output
    assert not out.exists()
