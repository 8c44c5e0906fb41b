"""Five rules over five million rows, beside hand-written DuckDB SQL, pandera and Great Expectations in one run.

The file is the same Parquet for all. Hand-written SQL asks the same five questions as short as a person would write
them. The peers are given the data in memory and only their check is timed; they run in an environment of their own
that the first run makes below `build/`. Run as `./yw bench quality`; the last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from yiwang.dataplane.engines.duckdb import DuckDB
from yiwang.dataplane.quality import rules as r
from yiwang.dataplane.quality.files import TABLE, opened
from yiwang.dataplane.quality.judging import judge

ROOT = Path(__file__).resolve().parents[1]
PEERS = ("pandera", "great_expectations")
SHAPE = "[0-9]{17}[0-9X]"
RULES: tuple[r.Rule, ...] = (
    r.Pattern(id="shape", dimension="规范性", field="id", pattern=SHAPE, severity="blocking"),
    r.Unique(id="once", dimension="规范性", columns=("id",), severity="blocking"),
    r.NotNull(id="named", dimension="完整性", field="name"),
    r.InList(id="sex", dimension="准确性", field="sex", values=("0", "1", "2", "9")),
    r.Range(id="age", dimension="准确性", field="age", low=0, high=130),
)
PLAIN = f"""
SELECT count(*),
  count(id), count(*) FILTER (WHERE NOT regexp_full_match(id, '{SHAPE}')),
  count(id), (SELECT coalesce(sum(n), 0) FROM (SELECT count(*) n FROM source WHERE id IS NOT NULL GROUP BY id HAVING n > 1)),
  count(*), count(*) FILTER (WHERE name IS NULL OR name = ''),
  count(sex), count(*) FILTER (WHERE sex NOT IN ('0', '1', '2', '9')),
  count(age), count(*) FILTER (WHERE age < 0 OR age > 130)
FROM source
"""
MAKE = """
COPY (
  SELECT CASE WHEN i % 997 = 0 THEN printf('%018d', i - 1) WHEN i % 1009 = 0 THEN 'broken' WHEN i % 5003 = 0 THEN NULL
              ELSE printf('%018d', i) END AS id,
         CASE WHEN i % 499 = 0 THEN NULL ELSE '姓名' || (i % 100000) END AS name,
         CASE WHEN i % 307 = 0 THEN '7' ELSE (ARRAY['1', '2'])[1 + i % 2] END AS sex,
         CASE WHEN i % 701 = 0 THEN 200 ELSE i % 100 END AS age
  FROM range(1, {rows} + 1) t(i)
) TO '{file}' (FORMAT parquet)
"""


def peer_python() -> Path:
    """The interpreter of the peers' own environment; made on first use."""
    folder = ROOT / "build" / "quality-peers"
    python = folder / "bin" / "python"
    wanted = (Path(__file__).parent / "quality_peers.txt").read_text(encoding="utf-8")
    stamp = folder / "stamp"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        print("installing pandera and Great Expectations into build/quality-peers …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--only-binary", ":all:",
             "-r", str(Path(__file__).parent / "quality_peers.txt")],
            check=True,
        )  # fmt: skip
        stamp.write_text(wanted, encoding="utf-8")
    return python


def ours(file: Path) -> tuple[float, list[int]]:
    """Seconds and counts of the rules as the product runs them, the file's opening included."""
    started = time.perf_counter()
    with DuckDB() as database, opened(file, {}, database):
        found = judge(database.rows, "duckdb", TABLE, RULES)
    took = time.perf_counter() - started
    return took, [found.rows, *(n for o in found.outcomes.values() for n in (o.tested, o.failed))]


def plain(file: Path) -> tuple[float, list[int]]:
    """The same by hand."""
    started = time.perf_counter()
    with DuckDB() as database:
        database.execute(f"CREATE VIEW source AS SELECT * FROM read_parquet('{file}')")
        (row,) = database.rows(PLAIN)
    return time.perf_counter() - started, [int(str(value)) for value in row]


def peer(python: Path, name: str, file: Path) -> float:
    """Seconds of a peer's check alone."""
    done = subprocess.run(
        [str(python), str(Path(__file__).parent / "_quality_peers.py"), name, str(file)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout.strip().splitlines()[-1])
    print(f"{name}: {told['seconds']:.2f} s, failed {sum(told['failed'].values()):,}", flush=True)
    return float(told["seconds"])


def main() -> None:
    parser = argparse.ArgumentParser(prog="yw bench quality", description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    python = peer_python()
    with tempfile.TemporaryDirectory(prefix="yw-bench-") as folder:
        file = Path(folder) / "people.parquet"
        with DuckDB() as database:
            database.execute(MAKE.format(rows=arguments.rows, file=file))
        times: dict[str, list[float]] = {"ours": [], "plain": []}
        for number in range(arguments.rounds):
            for name, run in (
                (("ours", ours), ("plain", plain)) if number % 2 else (("plain", plain), ("ours", ours))
            ):
                took, counts = run(file)
                times[name].append(took)
                print(f"round {number + 1}, {name}: {took:.2f} s, {counts}", flush=True)
        peers = {name: peer(python, name, file) for name in PEERS}
    mine, bare = statistics.median(times["ours"]), statistics.median(times["plain"])
    print(
        json.dumps(
            {
                "benchmark": "quality", "rows": arguments.rows, "rules": len(RULES), "seconds": round(mine, 3),
                "duckdb_seconds": round(bare, 3), "ratio": round(mine / bare, 3),
                **{f"{name}_seconds": round(took, 2) for name, took in peers.items()},
            }
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
