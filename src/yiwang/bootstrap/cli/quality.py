"""`yw quality`: judge a file by rules, without a server."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from yiwang.bootstrap.quality_report import Report, as_html, as_json
from yiwang.bootstrap.quality_rules import compiled, read_rules
from yiwang.dataplane.engines.duckdb import DuckDB, EngineError
from yiwang.dataplane.quality.contracts import to_contract
from yiwang.dataplane.quality.errors import QualityEngineRefused
from yiwang.dataplane.quality.files import ROW_NUMBER, TABLE, opened
from yiwang.dataplane.quality.judging import check_columns, judge
from yiwang.dataplane.quality.rules import DIMENSIONS_EN
from yiwang.dataplane.quality.scoring import score
from yiwang.dataplane.quality.spelling import Spelled

_LOGICAL = {
    "INT": "integer",
    "DOUBLE": "number",
    "DECIMAL": "number",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "BOOL": "boolean",
}


@click.group()
def command() -> None:
    """Judge data by rules: counts, a score by dimension, and which rows break what."""


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--rules",
    "rules_path",
    type=click.Path(path_type=Path),
    required=True,
    help="rule file, or an Open Data Contract",
)
@click.option("--report", type=click.Path(path_type=Path), help="write the whole report: .html or .json")
@click.option(
    "--as-of", type=click.DateTime(), help="the moment by which freshness is judged; else now (UTC)"
)
@click.option("--below", type=float, default=0.0, help="exit with 1 when the score is below this")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh")
def check(
    file: Path, rules_path: Path, report: Path | None, as_of: datetime | None, below: float, lang: str
) -> None:
    """Judge FILE (.csv, .csv.gz, .xlsx, .parquet) by rules. Exit code 1: a blocking rule is broken, or the score is below --below."""
    moment = (as_of or datetime.now(UTC)).replace(tzinfo=UTC)
    rules_file = read_rules(rules_path)
    with DuckDB() as database, opened(file, rules_file.columns, database) as table:
        rules = (*compiled(rules_file, table.columns, moment), *table.typing_rules)
        check_columns(rules, table.columns)
        try:
            found = judge(database.rows, "duckdb", TABLE, rules, rules_file.key or (ROW_NUMBER,))
        except EngineError as problem:
            raise QualityEngineRefused(reason=str(problem).splitlines()[0][:200]) from problem
        result = score(rules, found.outcomes, list(table.columns))
    made = Report(rules_file.title or file.name, file.name, moment, rules, found, result, rules_file.left_out)
    for line in lines(made, lang):
        click.echo(line)
    if report is not None:
        report.write_text(
            as_html(made, lang) if report.suffix == ".html" else as_json(made), encoding="utf-8"
        )
    if result.blocked or (result.value or 0) < below:
        sys.exit(1)


@command.command("contract")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rules", "rules_path", type=click.Path(path_type=Path), required=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="where the contract is written, as JSON (which is YAML)",
)
def contract(file: Path, rules_path: Path, out: Path) -> None:
    """Write the rules with FILE's columns as an Open Data Contract (v3.1), to be read by other tools and by `check`."""
    rules_file = read_rules(rules_path)
    with DuckDB() as database, opened(file, rules_file.columns, database) as table:
        compiled(rules_file, table.columns, datetime.now(UTC))
        columns = {name: _logical(kind) for name, kind in table.columns.items()}
    spelled = [msgspec.convert(entry, Spelled) for entry in rules_file.entries]
    written = to_contract(file.stem, file.stem, columns, spelled)
    out.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    click.echo(str(out))


def lines(report: Report, lang: str) -> list[str]:
    """The report in a terminal."""
    zh = lang == "zh"
    told = []
    for rule in report.rules:
        outcome = report.found.outcomes[rule.id]
        rate = "—" if outcome.rate is None else f"{100 * outcome.rate:.2f} %"
        dimension = rule.dimension if zh else DIMENSIONS_EN[rule.dimension]
        told.append(f"{rate:>10}  {outcome.failed:>10,} / {outcome.tested:,}  {dimension}  {rule.id}")
    value = "—" if report.score.value is None else f"{report.score.value:.1f}"
    level = report.score.level or "—"
    told.append(
        f"{report.found.rows:,} 行，得分 {value}，{level} 级"
        if zh
        else f"{report.found.rows:,} rows, score {value}, level {level} of 5"
    )
    told.append(
        f"规则覆盖 {report.score.fields_covered:.0%} 的列"
        if zh
        else f"rules look at {report.score.fields_covered:.0%} of the columns"
    )
    if report.score.blocked:
        told.append(("阻断规则未过：" if zh else "blocking rules broken: ") + ", ".join(report.score.blocked))
    if report.left_out:
        told.append(
            ("合同中没有执行的检查：" if zh else "checks of the contract that are not run: ")
            + ", ".join(report.left_out)
        )
    return told


def _logical(kind: str) -> str:
    return next((word for part, word in _LOGICAL.items() if part in kind.upper()), "string")
