"""Functions that count: one gives the numbers of periods, one says which periods changed since a moment.

They run with the rights of the tables' owner and give sums alone, because who counts may not read the rows.
docs/specs/indicators.md states what they count.
"""

from __future__ import annotations

from collections.abc import Sequence

from yiwang.blocks.registry.domain.figures.declared import ZONE, Figure, Per
from yiwang.blocks.registry.domain.layout import CREATED, FROM, KNOWN, PAST, TO, UNTIL
from yiwang.blocks.registry.domain.quoting import name, text

_NUMBERS = "timestamptz, timestamptz, timestamptz"
_TOUCHED = "timestamptz, date, timestamptz"
_STEPS: dict[Per, str] = {
    "hour": "1 hour", "day": "1 day", "week": "1 week", "month": "1 month", "quarter": "3 months", "year": "1 year",
}  # fmt: skip
_LAST = f"CAST(now_told AT TIME ZONE '{ZONE}' AS date)"
_MEASURES = {
    "count": "count(*)::float8",
    "share": "100.0 * count(*) FILTER (WHERE k.value) / count(*)",
    "sum": "sum(k.value)::float8",
    "avg": "avg(k.value)::float8",
    "min": "min(k.value)::float8",
    "max": "max(k.value)::float8",
    "median": "percentile_cont(0.5) WITHIN GROUP (ORDER BY k.value::float8)",
    "p95": "percentile_cont(0.95) WITHIN GROUP (ORDER BY k.value::float8)",
    "distinct": "count(DISTINCT k.value)::float8",
}


def _schema(system: str) -> str:
    return f"sys_{system}"


def function(system: str, figure: str) -> str:
    """The name of the function that gives the numbers."""
    return name(_schema(system), f"figure__{figure}")


def touched(system: str, figure: str) -> str:
    """The name of the function that says which periods changed."""
    return name(_schema(system), f"figure__{figure}__touched")


def install_figures(schema: str, figures: Sequence[Figure], app: str) -> list[str]:
    """The functions of all figures of a schema, those of the release before taken away."""
    return [
        f"DO $gone$ DECLARE f regprocedure; BEGIN FOR f IN SELECT p.oid FROM pg_proc AS p JOIN pg_namespace AS n"
        f" ON n.oid = p.pronamespace WHERE n.nspname = {text(schema)} AND starts_with(p.proname, 'figure__')"
        f" LOOP EXECUTE 'DROP FUNCTION ' || f; END LOOP; END $gone$",
        *(line for one in figures if one.kind in ("flow", "stock") for line in _install(one, app)),
    ]


def _install(one: Figure, app: str) -> list[str]:
    """Both functions; only the application may call them."""
    numbers, changed = function(one.system, one.id), touched(one.system, one.id)
    result = "TABLE(start timestamptz, dims jsonb, value float8, counted bigint)"
    done = []
    for called, arguments, types, gives, body in (
        (numbers, "since timestamptz, before timestamptz, now_told timestamptz", _NUMBERS, result, _numbers(one)),
        (changed, "told_before timestamptz, day_before date, now_told timestamptz", _TOUCHED, "SETOF timestamptz",
         _touched(one)),
    ):  # fmt: skip
        done += [
            f"CREATE FUNCTION {called}({arguments}) RETURNS {gives} LANGUAGE sql STABLE SECURITY DEFINER"
            f" SET search_path = public, pg_temp AS $figure$ {body} $figure$",
            f"REVOKE ALL ON FUNCTION {called}({types}) FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {called}({types}) TO {name(app)}",
        ]
    return done


def _numbers(one: Figure) -> str:
    dims = "".join(f", CAST(({d.sql}) AS text) AS d{at}" for at, d in enumerate(one.dimensions))
    value = f"({one.value})" if one.value else "NULL::float8"
    named = [
        f"CASE WHEN grouping(k.d{at}) = 0 THEN jsonb_build_object({text(d.path)}, k.d{at}) ELSE '{{}}' END"
        for at, d in enumerate(one.dimensions)
    ]
    groups = ", ".join(
        f"({', '.join(['k.start', *(f'k.d{_at(one, path)}' for path in group)])})" for group in one.sets
    )
    return (
        f"SELECT k.start, {' || '.join(named) or chr(39) + '{}' + chr(39) + '::jsonb'}, {_MEASURES[one.counting]}, count(*)"
        f" FROM (SELECT begun.start{dims}, {value} AS value FROM {_rows(one)} WHERE {_when(one)}"
        f" AND {one.where}) AS k GROUP BY GROUPING SETS ({groups})"
    )


def _at(one: Figure, path: str) -> int:
    paths = [d.path for d in one.dimensions]
    return paths.index(path)


def _table(one: Figure, suffix: str = "") -> str:
    return name(_schema(one.system), one.entity + suffix)


def _rows(one: Figure) -> str:
    """The rows, each with the period that it is counted in."""
    row, period = name("row"), name("period")
    if one.kind == "flow":
        return f"{_table(one)} AS {row}{_told()} CROSS JOIN LATERAL (SELECT {_start(one)} AS start) AS begun"
    source = f"{_table(one)} AS {row}"
    if one.history == "versions":
        # what was known at the end of an earlier period is in the past table
        kept = ", ".join(name(column) for column in (KNOWN, CREATED, *one.columns))
        source = (
            f"(SELECT {kept}, NULL::timestamptz AS {name(UNTIL)} FROM {_table(one)}"
            f" UNION ALL SELECT {kept}, {name(UNTIL)} FROM {_table(one, PAST)}) AS {row}"
        )
    step = f"interval '{_STEPS[one.per]}'"
    instant = "interval '1 microsecond'"
    return (
        f"(SELECT g.local AT TIME ZONE '{ZONE}' AS start,"
        f" least((g.local + {step} - {instant})::date, {_LAST}) AS last,"
        f" least((g.local + {step}) AT TIME ZONE '{ZONE}', now_told) AS told"
        f" FROM generate_series(since AT TIME ZONE '{ZONE}', before AT TIME ZONE '{ZONE}' - {instant}, {step})"
        f" AS g(local)) AS {period} CROSS JOIN LATERAL (SELECT {period}.start) AS begun"
        f" JOIN {source} ON {_as_of(one)}"
    )


def _told() -> str:
    """The day and the moment that a flow is counted at."""
    return f" CROSS JOIN LATERAL (SELECT {_LAST} AS last, now_told AS told) AS {name('period')}"


def _as_of(one: Figure) -> str:
    row, period = name("row"), name("period")
    if one.history == "bitemporal":
        return f"{row}.{name(FROM)} <= {period}.last AND {row}.{name(TO)} > {period}.last"
    if one.history == "versions":
        return (
            f"{row}.{name(KNOWN)} <= {period}.told AND ({row}.{name(UNTIL)} IS NULL OR {row}.{name(UNTIL)} > {period}.told)"
        )  # fmt: skip
    return "TRUE"


def _when(one: Figure) -> str:
    """Which rows are within the periods asked for, as they are believed about today."""
    if one.kind == "stock":
        return "TRUE"
    instant = _instant(one)
    believed = ""
    if one.history == "bitemporal":
        row, last = name("row"), f"{name('period')}.last"
        believed = f" AND {row}.{name(FROM)} <= {last} AND {row}.{name(TO)} > {last}"
    return f"{instant} >= since AND {instant} < before AND {instant} <= now_told{believed}"


def _instant(one: Figure) -> str:
    """The instant of a row; without a field of its own the first time that the record was known."""
    return one.at or f"{name('row')}.{name(CREATED)}"


def _start(one: Figure) -> str:
    return f"date_trunc('{one.per}', {_instant(one)}, '{ZONE}')"


def _touched(one: Figure) -> str:
    """Starts of the periods that changed since then; NULL for all. Of a stock, all after the first one changed too."""
    row = name("row")
    turned = " OR ".join(
        f"({{0}}.{name(day)} > day_before AND {{0}}.{name(day)} <= {_LAST})" for day in (FROM, TO)
    )
    dated = one.history == "bitemporal"
    parts = ["SELECT NULL::timestamptz"] if one.timed or one.history == "none" else []
    if one.kind == "stock":
        parts.append(f"SELECT date_trunc('{one.per}', least(told_before, now_told), '{ZONE}')")
        start = f"date_trunc('{one.per}', {row}.{name(FROM)}::timestamp AT TIME ZONE '{ZONE}', '{ZONE}')"
    else:
        start = _start(one)
    if one.kind == "flow" or dated:
        also = f" OR {turned.format(row)}" if dated and one.kind == "flow" else ""
        if one.kind == "flow":  # what was known before it happens counts when its instant has come
            also += f" OR ({_instant(one)} > told_before AND {_instant(one)} <= now_told)"
        parts.append(
            f"SELECT {start} FROM {_table(one)} AS {row}{_told()} WHERE {row}.{name(KNOWN)} > told_before{also}"
        )
        if one.history != "none":
            parts.append(
                f"SELECT {start} FROM {_table(one, PAST)} AS {row}{_told()} WHERE {row}.{name(UNTIL)} > told_before"
            )
    for system, entity, history in one.reads:
        also = f" OR {turned.format('r')}" if history == "bitemporal" else ""
        found = f"SELECT FROM {name(f'sys_{system}', entity)} AS r WHERE r.{name(KNOWN)} > told_before{also}"
        parts.append(f"SELECT NULL::timestamptz WHERE EXISTS ({found})")
        if history == "none":
            parts.append("SELECT NULL::timestamptz")
            continue
        past = name(_schema(system), entity + PAST)
        parts.append(
            f"SELECT NULL::timestamptz WHERE EXISTS (SELECT FROM {past} AS r WHERE r.{name(UNTIL)} > told_before)"
        )
    return " UNION ".join(parts)
