"""`yw catalogue scan`: draft catalogue entries from the databases and files that a department has."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from yiwang.bootstrap.cli.catalogue_drift import Wanted, named_tables, prepared
from yiwang.bootstrap.cli.catalogue_sheets import export, import_, sync
from yiwang.dataplane.census.document import write_json
from yiwang.dataplane.census.draft import Draft
from yiwang.dataplane.census.opening import Place, places, shown
from yiwang.dataplane.census.scan import scan
from yiwang.dataplane.census.source import Limits
from yiwang.dataplane.census.workbook import write_workbook
from yiwang.vocabulary.errors import YwError

CHINA = ZoneInfo("Asia/Shanghai")
_SHOWN = 20


@click.group("catalogue", short_help="资源目录：从库和文件起草目录")
def command() -> None:
    """资源目录。"""


@command.command("scan", short_help="普查：从数据库或文件起草资源目录")
@click.argument("addresses", nargs=-1, required=True, metavar="[部门=]地址...")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="DRAFT.xlsx",
    help="普查工作簿写到哪里。",
)
@click.option(
    "--json",
    "json_out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="DRAFT.json",
    help="另写一份 JSON。",
)
@click.option(
    "--against", type=click.Path(path_type=Path, dir_okay=False), metavar="PREVIOUS",
    help="与以前的普查结果，或导出的目录（普查表 .xlsx、目录 .json）比较，列出变化。",
)  # fmt: skip
@click.option(
    "--data", "node", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="节点",
    help="与这个节点上已发布的条目比较；与 --as 同用。",
)  # fmt: skip
@click.option("--as", "account", default="", metavar="账号", help="以哪个账号查看节点上本部门的条目。")
@click.option(
    "--entry", "named", multiple=True, metavar="代码=表", callback=named_tables,
    help="指明条目对应的表；可多次给出。",
)  # fmt: skip
@click.option(
    "--tables", "include", multiple=True, metavar="通配符", help="只看这些表，如 'hj.*'；可多次给出。"
)
@click.option("--exclude", multiple=True, metavar="通配符", help="不看这些表；可多次给出。")
@click.option(
    "--rate", type=click.FloatRange(0.1, 10_000), default=100.0, show_default=True, help="每秒最多几条语句。"
)
@click.option(
    "--sample", type=click.IntRange(20, 10_000), default=500, show_default=True, help="每张表最多取几行。"
)
@click.option(
    "--timeout",
    type=click.IntRange(1, 600),
    default=10,
    show_default=True,
    metavar="秒",
    help="每条语句的时限。",
)
@click.option("--header/--no-header", default=None, help="文件首行是否为列名；不给则自动判断。")
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="屏幕上的语言。"
)
def scan_command(
    addresses: tuple[str, ...],
    out: Path | None,
    json_out: Path | None,
    against: Path | None,
    node: Path | None,
    account: str,
    named: dict[str, str],
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    rate: float,
    sample: int,
    timeout: int,
    header: bool | None,
    lang: str,
) -> None:
    """普查：只读、限速地查看数据库和文件，起草资源目录，标出个人信息和敏感列。

    地址：postgresql://用户@主机/库、mysql://…、sqlite:文件、oracle://…、dm://…，或 CSV、XLSX、Parquet 文件，或放有它们的文件夹；
    可给多个，前面可写“部门=”。口令用环境变量 YW_SCAN_PASSWORD 给出，否则在终端询问。

    除计数、遮盖样例和非个人信息列的代码表外，取值不离开来源。退出码：0 完成，1 与所比较的相比有变化，2 出错。
    """
    if out is None and json_out is None and against is None and node is None:
        raise click.UsageError(
            "给出 --out DRAFT.xlsx、--json DRAFT.json，或要比较的目录（--against、--data）"
            if lang == "zh"
            else "give --out or --json, or what to compare with (--against, --data)"
        )
    if (node is None) != (not account) or (node is not None and against is not None):
        raise click.UsageError(
            "--data 与 --as 须同用，且不与 --against 同用"
            if lang == "zh"
            else "--data and --as go together, and not with --against"
        )
    limits = Limits(
        rows=sample,
        statements=rate,
        timeout_ms=timeout * 1000,
        header=header,
        include=include,
        exclude=exclude,
    )
    try:
        _writable(out, json_out)
        drift_of = prepared(Wanted(against, node, account, named))
        draft = _scan(list(addresses), limits)
        if out is not None:
            write_workbook(draft, out)
        if json_out is not None:
            write_json(draft, json_out)
        drift, count = drift_of(draft, not (include or exclude), lang)
    except YwError as wrong:
        click.echo(wrong.text(lang), err=True)
        click.echo(f"{wrong.mend(lang)}  [{wrong.code}]", err=True)
        sys.exit(2)
    except OSError as wrong:
        click.echo(f"{wrong.filename or ''}: {wrong.strerror}", err=True)
        sys.exit(2)
    for line in summary(draft, lang):
        click.echo(line)
    for path in (out, json_out):
        if path is not None:
            click.echo(f"→ {path}")
    for line in drift:
        click.echo(line)
    if count:
        sys.exit(1)


def summary(draft: Draft, lang: str) -> list[str]:
    """What was found, in a few lines and without a value."""
    items = [item for resource in draft.resources for item in resource.items]
    marked = [item for item in items if item.mark is not None]
    sensitive = sum(item.protection in {"sensitive", "secret"} for item in marked)
    lists = sum(item.code_list is not None for item in items)
    unsure = sum(item.title_confidence < 0.5 for item in items)
    remarks = [*draft.remarks, *(remark for resource in draft.resources for remark in resource.remarks)]
    if lang == "zh":
        lines = [
            f"信息资源 {len(draft.resources)}，信息项 {len(items)}（名称待定 {unsure}），代码表 {lists}",
            f"个人信息 {len(marked) - sensitive} 项，敏感 {sensitive} 项；一数一源候选 {len(draft.candidates)} 组",
        ]
    else:
        lines = [
            f"{len(draft.resources)} resources, {len(items)} items ({unsure} without a sure name), {lists} code lists",
            f"{len(marked) - sensitive} personal and {sensitive} sensitive items; {len(draft.candidates)} data with several"
            " holders",
        ]
    for remark in remarks[:_SHOWN]:
        lines.append(f"! {remark.where}: {remark.text.zh if lang == 'zh' else remark.text.en}")
    if len(remarks) > _SHOWN:
        lines.append(f"! … {len(remarks) - _SHOWN}")
    return lines


def _writable(*paths: Path | None) -> None:
    """Tell of a folder that is not there before a long scan, not after it."""
    for path in paths:
        if path is not None and not path.parent.is_dir():
            raise FileNotFoundError(2, os.strerror(2), str(path.parent))


def _scan(addresses: Sequence[str], limits: Limits) -> Draft:
    now = dt.datetime.now(CHINA)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    found = places(list(addresses))
    passwords = {at: _password(at) for at in found if at.needs_password()}
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("…", total=None)

        def progress(path: str, done: int, total: int) -> None:
            bar.update(task, description=path[-40:], completed=done, total=total)

        return scan(found, limits, now, passwords=passwords.get, progress=progress)


def _password(at: Place) -> str | None:
    given = os.environ.get("YW_SCAN_PASSWORD")
    if given is not None or not sys.stdin.isatty():
        return given
    answer: str = click.prompt(shown(at.address), hide_input=True, err=True, default="", show_default=False)
    return answer


command.add_command(import_)
command.add_command(export)
command.add_command(sync)
