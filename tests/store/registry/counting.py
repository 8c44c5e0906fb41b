"""A declared system with one table of each history and figures over them, and a naive count of the same."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from tests.store.registry.installing import APP
from yiwang.blocks.registry.actions.figures import declare_figures
from yiwang.blocks.registry.domain import statements
from yiwang.blocks.registry.domain.figures.compiling import compile_figures
from yiwang.blocks.registry.domain.figures.declared import Figure
from yiwang.blocks.registry.domain.figures.periods import CHINA, between, oldest, start_of
from yiwang.blocks.registry.domain.figures.statements import install_figures
from yiwang.blocks.registry.domain.layout import AccessRule, Column, Table
from yiwang.blocks.registry.store import models
from yiwang.systems.cel.declaring import World
from yiwang.systems.loading import load_texts

SYSTEM = b"""
id: tally
scope: [SY-01]
title: tally
version: 1.0.0
owner: {any: true}
zone: extranet
grade: 2
basis: [law]
calendar: {place: "370100"}
"""
_FIELDS = """
  fields:
    - {id: num, type: integer, title: num}
    - {id: kind, type: text(5), title: kind}
    - {id: day, type: date, title: day}
    - {id: size, type: integer, title: size}
    - {id: ok, type: boolean, title: ok}
  share: {type: none, basis: law}
  open: {type: none}
"""
ENTITIES = "".join(
    f"- id: {name}\n  title: {name}\n  key: [num]\n  history: {name}\n{_FIELDS}"
    for name in ("none", "versions", "bitemporal")
).encode()
INDICATORS = """
- {{id: {0}_many, title: many, of: {0}, where: "row.size > 1", measure: count, per: month, at: day, dimensions: [kind]}}
- {{id: {0}_share, title: share, of: {0}, measure: share(row.ok), per: week, at: day, dimensions: [kind, ok]}}
- {{id: {0}_new, title: new, of: {0}, measure: sum(size), per: day}}
- {{id: {0}_there, title: there, of: {0}, where: "row.kind != 'a'", measure: count, dimensions: [kind]}}
- {{id: {0}_mid, title: mid, of: {0}, measure: median(size), per: quarter, at: day_end}}
- {{id: {0}_high, title: high, of: {0}, measure: p95(size), per: month, at: day, dimensions: [kind]}}
- {{id: {0}_kinds, title: kinds, of: {0}, measure: distinct(kind), per: month, at: day, dimensions: [ok]}}
"""
FORMULA = """
- {id: both, title: both, formula: bitemporal_many * 2.0 + versions_many, per: month, dimensions: [kind]}
"""
COLUMNS = (("num", "bigint"), ("kind", "text"), ("day", "date"), ("size", "bigint"), ("ok", "boolean"))
RULES = (AccessRule(("tally.clerk",), (), frozenset({"read", "write"})),)


def figures() -> tuple[Figure, ...]:
    """The figures of the package."""
    texts = "".join(INDICATORS.format(name) for name in ("none", "versions", "bitemporal")) + FORMULA
    contents = {"system.yaml": SYSTEM, "entities.yaml": ENTITIES, "indicators.yaml": texts.encode()}
    return compile_figures(World(load_texts("tally", contents, {}).require()))


def table(history: str) -> Table:
    """The table of a history."""
    columns = tuple(Column(name, kind, required=name == "num") for name, kind in COLUMNS)
    return Table("sys_tally", history, history, columns, ("num",))  # type: ignore[arg-type]


def applied() -> None:
    """The tables, their functions and their figures."""
    with connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN CREATE ROLE {APP}; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        lines: list[str] = []
        for history in ("none", "versions", "bitemporal"):
            this = table(history)
            lines += [
                *statements.schemas(this, APP), *statements.create(this), *statements.read_views(this, RULES, APP),
                *statements.write_functions(this, RULES, APP),
            ]  # fmt: skip
        for line in [*lines, *install_figures("sys_tally", figures(), APP)]:
            cursor.execute(line)
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APP}")
        cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {APP}")
        cursor.execute(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {APP}")
    declare_figures("tally", figures())


@dataclass(frozen=True)
class Told:
    """Something that was said: of which record, what, about which days, and when."""

    n: int
    values: Mapping[str, object] | None
    since: date
    until: date | None
    at: datetime


def tell(history: str, one: Told, known: dict[tuple[str, int], int]) -> bool:
    """Say it; False where the registry refuses it."""
    record = known.get((history, one.n))
    values = {} if one.values is None else dict(one.values)
    if record is None:
        if one.values is None:
            return False
        values["num"] = one.n
    try:
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT telling")
            cursor.execute("SELECT set_config('yw.system_roles', 'tally.clerk', true)")
            cursor.execute(
                f"SELECT sys_tally.{history}__put(%s, %s, %s, %s::date, %s, 'teller', %s)",
                [
                    record,
                    json.dumps(values),
                    one.since,
                    (one.until or "infinity"),
                    one.at,
                    one.values is None,
                ],
            )
            known[history, one.n] = int(cursor.fetchone()[0])
            cursor.execute("RELEASE SAVEPOINT telling")
        if one.values is None and history != "bitemporal":
            del known[history, one.n]
    except Exception:  # whatever it refuses, nothing is told
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK TO SAVEPOINT telling")
        return False
    return True


def stored() -> dict[tuple[str, datetime, str], tuple[float | None, int]]:
    """All numbers."""
    return {
        (one.figure.name, one.start, json.dumps(one.dims, sort_keys=True)): (one.value, one.counted)
        for one in models.FigureValue.objects.select_related("figure")
    }


Row = dict[str, object]


def _rows(history: str) -> tuple[list[Row], list[Row]]:
    found = []
    with connection.cursor() as cursor:
        for suffix in ("", "__past") if history != "none" else ("",):
            cursor.execute(f"SELECT to_jsonb(t) FROM sys_tally.{history}{suffix} AS t")
            found.append([json.loads(one) for (one,) in cursor.fetchall()])
    return found[0], found[1] if history != "none" else []


def _at(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


def _believed(row: Row, day: date) -> bool:
    return str(row["_from"]) <= day.isoformat() and (
        row["_to"] == "infinity" or str(row["_to"]) > day.isoformat()
    )


def naive(now: datetime) -> dict[tuple[str, datetime, str], tuple[float | None, int]]:
    """The same numbers, counted row by row in Python."""
    made: dict[tuple[str, datetime, str], tuple[float | None, int]] = {}
    today = now.astimezone(CHINA).date()
    for one in figures():
        if one.kind not in ("flow", "stock"):
            continue
        current, past = _rows(one.entity)
        pairs = (_flow if one.kind == "flow" else _stock)(one, current, past, now, today)
        cells: dict[tuple[datetime, str], list[Row]] = defaultdict(list)
        for start, row in pairs:
            if "where" in WHERE.get(one.id.partition("_")[2], "") and not _holds(one, row):
                continue
            for group in one.sets:
                split = {path: _text(row[path]) for path in group}
                cells[start, json.dumps(split, sort_keys=True)].append(row)
        for (start, dims), rows in cells.items():
            made[one.id, start, dims] = (_measured(one, rows), len(rows))
    return made


WHERE = {"many": "where", "there": "where"}


def _holds(one: Figure, row: Row) -> bool:
    if one.id.endswith("_many"):
        return row["size"] is not None and int(str(row["size"])) > 1
    return row["kind"] != "a"


def _flow(
    one: Figure, current: Sequence[Row], past: Sequence[Row], now: datetime, today: date
) -> Iterator[tuple[datetime, Row]]:
    for row in current:
        if one.entity == "bitemporal" and not _believed(row, today):
            continue
        if one.id.endswith("_new"):
            instant = _at(row["_created"])
        elif row["day"] is None:
            continue
        else:
            instant = datetime.fromisoformat(str(row["day"])).replace(tzinfo=CHINA)
        if instant <= now:
            yield start_of(instant, one.per), row


def _stock(
    one: Figure, current: Sequence[Row], past: Sequence[Row], now: datetime, today: date
) -> Iterator[tuple[datetime, Row]]:
    starts = list(between(oldest(now, one.per), now, one.per))
    for start in starts if one.entity != "none" else starts[-1:]:
        following = start_of(start + timedelta(days=100 if one.per == "quarter" else 40), one.per)
        last = min(following.date() - timedelta(days=1), today)
        told = min(following, now)
        for row in current:
            if one.entity == "bitemporal" and not _believed(row, last):
                continue
            if one.entity == "versions" and _at(row["_known"]) > told:
                continue
            yield start, row
        for row in past if one.entity == "versions" else ():
            if _at(row["_known"]) <= told < _at(row["_until"]):
                yield start, row


def _text(value: object) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _measured(one: Figure, rows: Sequence[Row]) -> float | None:
    if one.counting == "count":
        return float(len(rows))
    if one.counting == "share":
        return 100.0 * sum(row["ok"] is True for row in rows) / len(rows)
    if one.counting == "distinct":
        return float(len({row["kind"] for row in rows} - {None}))
    sizes = sorted(float(str(row["size"])) for row in rows if row["size"] is not None)
    if not sizes:
        return None
    if one.counting == "sum":
        return sum(sizes)
    if one.counting == "p95":
        below, part = divmod(0.95 * (len(sizes) - 1), 1)
        upper = sizes[min(int(below) + 1, len(sizes) - 1)]
        return sizes[int(below)] + part * (upper - sizes[int(below)])
    middle, odd = divmod(len(sizes), 2)
    return sizes[middle] if odd else (sizes[middle - 1] + sizes[middle]) / 2
