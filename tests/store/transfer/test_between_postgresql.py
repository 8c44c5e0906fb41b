"""A table goes from one PostgreSQL to another, whole, in part, again, and after being cut off."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.store.transfer.conftest import Pair, run
from yiwang.dataplane.transfer import errors
from yiwang.dataplane.transfer.keeping import JobFolder

PEOPLE = """
CREATE TABLE people (id bigint PRIMARY KEY, "select" text, money numeric(12,2), born date, seen timestamptz, j jsonb,
  raw bytea, ok boolean, score real, tags text[], took interval, changed timestamp NOT NULL DEFAULT '2026-01-01')
"""
FILL = """
INSERT INTO people SELECT i, CASE WHEN i % 7 = 0 THEN NULL ELSE '王敏' || i END, i * 1.25, date '1890-01-01' + i * 30,
  timestamptz '1969-12-31 23:59:59.123456+08' + i * interval '1 hour', jsonb_build_object('k', i, '名', '值'),
  decode(lpad(to_hex(i), 8, '0'), 'hex'),
  i % 2 = 0, i / 3.0, ARRAY['a', NULL, i::text], i * interval '1 minute' FROM generate_series(1, {rows}) i
"""


@pytest.fixture
def people(pair: Pair) -> Pair:
    pair.at_source(PEOPLE)
    pair.at_source(FILL.format(rows=2500))
    return pair


def test_a_full_copy_equals_its_source_and_says_so(people: Pair, tmp_path: Path) -> None:
    report = run(tmp_path, people.source, people.target, "people", chunk_rows=1000)
    assert report.proven
    assert (report.rows.source, report.rows.target, report.rows.inserted) == (2500, 2500, 2500)
    assert [chunk.rows for chunk in report.chunks] == [1000, 1000, 500]
    assert {chunk.form for chunk in report.chunks} == {"pg-binary-1"}
    assert people.same("people")


def test_the_report_holds_no_value(people: Pair, tmp_path: Path) -> None:
    run(tmp_path, people.source, people.target, "people")
    text = (tmp_path / "job" / "report.json").read_text()
    assert "王敏" not in text
    assert "password" not in text.lower()


def test_a_second_run_compares_and_mends_what_changed_on_either_side(people: Pair, tmp_path: Path) -> None:
    run(tmp_path, people.source, people.target, "people", chunk_rows=1000)
    people.at_source("UPDATE people SET money = 7 WHERE id = 1500")
    people.at_source("DELETE FROM people WHERE id IN (3, 2500)")
    people.at_target("DELETE FROM people WHERE id = 4")
    people.at_target("INSERT INTO people (id, changed) VALUES (99999, now())")
    report = run(tmp_path, people.source, people.target, "people", chunk_rows=1000)
    assert report.proven
    assert (report.rows.inserted, report.rows.updated, report.rows.deleted) == (1, 1, 3)
    assert people.same("people")


def test_difference_finds_deleted_rows_in_a_target_that_others_filled(people: Pair, tmp_path: Path) -> None:
    people.at_target(PEOPLE)
    people.at_target(FILL.format(rows=3000))
    with pytest.raises(errors.TransferTargetNotEmpty):
        run(tmp_path, people.source, people.target, "people", mode="diff")
    report = run(tmp_path, people.source, people.target, "people", mode="diff", replace=True, chunk_rows=700)
    assert (report.rows.inserted, report.rows.updated, report.rows.deleted) == (0, 0, 500)
    assert report.proven
    assert people.same("people")


def test_incremental_takes_what_changed_since_and_overlaps_the_last_moment(
    people: Pair, tmp_path: Path
) -> None:
    words = {"mode": "incremental", "cursor": "changed"}
    first = run(tmp_path, people.source, people.target, "people", **words)
    assert first.rows.inserted == 2500
    people.at_source("UPDATE people SET money = 1, changed = '2026-02-01' WHERE id <= 10")
    people.at_source("INSERT INTO people (id, changed) VALUES (5000, '2026-02-01')")
    second = run(tmp_path, people.source, people.target, "people", **words)
    assert second.rows.source == 2501  # the last moment is read again: rows may have joined it since
    assert people.same("people")
    third = run(tmp_path, people.source, people.target, "people", **words)
    assert third.rows.source == 11
    assert third.proven


def test_incremental_without_a_cursor_is_refused(people: Pair, tmp_path: Path) -> None:
    with pytest.raises(errors.TransferCursorMissing):
        run(tmp_path, people.source, people.target, "people", mode="incremental")


def test_a_paused_job_goes_on_where_it_stopped_and_mends_what_was_altered_meanwhile(
    people: Pair, tmp_path: Path
) -> None:
    class Pausing:
        def __init__(self) -> None:
            self.count = 0

        def __call__(self, progress: object) -> None:
            with JobFolder(tmp_path, "job").opened() as store:
                store.keep("wish", "pause")

    from yiwang.dataplane.connectors.places import Reach, place_of
    from yiwang.dataplane.transfer.planning import Order
    from yiwang.dataplane.transfer.running import copy

    reach = Reach()
    order = Order("job", "people", "people", chunk_rows=1000)
    ends = place_of(people.source, reach), place_of(people.target, reach)
    first = copy(*ends, order, JobFolder(tmp_path, "job"), Pausing())
    assert first.status == "paused"
    assert not first.proven
    assert people.at_target("SELECT count(*) FROM people") == [(1000,)]
    people.at_source("UPDATE people SET money = 8 WHERE id = 5")
    second = run(tmp_path, people.source, people.target, "people", chunk_rows=1000)
    assert second.resumed
    assert [chunk.action for chunk in second.chunks] == ["mended", "written", "written"]
    assert second.rows.updated == 1
    assert second.proven
    assert people.same("people")


def test_text_keys_and_keys_of_several_columns_keep_their_order(pair: Pair, tmp_path: Path) -> None:
    pair.at_source('CREATE TABLE t (a text, "b%c" int, v text, PRIMARY KEY (a, "b%c"))')
    pair.at_source(
        "INSERT INTO t SELECT w || i % 50, i, 'v' || i FROM generate_series(1, 300) i,"
        " unnest(ARRAY['a', 'B', '王', 'é', 'Z ']) w"
    )
    report = run(tmp_path, pair.source, pair.target, "t", chunk_rows=97)
    assert report.proven
    pair.at_target("UPDATE t SET v = 'x' WHERE a = '王7'")
    again = run(tmp_path, pair.source, pair.target, "t", chunk_rows=97)
    assert again.rows.updated == 6
    assert pair.same("t", 'a COLLATE "C", 2')


def test_a_table_without_a_key_needs_one_and_a_key_that_repeats_is_refused(
    pair: Pair, tmp_path: Path
) -> None:
    pair.at_source("CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (1, 'y'), (2, 'z')")
    with pytest.raises(errors.TransferKeyMissing):
        run(tmp_path, pair.source, pair.target, "t")
    with pytest.raises(errors.TransferKeyUnfit):
        run(tmp_path, pair.source, pair.target, "t", key=("a",))
    assert run(tmp_path, pair.source, pair.target, "t", key=("b",)).proven


def test_added_columns_flow_and_narrowed_ones_wait_for_a_person(people: Pair, tmp_path: Path) -> None:
    run(tmp_path, people.source, people.target, "people")
    people.at_source(
        "ALTER TABLE people ADD COLUMN note varchar(20); UPDATE people SET note = '新' WHERE id = 1"
    )
    report = run(tmp_path, people.source, people.target, "people")
    assert (report.schema_version, report.schema_changes) == (2, ["added note text(20)"])
    assert people.same("people")
    people.at_source("ALTER TABLE people DROP COLUMN score")
    with pytest.raises(errors.TransferSchemaNarrowed) as told:
        run(tmp_path, people.source, people.target, "people")
    assert "score" in told.value.text("zh")
    accepted = run(tmp_path, people.source, people.target, "people", accept_schema=True)
    assert accepted.schema_version == 3
    assert accepted.proven


def test_values_that_do_not_fit_the_target_go_into_quarantine_with_their_reason(
    people: Pair, tmp_path: Path
) -> None:
    people.at_target("CREATE TABLE people (id int PRIMARY KEY, money numeric(12,1), born date)")
    people.at_source("CREATE VIEW slim AS SELECT id::int, money, born FROM people WHERE id <= 8")
    people.at_source("CREATE TABLE odd AS SELECT * FROM slim; ALTER TABLE odd ADD PRIMARY KEY (id)")
    report = run(tmp_path, people.source, people.target, "odd", target_table="people")
    assert (report.rows.passed, report.rows.quarantined) == (
        4,
        4,
    )  # 1.25 and 3.75 have two decimals, 2.50 has one
    assert report.proven
    with JobFolder(tmp_path, "job").opened() as store:
        assert {held.reasons for held in store.rows()} == {("money:more-than-1-decimals",)}


def test_rows_that_the_target_refuses_are_singled_out(people: Pair, tmp_path: Path) -> None:
    people.at_target(PEOPLE.replace("money numeric(12,2)", "money numeric(12,2) CHECK (money <> 5)"))
    report = run(tmp_path, people.source, people.target, "people", chunk_rows=1000)
    assert (report.rows.passed, report.rows.quarantined) == (2499, 1)
    assert report.proven
    with JobFolder(tmp_path, "job").opened() as store:
        (held,) = store.rows()
        assert held.key == (4,)
        assert held.reasons == ("target:23514 people_money_check",)


def test_a_trigger_that_changes_rows_is_noticed_and_nothing_stays(people: Pair, tmp_path: Path) -> None:
    people.at_target(PEOPLE)
    people.at_target(
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.money = 0; RETURN NEW; END$$;"
        "CREATE TRIGGER t BEFORE INSERT ON people FOR EACH ROW WHEN (NEW.id = 77) EXECUTE FUNCTION f()"
    )
    with pytest.raises(errors.TransferUnlike):
        run(tmp_path, people.source, people.target, "people")
    assert people.at_target("SELECT count(*) FROM people") == [(0,)]


def test_two_runners_of_one_job_do_not_meet(people: Pair, tmp_path: Path) -> None:
    with JobFolder(tmp_path, "job").make().only_runner(), pytest.raises(errors.TransferJobBusy):
        run(tmp_path, people.source, people.target, "people")


def test_a_rate_limit_holds(people: Pair, tmp_path: Path) -> None:
    report = run(tmp_path, people.source, people.target, "people", rate=2000)
    assert report.finished - report.started >= dt.timedelta(seconds=1.2)
    assert report.proven


def test_a_name_belongs_to_one_job(people: Pair, tmp_path: Path) -> None:
    run(tmp_path, people.source, people.target, "people")
    with pytest.raises(errors.TransferJobDiffers):
        run(tmp_path, people.source, people.target, "people", mode="diff")
