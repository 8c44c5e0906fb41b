"""Records as files: taken in all or none with every wrong cell named, taken out with the rights of the person."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.db import connection
from openpyxl import Workbook

from tests.store.registry import calling
from tests.store.registry.calling import Reply, called
from tests.store.registry.families import (
    CLERK,
    COMMITTEE,
    DIRECTOR,
    NEIGHBOUR,
    NOW,
    OTHER_TOWN,
    OUTSIDER,
    TOWN,
    applied,
)
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.actions import file_rows, stepwise
from yiwang.blocks.registry.api import calls
from yiwang.blocks.registry.api.openapi import FILES
from yiwang.blocks.registry.public import Wanted
from yiwang.blocks.registry.store.staging import Staging
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

pytestmark = pytest.mark.django_db
ROOT = "/aid/family"
HEADS = "number,town,head,income,account,amount"
ROWS = [f"JZ{at},{TOWN},户主{at},{100 + at},62220000{at:04d},{at * 1000}" for at in range(20)]


@pytest.fixture(autouse=True)
def _system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    monkeypatch.setattr(calls, "signed_in_by", calling.signed_in_by)
    applied()


def sent(body: bytes, kind: str = "csv", who: registry.Errand = CLERK) -> Reply:
    return called(who.actor, "POST", f"{ROOT}/import?_since=2026-11-20", body, kind=FILES[kind])


def lines(*rows: str) -> bytes:
    return "\n".join([HEADS, *rows]).encode()


def total() -> int:
    return registry.records(DIRECTOR, "aid", "family", Wanted({}), NOW).total


def test_each_row_becomes_a_record_with_its_history_and_its_sealed_values() -> None:
    assert sent(lines(*ROWS)).json == {"records": 20}
    one = registry.by_key(CLERK, "aid", "family", {"number": "JZ7"}, NOW)
    assert one.values == {"number": "JZ7", "town": TOWN, "head": "户主7", "state": "draft", "income": 107,
                          "account": "622200000007", "amount": 7000, "poor": False}  # fmt: skip
    assert (one.by, str(one.since)) == ("user1", "2026-11-20")
    assert registry.records(CLERK, "aid", "family", Wanted({"account": "622200000007"}), NOW).total == 1
    registry.change_record(CLERK, "aid", "family", one.id, {"amount": 1}, NOW)
    assert len(registry.history(CLERK, "aid", "family", one.id, NOW)) == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry FROM journal_outbox WHERE entry LIKE '%records-imported%'")
        assert '"records":20' in str(cursor.fetchone())


def test_a_withdrawn_record_that_comes_back_is_the_same_record() -> None:
    sent(lines(*ROWS))
    one = registry.by_key(CLERK, "aid", "family", {"number": "JZ7"}, NOW)
    registry.withdraw_record(CLERK, "aid", "family", one.id, NOW)
    assert sent(lines(ROWS[7])).status == 201
    assert registry.by_key(CLERK, "aid", "family", {"number": "JZ7"}, NOW).id == one.id


def test_every_wrong_cell_is_named_and_no_row_is_taken_in() -> None:
    reply = sent(lines(ROWS[0], f"JZ50,{TOWN},,x,,1.5", "JZ51,1x,户主,1,1,1,more"))
    problems = reply.json["problems"]
    assert isinstance(problems, list)
    assert [(one["line"], one["field"]) for one in problems] == [
        (3, "head"), (3, "income"), (3, "amount"), (4, ""), (4, "town"),
    ]  # fmt: skip
    assert (reply.status, reply.code, total()) == (422, "registry-file-refused", 0)


def test_a_key_twice_or_taken_and_a_row_out_of_reach_are_named_by_their_line() -> None:
    sent(lines(ROWS[3]))
    twice = sent(lines(ROWS[1], ROWS[2], ROWS[1])).json["problems"]
    taken = sent(lines(ROWS[1], ROWS[3])).json["problems"]
    refused = sent(lines(ROWS[1], f"JZ60,{OTHER_TOWN},户主,1,1,1")).json["problems"]
    found = [
        [(one["line"], one["field"]) for one in each]
        for each in (twice, taken, refused)
        if isinstance(each, list)
    ]
    assert found == [[(4, "number")], [(3, "number")], [(3, "")]]
    assert total() == 1


def test_nobody_takes_in_or_out_what_the_rules_do_not_let_them() -> None:
    for stranger in (NEIGHBOUR, OUTSIDER, DIRECTOR):
        assert sent(lines(ROWS[0]), who=stranger).code == "registry-file-refused"
    sent(lines(*ROWS))
    for stranger in (NEIGHBOUR, OUTSIDER, CLERK):
        reply = called(stranger.actor, "GET", f"{ROOT}/export")
        assert (reply.status, reply.code) == (403, "registry-export-not-allowed")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'family__load%'")
        assert cursor.fetchone() == (0,)


def test_what_is_taken_out_is_what_may_be_and_is_written_down() -> None:
    sent(lines(*ROWS, f"JZ90,{TOWN},=1+1,1,1,1"))
    whole = called(DIRECTOR.actor, "GET", f"{ROOT}/export?state=draft", purpose="").body.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(whole)))
    assert len(rows) == 21
    assert {row["number"]: row["income"] for row in rows}["JZ7"] == "107"
    assert {row["head"] for row in rows if row["number"] == "JZ90"} == {"'=1+1"}
    some = called(COMMITTEE.actor, "GET", f"{ROOT}/export?_format=parquet", purpose="joint_review").body
    table = pq.read_table(io.BytesIO(some)).to_pydict()
    assert [name for name, column in table.items() if any(column)] == ["number", "head"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry FROM journal_outbox WHERE entry LIKE '%records-exported%' ORDER BY id")
        entries = [str(row[0]) for row in cursor.fetchall()]
    assert ['"records":21' in one for one in entries] == [True, True]
    assert "户主" not in "".join(entries)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_an_exported_file_is_taken_in_again(kind: str) -> None:
    sent(lines(*ROWS[:5], f"JZ90,{TOWN},=1+1,1,1,1"))
    body = called(DIRECTOR.actor, "POST", f"{ROOT}/export", {"format": kind}, purpose="").body
    before = {
        one.values["number"]: one.values
        for one in registry.records(DIRECTOR, "aid", "family", Wanted({}), NOW).records
    }
    for one in registry.records(CLERK, "aid", "family", Wanted({}), NOW).records:
        registry.withdraw_record(CLERK, "aid", "family", one.id, NOW, since=one.since)
    assert sent(body, kind).code == "registry-file-heads"  # poor is worked out
    assert total() == 0
    shorter = _without_poor(body, kind)
    assert sent(shorter, kind).status == 201
    after = {
        one.values["number"]: one.values
        for one in registry.records(DIRECTOR, "aid", "family", Wanted({}), NOW).records
    }
    assert after == before


def _without_poor(body: bytes, kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "parquet":
        pq.write_table(pq.read_table(io.BytesIO(body)).drop_columns(["poor"]), out)
    elif kind == "xlsx":
        from openpyxl import load_workbook

        book = load_workbook(io.BytesIO(body))
        book.worksheets[0].delete_cols(8)
        book.save(out)
    else:
        return "\n".join(line.rpartition(",")[0] for line in body.decode("utf-8-sig").splitlines()).encode(
            "gb18030"
        )
    return out.getvalue()


def _workbook(*cells: object) -> bytes:
    book, out = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    sheet.append(HEADS.split(","))
    sheet.append(list(cells))
    book.save(out)
    return out.getvalue()


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", b" " * 40_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (_workbook("JZ1", TOWN, "=1+1", 1, 1, 1), "xlsx", "table-file-formula"),
        (_bomb(), "xlsx", "spreadsheet-too-large"),
        (b"PK\x03\x04 no archive", "xlsx", "spreadsheet-not-xlsx"),
        (b"PAR1 no parquet", "parquet", "table-file"),
        (HEADS.encode() + b"\nJZ1,\xff\xff\xff,x,1,1,1", "csv", "table-file-encoding"),
        (b"\0\0\0\0", "csv", "table-file-encoding"),
        (b"", "csv", "table-file"),
        (b"number,number\n1,2", "csv", "table-file"),
        (b"number,nothing\n1,2", "csv", "registry-file-heads"),
        (HEADS.encode() + b'\nJZ1,"open', "csv", "table-file"),
        (b"x", "csv", "registry-file-heads"),
    ],
)
def test_a_hostile_or_broken_file_is_refused_whole(body: bytes, kind: str, code: str) -> None:
    reply = sent(body, kind)
    assert (reply.status, reply.code) == (422, code)
    assert total() == 0


def test_another_kind_of_body_is_not_read() -> None:
    assert called(CLERK.actor, "POST", f"{ROOT}/import", b"x", kind="text/plain").status == 415


def test_an_import_with_a_name_goes_on_when_the_call_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stepwise, "STEP", 2)
    monkeypatch.setattr(file_rows, "_BATCH", 1)
    body = ("town,head\n" + "".join(f"{TOWN},张{at}\n" for at in range(6))).encode()
    path = f"{ROOT}/import?_since=2026-11-20&_load=census"
    copied: list[str] = []
    copy = Staging.copy

    def ends(staging: Staging, schema: str, made: str, columns: Sequence[str], text: bytes) -> None:
        if len(copied) == 2:
            raise KeyboardInterrupt
        copied.append(made)
        copy(staging, schema, made, columns, text)

    def asked(path: str, body: bytes | None = body, method: str = "POST") -> Reply:
        return called(CLERK.actor, method, path, body, kind=FILES["csv"])

    with monkeypatch.context() as cut:
        cut.setattr(Staging, "copy", ends)
        with pytest.raises(KeyboardInterrupt):
            asked(path)
    assert total() == 0
    assert asked(path, body + f"{TOWN},张\n".encode()).code == "registry-load-file-differs"
    assert called(NEIGHBOUR.actor, "POST", path, body, kind=FILES["csv"]).status == 403
    assert called(NEIGHBOUR.actor, "DELETE", path).status == 403
    assert asked(f"{path}&_check=1").status == 400
    again = asked(path)
    assert (again.status, again.json) == (201, {"records": 6})
    assert asked(path).json == {"records": 6}
    assert total() == 6
    assert asked(path, None, "DELETE").code == "registry-load-unknown"
    other = path.replace("census", "other")
    with monkeypatch.context() as cut:
        copied.clear()
        cut.setattr(Staging, "copy", ends)
        with pytest.raises(KeyboardInterrupt):
            asked(other)
    assert asked(other, None, "DELETE").status == 204
    assert asked(other, None, "DELETE").status == 404
