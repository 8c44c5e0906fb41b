"""A table is renewed in the place of itself: all that hangs on it comes along, and nothing is lost on the way."""

from __future__ import annotations

import difflib
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from psycopg import errors as pg

from tests.store.registry import shops
from tests.store.registry.applied import NOW, applied, holder
from tests.store.registry.test_encrypting import MARK, Killed, entered, holding, phones, released
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.actions import renewing
from yiwang.blocks.registry.public import ApplyBusy, Owner, Step, TableHindered, resume_application
from yiwang.blocks.registry.store.models import Apply
from yiwang.bootstrap.embedded import binaries
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

OUTSIDE = """
CREATE SCHEMA outside;
CREATE TABLE outside.street (code text PRIMARY KEY);
CREATE TABLE outside.visit (id integer PRIMARY KEY, shop text CONSTRAINT visited REFERENCES sys_shops.shop (number));
INSERT INTO outside.visit VALUES (1, 'S1');
CREATE FUNCTION outside.noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION outside.called(one sys_shops.shop) RETURNS text LANGUAGE sql AS 'SELECT one.name';
REVOKE ALL ON FUNCTION outside.called FROM PUBLIC;
GRANT EXECUTE ON FUNCTION outside.called TO yw_test_share;
COMMENT ON FUNCTION outside.called IS 'how it is called';
CREATE FUNCTION outside.counted() RETURNS bigint BEGIN ATOMIC SELECT count(*) FROM sys_shops.shop; END;
COMMENT ON CONSTRAINT visited ON outside.visit IS 'a visit is of a shop';
"""
HUNG = """
ALTER TABLE sys_shops.shop ADD COLUMN street text CONSTRAINT lies REFERENCES outside.street,
  ADD COLUMN line bigint GENERATED ALWAYS AS IDENTITY, ADD COLUMN turn serial,
  ADD COLUMN letters integer GENERATED ALWAYS AS (char_length(name)) STORED,
  ADD COLUMN above text CONSTRAINT chain REFERENCES sys_shops.shop (number),
  ADD CONSTRAINT numbered CHECK (number <> ''), ADD CONSTRAINT lined UNIQUE (line) DEFERRABLE INITIALLY DEFERRED;
CREATE UNIQUE INDEX "a name" ON sys_shops.shop (lower(number), turn DESC) INCLUDE (name) WHERE line > 0;
CREATE UNIQUE INDEX told ON sys_shops.shop (number);
ALTER TABLE sys_shops.shop REPLICA IDENTITY USING INDEX told;
ALTER TABLE sys_shops.shop CLUSTER ON told;
CREATE STATISTICS sys_shops.together ON name, kind FROM sys_shops.shop;
ALTER STATISTICS sys_shops.together SET STATISTICS 300;
COMMENT ON STATISTICS sys_shops.together IS 'both';
COMMENT ON INDEX sys_shops."a name" IS 'it''s an index';
COMMENT ON TABLE sys_shops.shop IS '店铺';
COMMENT ON COLUMN sys_shops.shop.street IS 'where';
COMMENT ON CONSTRAINT numbered ON sys_shops.shop IS 'has a number';
COMMENT ON CONSTRAINT lies ON sys_shops.shop IS 'lies at';
ALTER TABLE sys_shops.shop SET (fillfactor = 70, toast.autovacuum_enabled = false);
ALTER TABLE sys_shops.shop ALTER COLUMN kind SET STATISTICS 500, ALTER COLUMN kind SET (n_distinct = 3),
  ALTER COLUMN address SET STORAGE EXTERNAL;
ALTER TABLE sys_shops.shop ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY few ON sys_shops.shop AS RESTRICTIVE FOR SELECT TO yw_test_share, yw_test_quality USING (kind = 'shop');
CREATE POLICY each ON sys_shops.shop USING (true) WITH CHECK (number <> 'S0');
COMMENT ON POLICY each ON sys_shops.shop IS 'all';
GRANT SELECT ON sys_shops.shop TO yw_test_share WITH GRANT OPTION;
GRANT UPDATE (name, kind) ON sys_shops.shop TO yw_test_quality;
CREATE TRIGGER noted AFTER UPDATE OF name ON sys_shops.shop FOR EACH ROW WHEN (NEW.kind = 'x') EXECUTE FUNCTION outside.noted();
CREATE TRIGGER quiet AFTER INSERT ON sys_shops.shop REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION outside.noted();
COMMENT ON TRIGGER noted ON sys_shops.shop IS 'notes';
ALTER TABLE sys_shops.shop DISABLE TRIGGER quiet;
CREATE VIEW outside.named WITH (security_invoker = true) AS SELECT s.number, s.* IS NULL AS called FROM sys_shops.shop s;
CREATE VIEW outside.twice AS SELECT * FROM outside.named;
GRANT SELECT ON outside.named TO yw_test_share;
CREATE PUBLICATION told_on FOR TABLE ONLY sys_shops.shop (number, name) WHERE (number <> 'S9');
"""
PARTS_HUNG = """
COMMENT ON TABLE sys_shops.shop__1 IS '一部分';
ALTER TABLE sys_shops.shop__1 SET (fillfactor = 60);
GRANT SELECT ON sys_shops.shop__1 TO yw_test_share;
CREATE TRIGGER noted AFTER UPDATE ON sys_shops.shop FOR EACH ROW EXECUTE FUNCTION outside.noted();
CREATE TRIGGER own AFTER UPDATE ON sys_shops.shop__2 FOR EACH ROW EXECUTE FUNCTION outside.noted();
CREATE VIEW outside.part AS SELECT number FROM sys_shops.shop__0;
CREATE INDEX more ON sys_shops.shop__0 (name);
CREATE PUBLICATION told_on FOR TABLE sys_shops.shop;
"""


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys of this test alone, and batches of two records."""
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    monkeypatch.setattr(renewing, "BATCH", 2)


@pytest.fixture
def hung(separate: Owner) -> Iterator[Owner]:
    """What a test hangs on tables from outside is taken away again."""
    yield separate
    separate.execute("DROP PUBLICATION IF EXISTS told_on")
    separate.execute("DROP SCHEMA IF EXISTS outside CASCADE")


def started(made: Owner, folder: Path, history: str = "versions", count: int = 7) -> registry.Errand:
    """A release with shops, of which one has a past."""
    applied(shops.first(folder / "a", history), on=made)
    clerk = holder(1, "shops.clerk", purpose="upkeep")
    for number in entered(clerk, 0, count)[1:3]:
        registry.change_record(clerk, "shops", "shop", number, {"phone": f"{MARK}改"}, NOW)
    return clerk


def described(made: Owner) -> list[str]:
    """The database's own description of everything in it, but for its data."""
    dumped = subprocess.run(
        [binaries() / "pg_dump", "-s", "-d", made.info.dsn],
        env={"PGPASSWORD": made.info.password},
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return [one for one in dumped.splitlines() if "restrict" not in one]


def others(made: Owner) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(made.info.dsn, password=made.info.password)


def values(made: Owner, table: str) -> list[tuple[object, ...]]:
    return made.execute(f"SELECT * FROM {table} t ORDER BY t::text".encode()).fetchall()


@pytest.mark.parametrize(("kept", "more"), [("versions", HUNG), (shops.PARTED, PARTS_HUNG)])
def test_all_that_hangs_on_a_table_comes_along(hung: Owner, tmp_path: Path, kept: str, more: str) -> None:
    started(hung, tmp_path, kept)
    before: list[str] = []
    rows: list[list[tuple[object, ...]]] = []
    state = "SELECT relname, last_value FROM pg_sequences JOIN pg_class ON relname = sequencename WHERE schemaname = 'sys_shops' ORDER BY 1"

    def looked(_position: int, step: Step, moment: str) -> None:
        if step.kind == "renew" and moment == "begun" and "__past" not in step.table:
            hung.execute((OUTSIDE + more).encode())
            before.extend(described(hung))
            rows.append(values(hung, "sys_shops.shop"))
            rows.append(hung.execute(state.encode()).fetchall())
        if step.kind == "renew" and moment == "done" and "__past" not in step.table:
            differing = "\n".join(difflib.unified_diff(before, described(hung), lineterm=""))
            assert not differing, differing
            assert values(hung, "sys_shops.shop") == rows[0]
            assert hung.execute(state.encode()).fetchall() == rows[1]

    released(tmp_path, hung, looked, history=kept)
    assert before
    assert holding(hung, MARK) == []
    # every reference is looked after, from the first moment on
    with pytest.raises(pg.ForeignKeyViolation):
        hung.execute("INSERT INTO outside.visit VALUES (2, 'S99')")
    with pytest.raises(pg.ForeignKeyViolation):
        hung.execute("DELETE FROM sys_shops.shop WHERE number = 'S1'")


@pytest.mark.parametrize("kept", ["versions", "bitemporal", shops.PARTED])
def test_killed_at_every_moment_nothing_is_lost_that_was_written_meanwhile(
    separate: Owner, tmp_path: Path, kept: str
) -> None:
    clerk = started(separate, tmp_path, kept, 3)
    expected = [f"{MARK}0", f"{MARK}改", f"{MARK}改"]
    numbers = [one.id for one in registry.records(clerk, "shops", "shop", registry.Wanted({}), NOW).records]
    passed = 0

    def in_force(_position: int, step: Step, moment: str) -> None:
        if step.kind == "renew" and moment == "begun":
            raise Killed

    with pytest.raises(Killed):
        released(tmp_path, separate, in_force, history=kept)
    while Apply.objects.order_by("-id")[0].state != "done":
        moments = iter(range(1000))

        def later(
            _position: int, step: Step, moment: str, at: Iterator[int] = moments, last: int = passed % 3
        ) -> None:
            told = moment in ("walked", "doing", "exchanged")
            if step.kind == "renew" and told and next(at) == last:
                raise Killed

        with suppress(Killed):
            resume_application(separate, "shops", later)
        passed += 1
        entered(clerk, 50 + passed, 1)
        registry.change_record(clerk, "shops", "shop", numbers[0], {"phone": f"{MARK}第{passed}"}, NOW)
        expected = [f"{MARK}第{passed}", *expected[1:], f"{MARK}{50 + passed}"]
        assert sorted(map(str, phones(clerk))) == sorted(expected)
    assert passed > 5
    past = registry.history(clerk, "shops", "shop", numbers[0], NOW)
    assert [one.values["phone"] for one in past] == [f"{MARK}第{at}" for at in range(passed, 0, -1)] + [
        f"{MARK}0"
    ]
    assert holding(separate, MARK) == []
    assert separate.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE '%~%'").fetchall() == []


def interrupted(made: Owner, folder: Path, at: str) -> None:
    """A release whose application ends where the renewing of the present table is at some moment."""

    def ends(_position: int, step: Step, moment: str) -> None:
        if step.kind == "renew" and moment == at:
            raise Killed

    with pytest.raises(Killed):
        released(folder, made, ends)


def test_where_the_disk_is_full_the_twin_goes_and_it_is_begun_anew(
    separate: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = started(separate, tmp_path)
    interrupted(separate, tmp_path, "walked")

    def full(*_: object) -> None:
        raise pg.DiskFull("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(renewing.Renewing, "_batch", full)
        with pytest.raises(pg.DiskFull):
            resume_application(separate, "shops", lambda *_: None)
    assert separate.execute("SELECT to_regclass('\"sys_shops~fresh\".shop')").fetchone() == (None,)
    entered(clerk, 20, 1)
    resume_application(separate, "shops", lambda *_: None)
    assert phones(clerk) == [f"{MARK}{one}" for one in ("0", "改", "改", "20", "3", "4", "5", "6")]
    assert holding(separate, MARK) == []


def test_who_reads_the_data_as_it_was_before_the_copy_is_waited_for(
    separate: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(separate, tmp_path)
    interrupted(separate, tmp_path, "begun")
    monkeypatch.setattr(renewing, "WAIT_SECONDS", 0.3)
    with others(separate) as reader:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reader.execute("SELECT 1")  # has not met the table yet
        with pytest.raises(ApplyBusy):
            resume_application(separate, "shops", lambda *_: None)
        assert reader.execute("SELECT count(*) FROM sys_shops.shop").fetchone() == (7,)
    with others(separate) as reader:
        # does not see what was copied since, and would leave the old row behind
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reader.execute("SELECT 1")
        separate.execute("CREATE TABLE outside_all AS SELECT * FROM sys_shops.shop")
        separate.execute('DELETE FROM "sys_shops~fresh".shop')
        separate.execute('INSERT INTO "sys_shops~fresh".shop SELECT * FROM outside_all')
        separate.execute("DROP TABLE outside_all")
        with pytest.raises(pg.SerializationFailure):
            reader.execute("DELETE FROM sys_shops.shop WHERE number = 'S3'")
        reader.rollback()
    resume_application(separate, "shops", lambda *_: None)
    assert holding(separate, MARK) == []


def test_rows_that_are_alike_are_all_kept(separate: Owner, tmp_path: Path) -> None:
    started(separate, tmp_path)
    doubled = "INSERT INTO sys_shops.shop__past SELECT * FROM sys_shops.shop__past"

    def doubling(_position: int, step: Step, moment: str) -> None:
        if step.kind == "renew" and "__past" in step.table and moment in ("begun", "walked"):
            separate.execute(doubled)
            separate.execute(
                "DELETE FROM sys_shops.shop__past WHERE ctid = (SELECT min(ctid) FROM sys_shops.shop__past)"
            )

    interrupted(separate, tmp_path, "begun")
    resume_application(separate, "shops", doubling)
    # 2 → 3 → 5 (one batch), each time doubled and one taken away
    assert separate.execute("SELECT count(*) FROM sys_shops.shop__past").fetchone() == (5,)


def test_what_differs_is_copied_again_before_the_exchange(separate: Owner, tmp_path: Path) -> None:
    clerk = started(separate, tmp_path)
    interrupted(separate, tmp_path, "walked")
    separate.execute("UPDATE \"sys_shops~fresh\".shop SET name = '错' WHERE number = 'S0'")
    separate.execute("DELETE FROM \"sys_shops~fresh\".shop WHERE number = 'S1'")
    separate.execute(
        'INSERT INTO "sys_shops~fresh".shop (_id, number, name, kind, _by)'
        " VALUES (999999999, 'S99', '多', 'shop', 'x')"
    )
    resume_application(separate, "shops", lambda *_: None)
    names = registry.records(clerk, "shops", "shop", registry.Wanted({}), NOW).records
    assert [one.values["name"] for one in names] == ["店"] * 7


def test_what_cannot_come_along_is_named_and_the_table_stays_whole(hung: Owner, tmp_path: Path) -> None:
    clerk = started(hung, tmp_path)
    interrupted(hung, tmp_path, "begun")
    hung.execute("CREATE SCHEMA outside")
    hung.execute("CREATE MATERIALIZED VIEW outside.sum AS SELECT count(*) FROM sys_shops.shop")
    with pytest.raises(TableHindered) as refused:
        resume_application(hung, "shops", lambda *_: None)
    assert "outside.sum" in refused.value.text("en")
    hung.execute("DROP MATERIALIZED VIEW outside.sum")
    hung.execute("CREATE TABLE outside.kept (one sys_shops.shop)")
    with pytest.raises(TableHindered) as refused:
        resume_application(hung, "shops", lambda *_: None)
    assert "outside.kept" in refused.value.text("zh")
    entered(clerk, 20, 1)
    hung.execute("DROP TABLE outside.kept")
    resume_application(hung, "shops", lambda *_: None)
    assert len(phones(clerk)) == 8
    assert holding(hung, MARK) == []


def test_who_alters_the_table_by_hand_meanwhile_loses_nothing(separate: Owner, tmp_path: Path) -> None:
    started(separate, tmp_path)
    interrupted(separate, tmp_path, "walked")
    separate.execute("ALTER TABLE sys_shops.shop ADD COLUMN more text DEFAULT 'x'")
    with pytest.raises(TableHindered):
        resume_application(separate, "shops", lambda *_: None)
    resume_application(separate, "shops", lambda *_: None)
    assert separate.execute("SELECT count(more) FROM sys_shops.shop").fetchone() == (7,)
    assert holding(separate, MARK) == []
