"""`yw system story` and `yw system figures`: what a declared system does, proved and counted."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from yiwang.bootstrap.cli.system import beside_option, command, folder_argument, language_option, neighbours

data_option = click.option(
    "--data", type=click.Path(path_type=Path), default=Path(".yiwang"), show_default=True,
    help="the node's folder",
)  # fmt: skip


@command.command("story")
@folder_argument
@beside_option
@data_option
@click.option("--only", metavar="ID", help="one story; else all")
@click.option("--json", "as_json", is_flag=True, help="the report as one JSON object")
@language_option
def story(
    folder: Path, beside: tuple[Path, ...], data: Path, only: str | None, as_json: bool, lang: str | None
) -> None:
    """Run the stories of the package in FOLDER; exit code 1 unless one runs whole and none fails.

    They run on a copy of the system that is taken back: on the node's database, or without a node on one made for it.
    """
    from yiwang.bootstrap.systems.stories import story_report

    report = story_report(folder, neighbours(folder, beside), data, only)
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
    else:
        for line in report.lines(_language(lang)):
            click.echo(line)
    if not report.passed:
        sys.exit(1)


@command.command("figures")
@click.argument("system", required=False)
@data_option
@click.option("--rebuild", is_flag=True, help="count every period anew, not only those that changed")
@click.option("--json", "as_json", is_flag=True, help="what was counted as one JSON object")
@language_option
def figures(system: str | None, data: Path, rebuild: bool, as_json: bool, lang: str | None) -> None:
    """Count the figures of SYSTEM, or of every system, now; exit code 1 where one could not be counted."""
    from yiwang.bootstrap.systems.stories import counted

    done = counted(data, system, rebuild=rebuild)
    zh = _language(lang) == "zh"
    if as_json:
        told = [
            {"system": one.system, "figure": one.figure, "periods": one.periods, "took_ms": one.took_ms,
             "problem": one.problem} for one in done
        ]  # fmt: skip
        click.echo(json.dumps({"figures": told}, ensure_ascii=False, indent=1))
    for one in done if not as_json else ():
        said = one.problem or (f"{one.periods} 个周期" if zh else f"{one.periods} periods")
        click.echo(f"{one.system}.{one.figure}  {said}  {one.took_ms} ms")
    if any(one.problem for one in done):
        sys.exit(1)


def _language(lang: str | None) -> str:
    return "zh" if (lang or os.environ.get("LANG", "")).startswith("zh") else "en"
