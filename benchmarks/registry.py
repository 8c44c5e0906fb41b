"""Records of a declared system through the interface: by key, listed, created with history; and a bulk load.

Beside each, in the same run and interleaved: bare SQL for the same work, by `pgbench -M prepared` at the same number of
clients under the application's own role: the transaction, who acts, the same statement on the same view or write
function. `naked` is the statement alone on the table itself, without access rules, context or history. The bulk load
stands beside a raw COPY of the same rows into a table with the same key and indexes.
Run as `./yw bench registry`; the last line is one JSON object.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import psycopg

from benchmarks._load import store
from benchmarks._node import BareNode
from benchmarks._registry_sql import scripts
from benchmarks.gateway import pgbench
from yiwang.blocks.registry.domain import statements
from yiwang.blocks.registry.domain.compiled import Code, Entity, Field, Rule, System
from yiwang.blocks.registry.domain.labels import Label
from yiwang.bootstrap.embedded import free_port

ROOT = Path(__file__).resolve().parents[1]
CLIENTS = 8
ROWS = 200_000
TOWNS = [f"2901020{n:02d}" for n in range(40)]
PURPOSE = "visits"
GOALS = {"get": 0.1, "list": 0.2, "create": 0.15, "bulk": 0.4}


def field(name: str, kind: str, **more: object) -> Field:
    facts = {"id": name, "title": {"zh": name}, "kind": kind, "columns": [name], **more}
    return msgspec.convert(facts, Field)


VISIT = Entity(
    id="visit", title=Label("走访", "Visit"), key=("code",), history="bitemporal",
    fields=(
        field("code", "text", argument="20", required=True),
        field("town", "division", argument="town", required=True),
        field("state", "code", argument="visit_state", required=True, default="open"),
        field("title", "text", argument="60", required=True, search=True),
        field("note", "long_text"),
        field("day", "date", required=True),
        field("amount", "money", default=0),
        field("weight", "decimal", argument="10,2", scale=2),
        field("done", "boolean", required=True, default=False),
        field("large", "boolean", derived='"row"."amount" > 100000'),
    ),
    rules=(
        Rule(roles=("bench.clerk",), purposes=(PURPOSE,), verbs=("read", "write"),
             rows="starts_with(\"row\".\"town\", rtrim(registry_told('division'), '0'))"),
        Rule(roles=("bench.reader",), verbs=("read",), fields=("code", "town", "state")),
    ),
    indexes=(("town", "state", "code"),),
)  # fmt: skip
SYSTEM_ID, AGENCY = "bench", ""
STATES = (Code("open", Label("未办", "Open")), Code("closed", Label("办结", "Closed")))


@dataclass
class Bench:
    """A node with the table, a web process, and eight signed-in people."""

    node: BareNode
    port: int
    process: subprocess.Popen[bytes]
    people: list[tuple[int, str]]
    agency: str

    def app(self, *options: str) -> str:
        return pgbench(self.node.urls.app, *options)


def prepare(node: BareNode) -> tuple[list[tuple[int, str]], str]:
    """The system's tables, rows, eight people with sessions; gives their accounts and cookies, and their agency."""
    os.environ.update(node.environment(YW_DATABASE_URL=node.urls.owner, YW_MODE="demo"))
    import django

    django.setup()
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone

    from tests.store.identity import cast
    from yiwang.blocks.identity.public import SIGN_IN, begin_sign_in
    from yiwang.blocks.registry.store import models

    cast.keys_in(node.node.keys)
    cast.city()
    people = [cast.Person(f"clerk{n}", f"办事员{n}", cast.MARKET, frozenset()) for n in range(CLIENTS)]
    cast.people(*people)
    now = timezone.now()
    table = VISIT.table(SYSTEM_ID)
    with psycopg.connect(node.urls.owner, autocommit=True) as owner:
        for statement in [
            *statements.schemas(table, "yw_app"), *statements.create(table),
            *statements.read_views(table, VISIT.access(), "yw_app"),
            *statements.write_functions(table, VISIT.access(), "yw_app"),
        ]:  # fmt: skip
            owner.execute(statement.encode())
        owner.execute("GRANT USAGE ON SEQUENCE registry_record_number TO yw_app")
        owner.execute(
            f"INSERT INTO sys_bench.visit (_from, _known, _by, code, town, state, title, note, day, amount, weight, done)"
            f" SELECT '2026-01-01', now(), 'bench', 'V' || lpad(n::text, 9, '0'), (%s::text[])[1 + n %% 40],"
            f" CASE WHEN n %% 3 = 0 THEN 'closed' ELSE 'open' END, '走访第' || n || '户', '情况正常，无变化',"
            f" date '2026-01-01' + n %% 300, n %% 200000, (n %% 1000) / 4.0, n %% 3 = 0 FROM generate_series(1, {ROWS}) AS n",
            [TOWNS],
        )
        owner.execute("VACUUM ANALYZE sys_bench.visit")
    system = System(
        id=SYSTEM_ID, title=Label("走访", "Visits"), version="1.0.0", owner=cast.MARKET, entities=(VISIT,),
        codes={"visit_state": STATES},
    )  # fmt: skip
    models.System.objects.create(
        id=SYSTEM_ID, title={"zh": "走访"}, owner=cast.MARKET, version="1.0.0", package=msgspec.to_builtins(system),
        applied_at=now, applied_by="bench",
    )  # fmt: skip
    found = []
    for person in people:
        account = person.actor.user_id
        models.RoleHolder.objects.create(
            system=SYSTEM_ID, role="clerk", user=account, agency=cast.MARKET, since=now, given_by="bench"
        )
        from yiwang.blocks.identity.store.models import User

        User.objects.filter(pk=account).update(must_change_password=False)
        session = SessionStore()
        session[SIGN_IN] = begin_sign_in(account, address="127.0.0.1", browser="bench", now=now)
        session.create()
        found.append((account, str(session.session_key)))
    return found, cast.MARKET


def serve(node: BareNode, port: int) -> subprocess.Popen[bytes]:
    """The web process as a node starts it."""
    program = Path(sys.executable).parent / "granian"
    process = subprocess.Popen(
        [str(program), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "2",
         "--blocking-threads", "4", "--no-ws", "--log-level", "warning", "yiwang.bootstrap.wsgi:application"],
        env=node.environment(YW_DATABASE_URL=node.urls.app, YW_MODE="demo"),
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(200):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/api/v1/systems", timeout=5).status_code == 401:
                return process
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit("the web process did not start")


def call(method: str, path: str, session: str, body: object = None, **headers: str) -> bytes:
    """A request as it is sent."""
    sent = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} /api/v1/systems/bench/visit{path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: sessionid={session}",
             f"YW-Purpose: {PURPOSE}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]  # fmt: skip
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(sent)}"]
    return "\r\n".join([*lines, "", ""]).encode() + sent


def calls(kind: str, count: int, people: list[tuple[int, str]], seed: str) -> list[bytes]:
    """Requests of one kind, by all people in turn."""
    draw = random.Random(seed)
    made = []
    for number in range(count):
        session = people[number % CLIENTS][1]
        if kind == "get":
            made.append(call("GET", f"/key/V{draw.randint(1, ROWS):09d}", session))
        elif kind == "list":
            town = draw.choice(TOWNS)
            made.append(call("GET", f"?town={town}&state=open&_size=50&_count=0", session))
        else:
            values = {"code": f"{seed}-{number}", "town": draw.choice(TOWNS), "title": "新走访", "note": "情况正常，无变化",
                      "day": "2026-11-20", "amount": 12300, "weight": "1.25"}  # fmt: skip
            made.append(call("POST", "", session, {"values": values}, Idempotency_Key=f"{seed}-{number}"))
    return made


def through_interface(
    bench: Bench, kind: str, options: argparse.Namespace, seed: str, expected: float
) -> dict[str, float]:
    """One run of the load generator."""
    file = bench.node.node.folder / "requests"
    store(file, calls(kind, int(expected * (options.seconds + options.warmup)) + CLIENTS, bench.people, seed))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks._load", str(bench.port), str(file), str(options.seconds), str(options.warmup),
         str(CLIENTS)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(done.stderr[-3000:])
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def bare(bench: Bench, name: str, text: str, seconds: float) -> float:
    """Transactions a second of a script."""
    file = bench.node.node.folder / f"{name}.sql"
    file.write_text(text, encoding="utf-8")
    url = bench.node.urls.owner if name.startswith("naked") else bench.node.urls.app
    told = pgbench(
        url, "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(int(seconds)), "-f", str(file)
    )
    found = re.search(r"tps = ([0-9.]+)", told)
    if found is None:
        raise SystemExit(told)
    return float(found[1])


BULK = 400_000


def bulk_rows(number: int) -> list[str]:
    """Rows of a file, in the order of its heads."""
    return [
        f"B{number}-{n:07d},{TOWNS[n % 40]},{'closed' if n % 3 == 0 else 'open'},走访第{n}户,情况正常，无变化,"
        f"2026-{1 + n % 12:02d}-{1 + n % 28:02d},{n % 200_000},{(n % 1000) / 4:.2f},{'true' if n % 3 == 0 else 'false'}"
        for n in range(BULK)
    ]


def bulk(bench: Bench, number: int) -> dict[str, float]:
    """Rows a second of a file taken in as records, the same by a load that can be gone on with, and of a raw COPY.

    The COPY is into a table with the same key and indexes.
    """
    from django.db import connection
    from django.utils import timezone

    from yiwang.blocks.identity.public import actor_for
    from yiwang.blocks.registry.public import Errand, load_in_steps, load_records
    from yiwang.dataplane.tables.reading import open_table

    heads = "code,town,state,title,note,day,amount,weight,done"
    file = bench.node.node.folder / "bulk.csv"
    file.write_text("\n".join([heads, *bulk_rows(number)]) + "\n", encoding="utf-8")
    with psycopg.connect(bench.node.urls.owner, autocommit=True) as owner:
        owner.execute("DROP TABLE IF EXISTS raw")
        owner.execute(
            "CREATE TABLE raw AS SELECT code, town, state, title, note, day, amount, weight, done FROM sys_bench.visit WITH NO DATA"
        )
        owner.execute("ALTER TABLE raw ADD PRIMARY KEY (code)")
        owner.execute("CREATE INDEX ON raw (town, state, code)")
        started = time.perf_counter()
        with (
            owner.cursor().copy("COPY raw FROM STDIN WITH (FORMAT csv, HEADER)") as copy,
            file.open("rb") as rows,
        ):
            while chunk := rows.read(262_144):
                copy.write(chunk)
        raw = time.perf_counter() - started
        _emptied(owner)
        errand = Errand(actor_for("clerk0", timezone.now()), PURPOSE, division="290100")
        table = open_table(file, "csv")
        started = time.perf_counter()
        load_records(errand, SYSTEM_ID, "visit", table.heads, table.rows, timezone.now())
        ours = time.perf_counter() - started
        _emptied(owner)
        table = open_table(file, "csv")
        started = time.perf_counter()
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        load_in_steps(
            errand, f"bench-{number}", digest, SYSTEM_ID, "visit", table.heads, table.rows, timezone.now
        )
        kept = time.perf_counter() - started
    connection.close()
    return {"bulk": BULK / ours, "kept": BULK / kept, "sql_bulk": BULK / raw}


def _emptied(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    owner.execute("DELETE FROM sys_bench.visit WHERE code LIKE 'B%'")
    owner.execute("VACUUM sys_bench.visit")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--warmup", type=float, default=1)
    parser.add_argument("--only", choices=["get", "list", "create", "bulk"])
    options = parser.parse_args()
    kinds = [options.only] if options.only else ["get", "list", "create", "bulk"]
    with tempfile.TemporaryDirectory(prefix="yw-bench-") as folder:
        Path(folder).chmod(0o755)
        node = BareNode(Path(folder))
        node.start()
        process = None
        try:
            people, agency = prepare(node)
            port = free_port()
            process = serve(node, port)
            bench = Bench(node, port, process, people, agency)
            answer = measured(bench, kinds, options)
        finally:
            if process is not None:
                process.terminate()
                process.wait(20)
            node.stop()
    print(json.dumps(answer))


def measured(bench: Bench, kinds: list[str], options: argparse.Namespace) -> dict[str, object]:
    """Interleaved rounds of everything; medians and ratios."""
    texts = scripts(bench.people[0][0], bench.agency, PURPOSE, ROWS)
    rates: dict[str, list[float]] = {}
    for number in range(options.rounds):
        for kind in [one for one in kinds if one != "bulk"]:
            ours = through_interface(
                bench, kind, options, f"{kind}{number}{int(time.time()) % 100_000}", 6000.0
            )
            rates.setdefault(kind, []).append(ours["requests_per_s"])
            rates.setdefault(f"{kind}_p99_ms", []).append(ours["p99_ms"])
            for name in (kind, f"naked_{kind}"):
                rates.setdefault(f"sql_{name}", []).append(bare(bench, name, texts[name], options.seconds))
            print(
                number,
                kind,
                {name: round(values[-1], 1) for name, values in rates.items() if kind in name},
                flush=True,
            )
        if "bulk" in kinds:
            for name, rate in bulk(bench, number).items():
                rates.setdefault(name, []).append(rate)
            print(
                number,
                "bulk",
                {name: round(rates[name][-1]) for name in ("bulk", "kept", "sql_bulk")},
                flush=True,
            )
    found = {name: round(statistics.median(values), 1) for name, values in rates.items()}
    loads = ("bulk", "kept") if "bulk" in kinds else ()
    ratios = {name: round(found[name] / found["sql_bulk"], 3) for name in loads}
    for kind in [one for one in kinds if one != "bulk"]:
        ratios[kind] = round(found[kind] / found[f"sql_{kind}"], 3)
        ratios[f"{kind}_to_naked"] = round(found[kind] / found[f"sql_naked_{kind}"], 3)
    return {
        "bench": "registry", "at": datetime.now(UTC).isoformat(timespec="seconds"), "clients": CLIENTS, "rows": ROWS,
        "rates": found, "ratios": ratios, "goals": GOALS,
        "reached": {kind: ratios[kind] >= goal for kind, goal in GOALS.items() if kind in ratios},
    }  # fmt: skip


if __name__ == "__main__":
    main()
