"""`yw check FILE --column C --as KIND`: is a column fit to be shared?"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from yiwang.vocabulary.checking.run import Summary, check_column
from yiwang.vocabulary.checking.summary_text import summary_lines
from yiwang.vocabulary.checking.verdicts import Kind
from yiwang.vocabulary.divisions.records import read_divisions
from yiwang.vocabulary.divisions.tree import standard_divisions
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.tables import read_table

CHINA = ZoneInfo("Asia/Shanghai")


@click.command("check", short_help="检查一列编号：身份号码、统一社会信用代码、区划代码")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--column", required=True, metavar="列名", help="表头中的列名。")
@click.option(
    "--as",
    "kind",
    required=True,
    type=click.Choice([str(kind) for kind in Kind]),
    help="按什么检查：resident_id 身份号码，uscc 统一社会信用代码，division 区划代码。",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="以哪一天为准（默认今天）：区划代码给出当日名称，出生日期不得晚于当日。",
)
@click.option("--report", type=click.Path(path_type=Path), metavar="OUT.json", help="把逐行结果写成 JSON。")
@click.option(
    "--local-divisions",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="LOCAL.csv",
    help="本地补充的区划表（可多次给出）。",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="输出语言。")
def command(
    file: Path,
    column: str,
    kind: str,
    as_of: dt.datetime | None,
    report: Path | None,
    local_divisions: tuple[Path, ...],
    lang: str,
) -> None:
    """检查 CSV 文件的一列，说明哪些行不合规、为什么；区划旧代码给出现在的名称。

    FILE 为 CSV（UTF-8 或 GB18030/GBK，可为 .gz）。退出码：0 全部合规，1 有不合规，2 文件或用法有误。
    屏幕上身份号码一律遮蔽中间位；--report 写出的文件含原值，只有本人可读。
    """
    day = as_of.date() if as_of is not None else dt.datetime.now(CHINA).date()
    try:
        summary = _check(file, column, Kind(kind), day, report, local_divisions)
    except YwError as wrong:
        click.echo(wrong.text(lang), err=True)
        click.echo(wrong.mend(lang), err=True)
        sys.exit(2)
    except OSError as wrong:
        click.echo(f"{wrong.filename or ''}: {wrong.strerror}", err=True)
        sys.exit(2)
    for line in summary_lines(summary, lang):
        click.echo(line)
    if report is not None:
        click.echo(f"\n逐行结果：{report}" if lang == "zh" else f"\nRow by row: {report}")
    sys.exit(1 if summary.invalid else 0)


def _check(
    file: Path, column: str, kind: Kind, day: dt.date, report: Path | None, local: tuple[Path, ...]
) -> Summary:
    divisions = standard_divisions()
    for path in local:
        divisions = divisions.with_local(read_divisions(read_table(path, "code", "name")))
    size = file.stat().st_size if file.is_file() else 0
    with click.progressbar(
        length=size, file=sys.stderr, label=file.name, hidden=not sys.stderr.isatty()
    ) as bar:

        def advance(position: int, whole: int) -> None:
            bar.update(min(position, whole) - bar.pos)

        return check_column(
            file, column, kind, as_of=day, divisions=divisions, report=report, progress=advance
        )
