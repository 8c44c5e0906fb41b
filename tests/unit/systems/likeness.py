"""Random rows and random conditions over them, for comparing SQL with the evaluator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from yiwang.systems.cel.checking import check
from yiwang.systems.cel.declaring import ACTOR, World
from yiwang.systems.cel.evaluating import Evaluator
from yiwang.systems.cel.layout import Dialect, Layout
from yiwang.systems.cel.parsing import parse
from yiwang.systems.cel.sql import Compiler
from yiwang.systems.cel.types import DATE, STRING, CelType
from yiwang.systems.loading import load_texts
from yiwang.systems.model.package import Package

SYSTEM = b"""
id: likeness
scope: [SY-01]
title: likeness
version: 1.0.0
owner: {any: true}
zone: extranet
grade: 2
basis: [law]
calendar: {place: "370100"}
"""
ENTITIES = b"""
- id: house
  title: house
  key: [num]
  history: none
  fields:
    - {id: num, type: text(10), title: num}
    - {id: town, type: text(10), title: town, required: true}
    - {id: owner, type: text(10), title: owner}
    - {id: rooms, type: integer, title: rooms}
  share: {type: none, basis: law}
  open: {type: none}
- id: thing
  title: thing
  key: [id]
  history: none
  fields:
    - {id: id, type: integer, title: id}
    - {id: i, type: integer, title: i}
    - {id: m, type: integer, title: m, required: true}
    - {id: s, type: text(10), title: s}
    - {id: t, type: text(10), title: t, required: true}
    - {id: b, type: boolean, title: b, required: true}
    - {id: o, type: boolean, title: o}
    - {id: d, type: date, title: d}
    - {id: e, type: date, title: e, required: true}
    - {id: x, type: "decimal(8,2)", title: x}
    - {id: at, type: ref(house), title: at}
    - {id: home, type: ref(house), title: home, required: true}
  parts: [{id: lines, entity: line, by: thing}]
  share: {type: none, basis: law}
  open: {type: none}
- id: line
  title: line
  key: [thing, k]
  history: none
  fields:
    - {id: thing, type: ref(thing), title: thing, required: true}
    - {id: k, type: integer, title: k}
    - {id: a, type: integer, title: a}
    - {id: w, type: integer, title: w, required: true}
    - {id: z, type: text(5), title: z}
  share: {type: none, basis: law}
  open: {type: none}
"""
COLUMNS = ("id", "i", "m", "s", "t", "b", "o", "d", "e", "x", "at", "home")
TABLES = (
    "CREATE TABLE house (num text, town text, owner text, rooms bigint)",
    "CREATE TABLE thing (id bigint, i bigint, m bigint, s text, t text, b boolean, o boolean, d date, e date,"
    ' x numeric(8,2), "at" text, home text)',
    "CREATE TABLE line (thing bigint, k bigint, a bigint, w bigint, z text)",
)
TODAY = dt.date(2026, 3, 2)


def package() -> Package:
    """The package of the entities above."""
    return load_texts("likeness", {"system.yaml": SYSTEM, "entities.yaml": ENTITIES}, {}).require()


WORLD = World(package())
SCOPE: Mapping[str, CelType] = {
    "row": WORLD.record_of("thing"),
    "today": DATE,
    "actor": ACTOR,
    "purpose": STRING,
}


def condition(text: str, dialect: Dialect, org: str | None) -> str:
    """The condition as SQL over the tables above."""
    context = {
        "today": "CAST('2026-03-02' AS date)",
        "actor.org": "CAST(NULL AS text)" if org is None else f"'{org}'",
        "purpose": "'p'",
    }
    return Compiler(WORLD, Layout(dialect, ""), "thing", context).condition(text, SCOPE)


@dataclass(frozen=True)
class Rows:
    """Rows of the three tables."""

    houses: list[dict[str, Any]]
    things: list[dict[str, Any]]
    lines: list[dict[str, Any]] = field(default_factory=list)

    def statements(self) -> list[tuple[str, list[tuple[Any, ...]]]]:
        """INSERTs with `?` for each value."""
        found = []
        for table, rows in (("house", self.houses), ("thing", self.things), ("line", self.lines)):
            if rows:
                columns = ", ".join(f'"{name}"' for name in rows[0])
                marks = ", ".join("?" for _ in rows[0])
                found.append(
                    (
                        f"INSERT INTO {table} ({columns}) VALUES ({marks})",
                        [tuple(one.values()) for one in rows],
                    )
                )
        return found

    def holding(self, text: str, evaluator: Evaluator, org: str | None) -> list[int]:
        """Ids of the things for which the evaluator finds the condition true."""
        houses = {one["num"]: one for one in self.houses}
        found = []
        for one in self.things:
            row = {
                **one, "at": houses.get(one["at"]), "home": houses.get(one["home"]),
                "lines": [line for line in self.lines if line["thing"] == one["id"]],
            }  # fmt: skip
            actor = {} if org is None else {"org": org}
            if evaluator.holds(text, {"row": row, "today": TODAY, "actor": actor, "purpose": "p"}):
                found.append(one["id"])
        return sorted(found)


small = st.integers(-3, 3)
words = st.sampled_from(["", "a", "b", "ab", "中", "a'b", "a\\b"])
days = st.dates(dt.date(2026, 2, 26), dt.date(2026, 3, 3))


@st.composite
def rows(draw: st.DrawFn) -> Rows:
    """A few rows with many nulls."""
    numbers = ["h1", "h2"]
    houses = [
        {"num": no, "town": draw(words), "owner": draw(st.none() | words), "rooms": draw(st.none() | small)}
        for no in numbers
    ]
    things = [
        {
            "id": number, "i": draw(st.none() | small), "m": draw(small), "s": draw(st.none() | words), "t": draw(words),
            "b": draw(st.booleans()), "o": draw(st.none() | st.booleans()), "d": draw(st.none() | days), "e": draw(days),
            "x": draw(st.none() | st.sampled_from([0.5, -1.25, 2.0])), "at": draw(st.none() | st.sampled_from(numbers)),
            "home": draw(st.sampled_from(numbers)),
        }
        for number in range(4)
    ]  # fmt: skip
    lines = [
        {
            "thing": draw(st.integers(0, 3)),
            "k": number,
            "a": draw(st.none() | small),
            "w": draw(small),
            "z": draw(st.none() | words),
        }
        for number in range(draw(st.integers(0, 5)))
    ]
    return Rows(houses, things, lines)


def _literal(value: object) -> str:
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return str(value)


_int: st.SearchStrategy[str] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["row.i", "row.m", "row.home.rooms", "row.at.rooms", "size(row.t)", "row.s.size()"]),
        small.map(str),
        st.tuples(_int, st.sampled_from("+-*/%"), _int).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(_bool, _int, _int).map(lambda p: f"({p[0]} ? {p[1]} : {p[2]})"),
        st.tuples(_date, _date).map(lambda p: f"age({p[0]}, {p[1]})"),
        st.tuples(_int, _int).map(lambda p: f"div_half_up({p[0]}, {p[1]})"),
        st.sampled_from(
            [
                "size(row.lines)",
                "sum(row.lines.map(l, l.w))",
                "sum(row.lines.filter(l, l.w > 0).map(l, l.a))",
                "row.lines.filter(l, l.z == 'a').size()",
            ]
        ),
    )
)
_text: st.SearchStrategy[str] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(
            [
                "row.s",
                "row.t",
                "row.home.town",
                "row.home.owner",
                "row.at.town",
                "row.at.owner",
                "row.at.num",
                "actor.org",
                "purpose",
            ]
        ),
        words.map(_literal),
        st.tuples(_text, _text).map(lambda p: f"({p[0]} + {p[1]})"),
        st.tuples(_bool, _text, _text).map(lambda p: f"({p[0]} ? {p[1]} : {p[2]})"),
    )
)
_date: st.SearchStrategy[str] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["row.d", "row.e", "today", "date('2026-02-28')"]),
        st.tuples(_date, small).map(lambda p: f"add_days({p[0]}, {p[1]})"),
        st.tuples(_date, small).map(lambda p: f"add_months({p[0]}, {p[1]})"),
        _date.map(lambda one: f"month_start({one})"),
    )
)
_compared = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
_body = st.sampled_from(["l.a > 0", "l.z == 'a'", "l.a == null", "l.w != l.a", "l.z != 'b' && l.w < 2"])
_bool: st.SearchStrategy[str] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(
            [
                "row.b",
                "row.o",
                "true",
                "false",
                "row.at == null",
                "row.at != null",
                "row.home.owner == null",
                "row.x > 0.5",
                "row.x == null",
                "row.o == null",
            ]
        ),
        st.tuples(_int, _compared, _int).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(_text, _compared, _text).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(_date, _compared, _date).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(
            st.sampled_from(["row.i", "row.s", "row.d", "row.home.rooms", "row.at.owner"]),
            st.sampled_from(["==", "!="]),
        ).map(lambda p: f"({p[0]} {p[1]} null)"),
        st.tuples(_text, st.lists(_text, max_size=3)).map(lambda p: f"({p[0]} in [{', '.join(p[1])}])"),
        st.tuples(_text, st.sampled_from(["startsWith", "endsWith", "contains"]), _text).map(
            lambda p: f"{p[0]}.{p[1]}({p[2]})"
        ),
        st.tuples(_bool, st.sampled_from(["&&", "||"]), _bool).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(_bool, st.sampled_from(["==", "!="]), _bool).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        _bool.map(lambda one: f"!({one})"),
        st.tuples(st.sampled_from(["exists", "all", "exists_one"]), _body).map(
            lambda p: f"row.lines.{p[0]}(l, {p[1]})"
        ),
        st.tuples(_bool, _bool, _bool).map(lambda p: f"({p[0]} ? {p[1]} : {p[2]})"),
    )
)


def sound(text: str) -> bool:
    """Whether the condition passes the check, as only such are compiled."""
    if len(text) > 300:
        return False
    return not [one for one in check(parse(text), SCOPE).problems if one.kind != "nullable"]


conditions = _bool.filter(sound)
