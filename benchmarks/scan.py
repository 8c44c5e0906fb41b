"""A census of 500 tables of 40 columns in an embedded PostgreSQL, beside its ceiling in the same run.

The ceiling reads information_schema (tables, columns, constraints) and the same samples, and proposes nothing. The
tables are of eight kinds with comments, codes, personal columns, decoys and keys; every table has 1,000 rows, so
that half of the rows are sampled and keys and code lists are counted by the server. Run as `./yw bench scan`.

`./yw bench scan --many 10000` looks into as many small tables of a SQLite file instead, without comments and with texts of
several encodings in one column, and tells how long that takes and how much memory; the ceiling reads the same rows. The
last line is one JSON object.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import json
import random
import resource
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

import psycopg
from psycopg import sql

from benchmarks._columns import MAKERS
from benchmarks.sensitive import labels
from yiwang.bootstrap.embedded import EmbeddedServer, free_port
from yiwang.dataplane.census.document import write_json
from yiwang.dataplane.census.opening import Place
from yiwang.dataplane.census.scan import scan
from yiwang.dataplane.census.source import Limits
from yiwang.dataplane.census.workbook import write_workbook

CEILING_S = 60.0
KINDS = 8
MANY_COLUMNS = "id INTEGER PRIMARY KEY, c1 VARCHAR(20), c2 CHAR(18), sl NUMERIC, rq DATE, bz TEXT, p_id INTEGER, zt CHAR(1)"
NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)


def main() -> None:
    parser = argparse.ArgumentParser(prog="yw bench scan", description=__doc__)
    parser.add_argument("--tables", type=int, default=500)
    parser.add_argument("--columns", type=int, default=40)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--many", type=int, metavar="TABLES", help="many small tables, in a file")
    arguments = parser.parse_args()
    if arguments.many:
        many(arguments.many)
        return
    with tempfile.TemporaryDirectory(prefix="yw-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedServer(Path(folder) / "pg", free_port(), settings={"fsync": "off"})
        facts = server.start()
        try:
            url = facts.url("postgres")
            print(
                f"making {arguments.tables} tables of {arguments.columns} columns and {arguments.rows} rows …",
                flush=True,
            )
            fill(url, arguments.tables, arguments.columns, arguments.rows)
            limits = Limits()
            bare = ceiling(url, limits.rows)
            started, cpu = time.monotonic(), time.process_time()
            draft = scan([Place(url)], limits, NOW)
            looked, used = time.monotonic() - started, time.process_time() - cpu
            write_workbook(draft, Path(folder) / "draft.xlsx")
            write_json(draft, Path(folder) / "draft.json")
            whole = time.monotonic() - started
        finally:
            server.stop()
    items = [item for resource in draft.resources for item in resource.items]
    result = {
        "bench": "scan", "tables": len(draft.resources), "columns": len(items), "rows_a_table": arguments.rows,
        "seconds": round(whole, 1), "scan_seconds": round(looked, 1), "scanner_cpu_seconds": round(used, 1),
        "write_seconds": round(whole - looked, 1), "ceiling_seconds": round(bare, 1),
        "ratio_to_ceiling": round(whole / bare, 2), "code_lists": sum(i.code_list is not None for i in items),
        "marked": sum(i.mark is not None for i in items), "limit_seconds": CEILING_S, "ok": whole <= CEILING_S,
    }  # fmt: skip
    print(json.dumps(result))


def many(tables: int) -> None:
    """Scan a file of so many tables, write both results, and say what it took."""
    with tempfile.TemporaryDirectory(prefix="yw-bench-") as name:
        folder = Path(name)
        file = folder / "many.db"
        print(f"making {tables} tables …", flush=True)
        with closing(sqlite3.connect(file)) as made:
            made.execute("PRAGMA synchronous = off")
            for number in range(tables):
                made.execute(f"CREATE TABLE t{number} ({MANY_COLUMNS})")
                made.executemany(f"INSERT INTO t{number} VALUES (?,?,?,?,?,?,?,?)", many_rows(number))
            made.commit()
            started = time.monotonic()
            for number in range(tables):
                made.execute(f"SELECT * FROM t{number}").fetchall()
            bare = time.monotonic() - started
        started = time.monotonic()
        draft = scan([Place(str(file))], Limits(statements=1e4), NOW)
        looked = time.monotonic() - started
        write_workbook(draft, folder / "draft.xlsx")
        write_json(draft, folder / "draft.json")
        whole = time.monotonic() - started
        sizes = {kind: (folder / f"draft.{kind}").stat().st_size >> 20 for kind in ("xlsx", "json")}
    print(json.dumps({
        "bench": "scan-many", "tables": len(draft.resources), "columns": sum(len(r.items) for r in draft.resources),
        "seconds": round(whole, 1), "scan_seconds": round(looked, 1), "write_seconds": round(whole - looked, 1),
        "ceiling_seconds": round(bare, 1), "ratio_to_ceiling": round(whole / max(bare, 0.1), 1),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10, "workbook_mb": sizes["xlsx"],
        "json_mb": sizes["json"],
    }))  # fmt: skip


def many_rows(number: int) -> list[tuple[object, ...]]:
    """Twenty rows; the sixth value is text of the database's encoding in one row and of another in the next."""
    return [
        (at, f"名称{at}", f"X{number}{at}", at * 1.5, "2026-01-01",
         "中文".encode("gb18030") if at % 2 else "中文", at % 7, str(at % 3))
        for at in range(20)
    ]  # fmt: skip


def fill(url: str, tables: int, columns: int, rows: int) -> None:
    """Make some kinds of tables and copy them."""
    made = labels("made.csv")
    draw = random.Random(3)
    with psycopg.connect(url, autocommit=True) as held:
        held.execute("CREATE SCHEMA ywk")
        for kind in range(KINDS):
            picked = draw.sample(made, min(columns, len(made)) - 1)
            names = ["lsh", *(f"{row['column'].lower()}_{at}" for at, row in enumerate(picked))]
            parts = sql.SQL(", ").join(
                sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL("int" if at == 0 else "varchar(200)"))
                for at, name in enumerate(names)
            )
            held.execute(sql.SQL("CREATE TABLE ywk.{} ({})").format(sql.Identifier(f"kind_{kind}"), parts))
            buffer = io.StringIO()
            writer = csv.writer(buffer)
            for at in range(rows):
                writer.writerow([at, *(MAKERS[row["values"]](draw, at) for row in picked)])
            with held.cursor().copy(
                sql.SQL("COPY ywk.{} FROM STDIN (FORMAT csv)").format(sql.Identifier(f"kind_{kind}"))
            ) as copy:
                copy.write(buffer.getvalue())
            for name, row in zip(names[1:], picked, strict=True):
                if row["comment"]:
                    held.execute(
                        sql.SQL("COMMENT ON COLUMN ywk.{}.{} IS {}").format(
                            sql.Identifier(f"kind_{kind}"), sql.Identifier(name), sql.Literal(row["comment"])
                        )
                    )
        for at in range(tables):
            source, target = sql.Identifier(f"kind_{at % KINDS}"), sql.Identifier(f"t_{at:04d}")
            held.execute(
                sql.SQL("CREATE TABLE public.{} (LIKE ywk.{} INCLUDING COMMENTS)").format(target, source)
            )
            held.execute(sql.SQL("INSERT INTO public.{} TABLE ywk.{}").format(target, source))
            if at % 2:
                held.execute(sql.SQL("ALTER TABLE public.{} ADD PRIMARY KEY (lsh)").format(target))
        held.execute("DROP SCHEMA ywk CASCADE")
        held.execute("ANALYZE")


def ceiling(url: str, limit: int) -> float:
    """Reading the catalogue and the samples, and nothing else."""
    started = time.monotonic()
    with psycopg.connect(url, autocommit=True) as held:
        for view in ("tables", "columns", "table_constraints", "key_column_usage", "referential_constraints"):
            held.execute(
                sql.SQL("SELECT * FROM information_schema.{}").format(sql.Identifier(view))
            ).fetchall()
        names = held.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (name,) in names:
            columns = held.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s",
                (name,),
            ).fetchall()
            wanted = sql.SQL(", ").join(
                sql.SQL("{}::text").format(sql.Identifier(column)) for (column,) in columns
            )
            held.execute(
                sql.SQL("SELECT {} FROM public.{} LIMIT {}").format(
                    wanted, sql.Identifier(name), sql.Literal(limit)
                )
            ).fetchall()
    return time.monotonic() - started


if __name__ == "__main__":
    main()
