"""Chunks of a table whose key is a text that its index orders by a language: found at once, and none of them lost."""

from __future__ import annotations

import time
from pathlib import Path

import psycopg
import pymysql
import pytest

from tests.store.mariadb import MariaDB
from tests.store.transfer.conftest import Pair, run
from yiwang.dataplane.transfer import ladder
from yiwang.dataplane.transfer.ladder import Ladder, Rung

AWKWARD = ["", " ", "a", "A", "b", "B", "aa", "aA", "Aa", "z", "Z", "é", "e", "É", "王", "王敏", "李", "-1", "1", "10", "2", "9",
           "a b", "ab", "a-b", "_", "~", "\u0301", "𠀀", "％", "%", "'", '"', "\\"]  # fmt: skip


@pytest.fixture(params=["the database's", "another"])
def collation(request: pytest.FixtureRequest, pair: Pair) -> str:
    """What follows the type of the key: nothing, or a language's order where the server was built with ICU (Debian's is)."""
    if request.param == "the database's":
        return ""
    with psycopg.connect(pair.source) as connection:
        row = connection.execute(
            "SELECT collname FROM pg_collation WHERE collname = 'ucs_basic' OR (collprovider = 'i' AND collisdeterministic"
            " AND collname LIKE 'de%') ORDER BY collprovider = 'i' DESC LIMIT 1"
        ).fetchone()
    assert row is not None
    return f' COLLATE "{row[0]}"'


def _same(pair: Pair, table: str) -> bool:
    """Each side sorts by its own order, so that rows are compared here."""
    held = []
    for url in (pair.source, pair.target):
        with psycopg.connect(url) as connection:
            held.append(sorted(map(repr, connection.execute(f"TABLE {table}".encode()).fetchall())))
    return held[0] == held[1]


def test_awkward_keys_all_arrive_and_stand_in_chunks_of_their_size(
    pair: Pair, tmp_path: Path, collation: str
) -> None:
    pair.at_source(f"CREATE TABLE words (word text{collation}, at int, told text, PRIMARY KEY (word, at))")
    with psycopg.connect(pair.source) as connection:
        connection.cursor().executemany(
            "INSERT INTO words SELECT %s, n, md5(n::text) FROM generate_series(1, 3) n",
            [(word,) for word in AWKWARD],
        )
    count = len(AWKWARD) * 3
    report = run(tmp_path, pair.source, pair.target, "words", chunk_rows=7)
    assert report.proven
    assert [chunk.rows for chunk in report.chunks] == [7] * (count // 7) + [count % 7]
    assert _same(pair, "words")

    pair.at_source("UPDATE words SET told = 'else' WHERE word IN ('A', '王敏') AND at = 2")
    pair.at_source("DELETE FROM words WHERE word IN ('', '𠀀')")
    pair.at_source("INSERT INTO words VALUES ('aB', 1, NULL), ('𠀁', 1, NULL)")
    again = run(tmp_path, pair.source, pair.target, "words", chunk_rows=7)
    assert again.proven
    assert (again.rows.inserted, again.rows.updated, again.rows.deleted) == (2, 2, 6)
    assert _same(pair, "words")


@pytest.mark.parametrize("rows", [0, 20, 21])
def test_full_last_chunks_and_an_empty_table_end_where_they_should(
    pair: Pair, tmp_path: Path, rows: int
) -> None:
    pair.at_source("CREATE TABLE words (word varchar(20) PRIMARY KEY)")
    pair.at_source(f"INSERT INTO words SELECT 'w' || n FROM generate_series(1, {rows}) n")
    report = run(tmp_path, pair.source, pair.target, "words", chunk_rows=10)
    assert report.proven
    assert sum(chunk.rows for chunk in report.chunks) == rows
    assert _same(pair, "words")


def _walked(pair: Pair) -> int:
    """Rows of the source that were read by going through the whole table."""
    with psycopg.connect(pair.source, autocommit=True) as connection:
        for _ in range(100):
            row = connection.execute(
                "SELECT seq_scan, seq_tup_read FROM pg_stat_user_tables WHERE relname = 'firm'"
            ).fetchone()
            if row is not None and row[0] > 0:
                return int(row[1])
            time.sleep(0.1)
    raise AssertionError("no scan was counted")


def test_a_chunk_of_identifiers_is_read_by_the_index_there_is(
    pair: Pair, tmp_path: Path, collation: str
) -> None:
    pair.at_source(f"CREATE TABLE firm (uscc char(18){collation} PRIMARY KEY, name text)")
    pair.at_source("INSERT INTO firm SELECT '91370100' || lpad((n * 7919 % 20011)::text, 10, '0'), '企业' || n"
                   " FROM generate_series(1, 20000) n")  # fmt: skip
    pair.at_source("ANALYZE firm")
    pair.at_source("SELECT pg_stat_reset()")
    report = run(tmp_path, pair.source, pair.target, "firm", chunk_rows=500)
    assert report.proven
    assert len(report.chunks) == 41
    assert _same(pair, "firm")
    # counted, keys checked, bounds found: a few times the table, not twice for each of forty chunks
    assert _walked(pair) <= 6 * 20_000
    with psycopg.connect(pair.target) as connection:
        row = connection.execute(
            "SELECT c.collname FROM pg_attribute a JOIN pg_collation c ON c.oid = a.attcollation"
            " WHERE a.attrelid = 'firm'::regclass AND a.attname = 'uscc'"
        ).fetchone()
    assert row == ("C",)


def test_a_job_that_was_cut_off_goes_on_from_any_key(pair: Pair, tmp_path: Path, collation: str) -> None:
    pair.at_source(f"CREATE TABLE words (word text{collation} PRIMARY KEY)")
    pair.at_source("INSERT INTO words SELECT substr(md5(n::text), 1, 8) || n FROM generate_series(1, 1000) n")

    def cut(progress: object) -> None:
        if getattr(progress, "chunk", 0) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, pair.source, pair.target, "words", chunk_rows=100, progress=cut)
    pair.at_source("INSERT INTO words VALUES ('0'), ('zzz'), ('Zzz')")
    report = run(tmp_path, pair.source, pair.target, "words", chunk_rows=100)
    assert report.resumed
    assert report.proven
    assert _same(pair, "words")


def test_bounds_beyond_those_found_together_are_looked_for_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder, "MOST", 3)
    keys = [(f"{n:02}",) for n in range(1, 25)]

    def climb(low: tuple[object, ...] | None) -> list[Rung]:
        left = [key for key in keys if low is None or str(key[0]) > str(low[0])]
        parts = [left[at : at + 4] for at in range(0, len(left), 4)][:3]
        return [Rung(part[-1] if len(part) == 4 else None, part[0][0], part[-1][0]) for part in parts]

    climbed = Ladder(climb)
    low: tuple[object, ...] | None = None
    found = []
    while (low := climbed.bound(low)) is not None:
        found.append(low)
    assert found == keys[3::4]
    assert climbed.rung(keys[-1]) is None


def test_chunks_of_identifiers_in_mariadb_are_read_by_its_index_too(
    maria: MariaDB, pair: Pair, tmp_path: Path
) -> None:
    def walked(cursor: pymysql.cursors.Cursor) -> int:
        cursor.execute("SHOW GLOBAL STATUS LIKE 'Handler_read_rnd_next'")
        row = cursor.fetchone()
        assert row is not None
        return int(row[1])

    with maria.root() as held, held.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS prop")
        cursor.execute("CREATE DATABASE prop CHARACTER SET utf8mb4")
        cursor.execute("GRANT ALL ON prop.* TO mover@'127.0.0.1' IDENTIFIED BY 'moves'")
        cursor.execute(
            "CREATE TABLE prop.firm (uscc varchar(18) CHARACTER SET gbk PRIMARY KEY, name varchar(40))"
        )
        cursor.executemany(
            "INSERT INTO prop.firm VALUES (%s, %s)",
            [(f"91370100MA{n * 7919 % 8009:08}", f"企业{n}") for n in range(1, 8001)],
        )
        held.commit()
        cursor.execute("ANALYZE TABLE prop.firm")
        before = walked(cursor)
        report = run(
            tmp_path, f"mysql://mover:moves@127.0.0.1:{maria.port}/prop", pair.target, "firm", chunk_rows=200
        )
        after = walked(cursor)
    assert report.proven
    assert [chunk.rows for chunk in report.chunks] == [200] * 40 + [0]
    assert pair.at_target("SELECT count(*), count(DISTINCT name) FROM firm") == [(8000, 8000)]
    # the table of bounds is made of a few walks; forty chunks by themselves would take eighty
    assert after - before <= 10 * 8000
