"""A table of the nation, copied by the city through its own gateway: whole, in pages that every node proves and logs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from tests.gateway.cascade_stage import CITY, NATION, NODES, PROVINCE
from tests.gateway.ledgers import ADDRESS, CODE, HIDDEN, WHOLE, Ledgers
from tests.gateway.line import Cut
from tests.gateway.stage import ITEM
from yiwang.blocks.exchange.domain.compiled import GrantedField
from yiwang.bootstrap.cli.client import command
from yiwang.client import GatewayRefused
from yiwang.client.tables import Tables
from yiwang.dataplane.connectors.errors import ConnectorError
from yiwang.dataplane.connectors.places import DatabasePlace
from yiwang.dataplane.transfer.beyond_wire import Act, OpenTable, Page, ReadRows
from yiwang.dataplane.transfer.postgresql import PostgreSQL
from yiwang.vocabulary.crypto import generate

LONG = 20_000
"""Bytes of a message that carries a page of rows."""


def refused(ledgers: Ledgers, grant: str, act: Act | bytes, **more: Any) -> str:
    """What an act of the city's caller is refused with."""
    body = act if isinstance(act, bytes) else msgspec.json.encode(act)
    with ledgers.at_city() as here, pytest.raises(GatewayRefused) as told:
        Tables(here, more.get("code", ADDRESS), purpose=more.get("purpose", ITEM), grant=grant).ask(body)
    return told.value.code


def test_a_city_copies_the_granted_part_of_a_national_table_and_every_node_holds_the_evidence(
    ledgers: Ledgers, tmp_path: Path
) -> None:
    grant, target = ledgers.grant(), ledgers.target()
    report = ledgers.run(grant, target, tmp_path)
    assert report.proven
    assert (report.rows.source, report.rows.passed, report.rows.target) == (3000, 3000, 3000)
    assert ledgers.copied(target) == ledgers.wanted()
    assert ledgers.copied(target)[0][1] in ("王*", "王**"), "masked before it left the nation"
    read = 0
    for name, code, above in ((NATION, CODE, None), (PROVINCE, ADDRESS, NATION), (CITY, ADDRESS, PROVINCE)):
        leaves = [one for one in ledgers.cascade.leaves(name, grant) if one["kind"] == "event"]
        events = [one["event"] for one in leaves]
        assert (events[0], events[-1]) == ("table-opened", "table-delivered"), name
        assert {one["resource"] for one in leaves} == {code}
        rows = sum(one["rows"] for one in leaves if one["event"] == "table-read")
        assert read in (0, rows), "every node saw the same rows pass"
        read = rows
        assert leaves[-1]["detail"]["rows"] == 3000
        assert {up["node"] for one in leaves for up in one.get("upstream", [])} == (
            {above} if above else set()
        )
        assert all(one.get("upstream") or name == NATION for one in leaves)
        for value in (HIDDEN, "N00000001", "王"):
            assert value not in msgspec.json.encode(leaves).decode()
    assert read >= 3000
    assert ledgers.cascade.calls(grant) == 1, "a run costs one call a day"
    assert ledgers.cascade.damages() == []


def test_no_byte_that_leaves_the_nation_holds_what_the_grant_hides(ledgers: Ledgers, tmp_path: Path) -> None:
    grant, line = ledgers.grant(), ledgers.cascade.lines[NATION]
    left = []

    def noted(message: bytes) -> bytes:
        left.append(message.partition(b"\r\n\r\n")[2].decode("utf-8", "replace"))
        return message

    with line.changing(answer=noted):
        assert ledgers.run(grant, ledgers.target(), tmp_path).proven
    text = "".join(left)
    assert "王*" in text
    for hidden in ("王明", HIDDEN, "110000", "620100"):
        assert hidden not in text


def test_later_runs_bring_what_moved_and_what_is_gone(ledgers: Ledgers, tmp_path: Path) -> None:
    grant, target = ledgers.grant(), ledgers.target()
    ledgers.run(grant, target, tmp_path)
    assert refused(ledgers, grant, OpenTable("a" * 32, "full")) == "table-run-too-soon"
    again = ledgers.grant()
    ledgers.executed("UPDATE register SET zb = zb + 1 WHERE bh = 'N00000005'")
    ledgers.executed("INSERT INTO register VALUES ('N99999999', '赵明', '620100', 1, '2026-06-01', '')")
    ledgers.executed("DELETE FROM register WHERE bh = 'N00000006'")
    report = ledgers.run(again, target, tmp_path)
    assert report.proven
    assert (report.rows.inserted, report.rows.updated, report.rows.deleted) == (1, 1, 1)
    assert ledgers.copied(target) == ledgers.wanted()


def test_an_incremental_run_takes_what_is_new_and_no_more(ledgers: Ledgers, tmp_path: Path) -> None:
    target = ledgers.target()
    first = ledgers.run(ledgers.grant(), target, tmp_path, way="incremental")
    assert first.proven
    ledgers.executed(
        "INSERT INTO register SELECT 'P' || n, '李明', '620100', n, timestamp '2027-01-01' + n * interval '1 day', ''"
        " FROM generate_series(1, 30) AS n"
    )
    second = ledgers.run(ledgers.grant(), target, tmp_path, way="incremental")
    assert second.proven
    assert 30 <= second.rows.passed <= 31, "the last moment is read again"
    assert ledgers.copied(target) == ledgers.wanted()


@pytest.mark.parametrize("place", [NATION, PROVINCE])
def test_a_line_that_is_cut_in_the_middle_loses_and_doubles_nothing(
    ledgers: Ledgers, tmp_path: Path, place: str
) -> None:
    grant, target, pages = ledgers.grant(), ledgers.target(), 0

    def dies(message: bytes) -> bytes:
        nonlocal pages
        pages += len(message) > LONG
        if pages >= 2:
            raise Cut(message[: len(message) // 2])
        return message

    with ledgers.cascade.lines[place].changing(answer=dies), pytest.raises(GatewayRefused) as told:
        ledgers.run(grant, target, tmp_path)
    assert told.value.code == "peer-silent"
    assert 0 < len(ledgers.copied(target)) < 3000
    report = ledgers.run(grant, target, tmp_path)
    assert report.proven
    assert report.resumed
    assert ledgers.copied(target) == ledgers.wanted()
    assert ledgers.cascade.calls(grant) == 1, "the run that goes on is the same one"


def test_a_gateway_that_is_killed_in_the_middle_costs_one_chunk(ledgers: Ledgers, tmp_path: Path) -> None:
    grant, target, pages = ledgers.grant(), ledgers.target(), 0

    def kills(message: bytes) -> bytes:
        nonlocal pages
        pages += len(message) > LONG
        if pages == 2:
            pages += 1
            ledgers.cascade.gateways[NATION].process.kill()
        return message

    try:
        with ledgers.cascade.lines[PROVINCE].changing(answer=kills), pytest.raises(GatewayRefused):
            ledgers.run(grant, target, tmp_path)
    finally:
        ledgers.cascade.restart(NATION)
    ledgers.leased(grant)
    report = ledgers.run(grant, target, tmp_path)
    assert report.proven
    assert ledgers.copied(target) == ledgers.wanted()
    assert ledgers.cascade.damages() == []


@pytest.mark.parametrize("place", [NATION, PROVINCE])
def test_a_flipped_bit_in_a_page_is_thrown_away(ledgers: Ledgers, tmp_path: Path, place: str) -> None:
    grant, target = ledgers.grant(), ledgers.target()

    def flip(message: bytes) -> bytes:
        if len(message) < LONG:
            return message
        changed = bytearray(message)
        changed[-1000] ^= 1
        return bytes(changed)

    with ledgers.cascade.lines[place].changing(answer=flip), pytest.raises(GatewayRefused) as told:
        ledgers.run(grant, target, tmp_path)
    assert told.value.code == "peer-unproven"
    assert ledgers.copied(target) == []


@pytest.mark.parametrize("place", NODES)
def test_a_grant_that_is_revoked_in_the_middle_stops_the_job_and_says_so(
    ledgers: Ledgers, tmp_path: Path, place: str
) -> None:
    grant, target, pages = ledgers.grant(), ledgers.target(), 0

    def revoked(message: bytes) -> bytes:
        nonlocal pages
        pages += len(message) > LONG
        if pages == 2:
            pages += 1
            compiled = ledgers.cascade.granted(grant)
            ledgers.cascade.put_terms(place, compiled, "revoked")
            if place == NATION:
                ledgers.cascade.nodes[NATION].publish(compiled, state="revoked")
            ledgers.cascade.settle()
        return message

    with ledgers.cascade.lines[PROVINCE].changing(answer=revoked), pytest.raises(GatewayRefused) as told:
        ledgers.run(grant, target, tmp_path)
    assert told.value.code == "grant-revoked"
    assert 0 < len(ledgers.copied(target)) < 3000


def test_what_the_grant_does_not_allow_is_refused_before_a_row_is_read(ledgers: Ledgers) -> None:
    run, other = "a" * 32, "b" * 32
    grant = ledgers.grant(ways=("diff",))
    assert refused(ledgers, grant, OpenTable(run, "full")) == "way-not-granted"
    assert refused(ledgers, grant, ReadRows(run)) == "table-run-over", "a run begins with open"
    with ledgers.at_city() as here:
        asked = Tables(here, ADDRESS, purpose=ITEM, grant=grant)
        asked.ask(msgspec.json.encode(OpenTable(run, "diff")))
        page = msgspec.json.decode(asked.ask(msgspec.json.encode(ReadRows(run))), type=Page)
    assert page.count == len(page.rows) > 0
    assert refused(ledgers, grant, OpenTable(other, "diff")) == "table-run-too-soon"
    assert refused(ledgers, grant, ReadRows(other)) == "table-run-over"
    window = {"column": "更新", "low": None, "high": '["2027-01-01"]'}
    act = {"act": "rows", "run": run, "window": window}
    assert refused(ledgers, grant, msgspec.json.encode(act)) == "way-not-granted"
    for wrong in ('["a", "b"]', "[{}]", "[[1]]", "x", '[{"int": "x"}]'):
        act = {"act": "rows", "run": run, "low": wrong}
        assert refused(ledgers, grant, msgspec.json.encode(act)) == "table-act-wrong"
    for column in ("备注", "法人", 'x"; DROP TABLE register; --'):
        act = {"act": "top", "run": run, "column": column}
        assert refused(ledgers, grant, msgspec.json.encode(act)) == "table-act-wrong"
    assert refused(ledgers, grant, b'{"act": "all"}') == "body-malformed"


def test_nobody_without_a_grant_of_whole_tables_reads_one(ledgers: Ledgers) -> None:
    act = OpenTable("c" * 32, "full")
    rows = ledgers.cascade.grant()
    assert refused(ledgers, rows, act) == "grant-not-yours"
    asks = ledgers.cascade.grant(**(WHOLE | {"modes": ("query",)}))
    assert refused(ledgers, asks, act) == "mode-not-granted"
    assert refused(ledgers, ledgers.grant(frequency=None), act) == "way-not-granted"
    keyless = ledgers.grant(fields=(GrantedField("法人", "name"), GrantedField("资本")))
    assert refused(ledgers, keyless, act) == "table-without-key"
    masked = ledgers.grant(fields=(GrantedField("编号", "id_number"), GrantedField("资本")))
    assert refused(ledgers, masked, OpenTable("d" * 32, "full")) == "table-without-key"
    grant = ledgers.grant()
    assert refused(ledgers, grant, act, purpose="item:000000000000") == "purpose-not-allowed"
    assert refused(ledgers, grant, act, code=CODE) == "route-unknown", "its own tables are delivered by jobs"
    ledgers.cascade.caller, kept = generate("sm2-sm3"), ledgers.cascade.caller
    try:
        assert refused(ledgers, grant, act) == "key-unknown"
    finally:
        ledgers.cascade.caller = kept


def test_the_command_copies_proves_and_confirms(ledgers: Ledgers, tmp_path: Path) -> None:
    key, grant, target = tmp_path / "k.pem", ledgers.grant(), ledgers.target()
    key.write_bytes(ledgers.cascade.caller.to_pem(None))
    given = [
        "table", ADDRESS, ledgers.url, "--to", target[1], "--purpose", ITEM, "--gateway",
        ledgers.cascade.gateways[CITY].url, "--key", str(key), "--node", CITY, "--jobs", str(tmp_path / "jobs"),
        "--report", str(tmp_path / "r.json"), "--evidence", str(tmp_path / "e.json"), "--lang", "en",
    ]  # fmt: skip
    made = CliRunner().invoke(command, [*given, "--grant", grant])
    assert made.exit_code == 0, made.output
    assert ledgers.copied(target) == ledgers.wanted()
    assert msgspec.json.decode((tmp_path / "r.json").read_bytes())["proven"] is True
    assert "table-delivered" in (tmp_path / "e.json").read_text(encoding="utf-8")
    again = CliRunner().invoke(command, [*given, "--grant", grant])
    assert again.exit_code == 3
    assert "table-run-too-soon" in again.output


def test_a_run_that_is_confirmed_is_over_and_may_be_confirmed_again(ledgers: Ledgers) -> None:
    run, grant = "e" * 32, ledgers.grant()
    confirm = msgspec.json.encode({"act": "receipt", "run": run, "rows": 1, "report": "0" * 64})
    with ledgers.at_city() as here:
        asked = Tables(here, ADDRESS, purpose=ITEM, grant=grant)
        asked.ask(msgspec.json.encode(OpenTable(run, "full")))
        asked.ask(confirm)
        asked.ask(confirm)
    assert refused(ledgers, grant, ReadRows(run)) == "table-run-over"
    assert refused(ledgers, grant, OpenTable(run, "full")) == "table-run-too-soon"


def test_a_source_that_is_slow_is_not_waited_for(ledgers: Ledgers) -> None:
    place, _ = ledgers.target()
    assert isinstance(place, DatabasePlace)
    source = PostgreSQL.open(place)
    try:
        source.begin_reading()
        source.hurry(0.2)
        with pytest.raises(ConnectorError):
            source.query("SELECT pg_sleep(20)")
    finally:
        source.close()


def test_a_source_that_lost_a_granted_column_gives_nothing(ledgers: Ledgers) -> None:
    grant = ledgers.grant()
    ledgers.executed("ALTER TABLE register RENAME zb TO zb2")
    try:
        assert refused(ledgers, grant, OpenTable("f" * 32, "full")) == "source-changed"
    finally:
        ledgers.executed("ALTER TABLE register RENAME zb2 TO zb")
