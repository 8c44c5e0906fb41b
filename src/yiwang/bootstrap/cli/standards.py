"""`yw standards`: data elements of the national standards, and how far a file keeps to them, without a server."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from yiwang.blocks.quality.domain.conforming import Conformance, conformance
from yiwang.blocks.standards.domain.registering import elements_from, rules_for
from yiwang.bootstrap.quality_rules import codes_of
from yiwang.dataplane.engines.duckdb import DuckDB, EngineError
from yiwang.dataplane.quality.errors import QualityEngineRefused, QualityFieldUnknown
from yiwang.dataplane.quality.files import TABLE, opened
from yiwang.vocabulary.data_elements import DataElement, DataElementUnknown, national_elements


@click.group()
def command() -> None:
    """Data elements: what a datum is called and which values it may have."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
def list_elements(as_json: bool) -> None:
    """List the national data elements of this version."""
    found = national_elements().values()
    if as_json:
        told = [
            {"number": one.number, "name": one.name, "standard": one.standard, "verified": one.verified}
            for one in found
        ]
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for one in found:
        verified = "" if one.verified else "  (not verified)"
        click.echo(f"{one.number:<14} {one.format:<8} {one.name}  {one.standard}{verified}")


@command.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--element", "pairs", multiple=True, required=True, metavar="COLUMN=NUMBER",
    help="the data element that a column follows, such as sfzh='GB 11643'; may be given several times",
)  # fmt: skip
@click.option(
    "--elements", "own", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="a CSV of further elements, as a node gives it away",
)  # fmt: skip
@click.option("--report", type=click.Path(path_type=Path), help="write the report as JSON")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def check(file: Path, pairs: tuple[str, ...], own: Path | None, report: Path | None, lang: str) -> None:
    """Count how far columns of a .csv, .xlsx or .parquet file keep to their data elements.

    Values are never printed: those that do not conform are shown by their shape (digits as 9, letters as A). Ends
    with 1 when some value does not conform.
    """
    known = dict(national_elements())
    if own is not None:
        known |= {one.number: one for one in elements_from(own.read_bytes())[0]}
    wanted = [_pair(text, known) for text in pairs]
    try:
        with DuckDB() as database, opened(file, {}, database) as table:
            for column, _number, _element in wanted:
                if column not in table.columns:
                    raise QualityFieldUnknown(rule="--element", field=column, fields=list(table.columns))
            found = conformance(
                database.rows, "duckdb", TABLE, table.columns, wanted, rules_for, codes_of, datetime.now(UTC)
            )
    except EngineError as problem:
        raise QualityEngineRefused(reason=str(problem)) from problem
    if report is not None:
        report.write_text(
            json.dumps([_plain(one) for one in found], ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
    for one in found:
        for line in _lines(one, lang):
            click.echo(line)
    if any(one.failed for one in found):
        raise SystemExit(1)


def _pair(text: str, known: dict[str, DataElement]) -> tuple[str, str, DataElement | None]:
    column, _equals, number = text.partition("=")
    if not column or number not in known:
        raise DataElementUnknown(number=number)
    return column, number, known[number]


def _plain(one: Conformance) -> dict[str, object]:
    return {
        "column": one.column, "element": one.number, "name": one.element.name if one.element else "", "rows": one.rows,
        "filled": one.filled,
        "demands": [
            {"kind": told.kind, "tested": told.tested, "failed": told.failed,
             "shapes": [{"shape": shape, "rows": n} for shape, n in told.shapes]}
            for told in one.told
        ],
    }  # fmt: skip


def _lines(one: Conformance, lang: str) -> list[str]:
    name = one.element.name if one.element else "—"
    head = (
        f"{one.column} → {one.number} {name}：{one.filled:,} / {one.rows:,} 行有值"
        if lang == "zh"
        else f"{one.column} → {one.number} {name}: {one.filled:,} of {one.rows:,} rows filled"
    )
    lines = [head]
    for told in one.told:
        word = "不符" if lang == "zh" else "do not conform"
        lines.append(f"  {told.kind:<12} {told.failed:>10,} / {told.tested:,} {word}")
        lines += [f"    {shape}  × {n:,}" for shape, n in told.shapes]
    return lines
