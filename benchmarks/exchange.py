"""A table of 12 columns from one PostgreSQL database to another, beside a raw binary COPY pipe, ADBC and dlt.

Ours runs as its users run it, as a command in a process of its own: `straight` with counts and digests of both sides,
`checked` with four rules, three masks and a quarantine as well, `text_key` straight by an identifier that the source
indexes in the order of its language. The raw pipe is `psql | psql`, of the same table into
a table made alike. Peers run in an environment of their own that the first run makes below `build/`. Run as
`./yw bench exchange`; the last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg

from yiwang.bootstrap.embedded import EmbeddedServer, binaries, free_port

ROOT = Path(__file__).resolve().parents[1]
PEERS = ("adbc", "dlt-pyarrow", "dlt-connectorx")
TABLE = """
CREATE TABLE src (id bigint PRIMARY KEY, idno text NOT NULL, name text, sex char(1), birth date, division text, address text,
  phone text, income numeric(12,2), registered timestamptz, active boolean, score double precision)
"""
FILL = """
INSERT INTO src SELECT i, lpad(i::text, 18, '0'), '姓名' || i % 100000, (CASE WHEN i % 50000 = 0 THEN 7 ELSE 1 + i % 2 END)::text,
  date '1950-01-01' + (i % 25000)::int, '620102', '甘肃省兰州市城关区某某路' || i % 1000 || '号',
  '138' || lpad((i % 100000000)::text, 8, '0'), (i % 1000000) / 100.0, timestamptz '2020-01-01' + i * interval '1 second',
  i % 3 = 0, i * 1.5 FROM generate_series({first}, {last}) i
"""
RULES = """
rules:
  - {rule: not_null, fields: [name]}
  - {rule: in_list, fields: [sex], values: ["0", "1", "2", "9"]}
  - {rule: length, fields: [idno], min: 18, max: 18}
  - {rule: range, field: score, min: 0}
"""
MASKS = "name: name\nphone: phone\nidno: id_number\n"


class Bench:
    """One server, two databases."""

    def __init__(self, server: str, other: str, folder: Path) -> None:
        self.source, self.target, self.folder = server, other, folder
        self.psql = str(binaries() / "psql")

    def prepare(self, rows: int) -> None:
        with psycopg.connect(self.source, autocommit=True) as held:
            held.execute("DROP TABLE IF EXISTS src")
            held.execute(TABLE.encode())
            held.execute(FILL.format(first=1, last=rows).encode())
            held.execute("CREATE UNIQUE INDEX ON src (idno)")
            held.execute("VACUUM ANALYZE src")

    def clean(self) -> None:
        with psycopg.connect(self.target, autocommit=True) as held:
            held.execute(
                "DROP SCHEMA public CASCADE; CREATE SCHEMA public; DROP SCHEMA IF EXISTS by_dlt CASCADE"
            )
            held.execute("CHECKPOINT")

    def raw(self) -> float:
        self.clean()
        with psycopg.connect(self.target, autocommit=True) as held:
            held.execute(TABLE.encode())
        started = time.perf_counter()
        with subprocess.Popen(
            [self.psql, self.source, "-qc", "COPY src TO STDOUT (FORMAT binary)"], stdout=subprocess.PIPE
        ) as reading:
            subprocess.run(
                [self.psql, self.target, "-qc", "COPY src FROM STDIN (FORMAT binary)"],
                stdin=reading.stdout,
                check=True,
            )
        return time.perf_counter() - started

    def command(self, job: str, *words: str) -> list[str]:
        return [
            sys.executable, "-m", "yiwang.bootstrap.cli", "exchange", "copy", self.source, self.target, "--table", "src",
            "--job", job, "--jobs", str(self.folder / "jobs"), "--report", str(self.folder / f"{job}.json"), *words,
        ]  # fmt: skip

    def ours(self, job: str, *words: str) -> tuple[float, int, dict[str, object]]:
        """Seconds of the job (without the start of the interpreter), highest RSS in MiB, the report."""
        self.clean()
        subprocess.run(["rm", "-rf", str(self.folder / "jobs" / job)], check=True)
        process = subprocess.Popen(self.command(job, *words), stdout=subprocess.DEVNULL)
        memory = _highest(process)
        if process.returncode not in {0, 3}:
            raise SystemExit(f"{job} ended with {process.returncode}")
        report = json.loads((self.folder / f"{job}.json").read_bytes())
        if not report["proven"]:
            raise SystemExit(f"{job} is not proven")
        return _seconds(report), memory, report

    def checked_words(self) -> tuple[str, ...]:
        rules, masks = self.folder / "rules.yaml", self.folder / "masks"
        rules.write_text(RULES, encoding="utf-8")
        masks.write_text(MASKS, encoding="utf-8")
        return "--rules", str(rules), "--mask", str(masks)

    def peer(self, python: Path, name: str) -> float:
        self.clean()
        with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            done = subprocess.run(
                [str(python), str(Path(__file__).parent / "_exchange_peers.py"), name, self.source, self.target, scratch],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{name}: {done.stderr[-2000:]}")
        return float(json.loads(done.stdout.strip().splitlines()[-1])["seconds"])

    def killed(self, rows: int) -> dict[str, int]:
        """Kill a run half way, run again; rows inserted by both runs beyond the rows of the table."""
        self.clean()
        process = subprocess.Popen(self.command("killed"), stdout=subprocess.DEVNULL)
        with psycopg.connect(self.target, autocommit=True) as held:
            before = 0
            while before < rows // 3:
                time.sleep(0.05)
                try:
                    before = int(str(held.execute("SELECT count(*) FROM src").fetchone()[0]))  # type: ignore[index]
                except psycopg.errors.UndefinedTable:
                    continue
            process.send_signal(signal.SIGKILL)
            process.wait()
            before = int(str(held.execute("SELECT count(*) FROM src").fetchone()[0]))  # type: ignore[index]
        done = subprocess.run(self.command("killed"), stdout=subprocess.DEVNULL, check=False)
        report = json.loads((self.folder / "killed.json").read_bytes())
        if done.returncode or not report["proven"]:
            raise SystemExit("the killed job did not recover")
        return {"stood": before, "written_again": before + report["rows"]["inserted"] - rows}


def _highest(process: subprocess.Popen[bytes]) -> int:
    """The highest resident memory of a process while it runs, in MiB."""
    seen, held = 0, psutil.Process(process.pid)
    while process.poll() is None:
        try:
            seen = max(seen, held.memory_info().rss)
        except psutil.NoSuchProcess:
            break
        time.sleep(0.05)
    process.wait()
    return seen >> 20


def _seconds(report: dict[str, object]) -> float:
    from datetime import datetime

    started, finished = (datetime.fromisoformat(str(report[name])) for name in ("started", "finished"))
    return (finished - started).total_seconds()


def peer_python() -> Path:
    """The interpreter of the peers' own environment; made on first use."""
    folder = ROOT / "build" / "exchange-peers"
    python, stamp = folder / "bin" / "python", folder / "stamp"
    listed = Path(__file__).parent / "exchange_peers.txt"
    wanted = listed.read_text(encoding="utf-8")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        print("installing ADBC and dlt into build/exchange-peers …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--only-binary", ":all:", "-r", str(listed)],
            check=True,
        )  # fmt: skip
        stamp.write_text(wanted, encoding="utf-8")
    return python


def main() -> None:
    parser = argparse.ArgumentParser(prog="yw bench exchange", description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--many", type=int, default=20_000_000, help="rows of the run that shows memory; 0 leaves it out"
    )
    parser.add_argument("--no-peers", action="store_true")
    arguments = parser.parse_args()
    os.environ["PYTHONPATH"] = str(ROOT / "src")
    python = None if arguments.no_peers else peer_python()
    with tempfile.TemporaryDirectory(prefix="yw-bench-") as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedServer(Path(folder) / "pg", free_port(), settings={"max_wal_size": "4GB"})
        facts = server.start()
        try:
            with psycopg.connect(facts.url("postgres"), autocommit=True) as admin:
                admin.execute("CREATE DATABASE here")
                admin.execute("CREATE DATABASE there")
            told = _measure(Bench(facts.url("here"), facts.url("there"), Path(folder)), arguments, python)
        finally:
            server.stop()
    print(json.dumps({"benchmark": "exchange", **told}))


def _measure(bench: Bench, arguments: argparse.Namespace, python: Path | None) -> dict[str, object]:
    bench.prepare(arguments.rows)
    times: dict[str, list[float]] = {}
    memory = {"straight": 0, "checked": 0, "text_key": 0}

    def straight() -> float:
        took, memory["straight"], _ = bench.ours("straight")
        return took

    def checked() -> float:
        took, memory["checked"], _ = bench.ours("checked", *bench.checked_words())
        return took

    def text_key() -> float:
        took, memory["text_key"], _ = bench.ours("text_key", "--key", "idno")
        return took

    for number in range(arguments.rounds):
        runs: list[tuple[str, Callable[[], float]]] = [
            ("raw", bench.raw),
            ("straight", straight),
            ("checked", checked),
            ("text_key", text_key),
        ]
        for name, run in runs if number % 2 == 0 else reversed(runs):
            took = run()
            times.setdefault(name, []).append(took)
            print(f"round {number + 1}, {name}: {took:.2f} s", flush=True)
    for name in PEERS if python else ():
        times[name] = [bench.peer(python, name)] if python else []
        print(f"{name}: {times[name][0]:.2f} s", flush=True)
    killed = bench.killed(arguments.rows)
    print(f"killed at {killed['stood']:,} rows, written again {killed['written_again']:,}", flush=True)
    middle = {name: statistics.median(found) for name, found in times.items()}
    told: dict[str, object] = {
        "rows": arguments.rows, **{f"{name}_seconds": round(took, 2) for name, took in middle.items()},
        "straight_ratio": round(middle["raw"] / middle["straight"], 3),
        "checked_ratio": round(middle["raw"] / middle["checked"], 3),
        "text_key_ratio": round(middle["raw"] / middle["text_key"], 3),
        "memory_mib": memory, "killed": killed,
    }  # fmt: skip
    best = min((took for name, took in middle.items() if name.startswith("dlt")), default=None)
    if best is not None:
        told["checked_to_best_dlt"] = round(best / middle["checked"], 2)
    if arguments.many:
        bench.prepare(arguments.many)
        took, told["memory_mib_many"], _ = bench.ours("many")
        told["rows_many"], told["many_seconds"] = arguments.many, round(took, 1)
    return told


if __name__ == "__main__":
    main()
