"""`yw system import` and `yw system export`: records of a declared system as files, with the rights of an account."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from yiwang.bootstrap.cli.exchange import acting_officer, as_option, data_option
from yiwang.dataplane.tables.errors import TableFileError
from yiwang.dataplane.tables.reading import Format, open_table

if TYPE_CHECKING:
    from yiwang.blocks.registry.public import FileRefused

purpose_option = click.option("--purpose", default="", help="purpose under which the account acts")
case_option = click.option("--case", "case", default="", help="case for which it acts")
FORMATS: tuple[Format, ...] = get_args(Format)


@click.command("import")
@data_option
@as_option
@purpose_option
@case_option
@click.argument("system")
@click.argument("entity")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="first day of the records; else today")
@click.option("--check", is_flag=True, help="only check every row; nothing is taken in")
@click.option(
    "--load", "load", default="", metavar="NAME",
    help="name of the load: broken off, it goes on when the command is run again with the same file",
)  # fmt: skip
def import_command(
    folder: Path,
    username: str,
    purpose: str,
    case: str,
    system: str,
    entity: str,
    file: Path,
    since: object,
    check: bool,
    load: str,
) -> None:
    """Make a record of ENTITY of SYSTEM from each row of FILE (.csv, .xlsx, .parquet): all of them, or none."""
    if check and load:
        raise click.UsageError("give --check or --load, not both")
    with acting_officer(folder, username) as actor:
        from datetime import datetime

        from django.utils import timezone

        from yiwang.blocks.registry.public import (
            Errand,
            FileRefused,
            check_records,
            load_in_steps,
            load_records,
        )

        table = open_table(file, _format(file))
        day = since.date() if isinstance(since, datetime) else None
        errand = Errand(actor, purpose=purpose, case=case, way="import")
        try:
            if load:
                with file.open("rb") as content:
                    digest = hashlib.file_digest(content, "sha256").hexdigest()
                loaded = load_in_steps(
                    errand, load, digest, system, entity, table.heads, table.rows, timezone.now, since=day,
                    watch=_progress,
                )  # fmt: skip
            else:
                loaded = (check_records if check else load_records)(
                    errand,
                    system,
                    entity,
                    table.heads,
                    table.rows,
                    timezone.now(),
                    since=day,
                    watch=_progress,
                )
        except FileRefused as refused:
            _show(refused)
            raise
    if check:
        click.echo(f"{loaded.rows:,} 行都可导入" if _zh() else f"{loaded.rows:,} rows are in order")
    else:
        click.echo(f"导入 {loaded.rows:,} 条" if _zh() else f"{loaded.rows:,} records imported")


@click.command("loads")
@data_option
@as_option
def loads_command(folder: Path, username: str) -> None:
    """List the loads that the account has under way: system, table, name, rows that lie there, since when."""
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.registry.public import Errand, open_loads

        for one in open_loads(Errand(actor), timezone.now()):
            click.echo(
                f"{one.system}\t{one.entity}\t{one.name}\t{one.rows}\t{timezone.localtime(one.began_at):%Y-%m-%d %H:%M}"
            )


@click.command("take-back")
@data_option
@as_option
@click.argument("system")
@click.argument("entity")
@click.argument("load", metavar="NAME")
def take_back_command(folder: Path, username: str, system: str, entity: str, load: str) -> None:
    """Take the load NAME of ENTITY of SYSTEM back while it is under way: nothing of it is left."""
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.registry.public import Errand, take_back_load

        take_back_load(Errand(actor), load, system, entity, timezone.now())
    click.echo(f"已退回导入 {load}" if _zh() else f"load {load} taken back")


@click.command("export")
@data_option
@as_option
@purpose_option
@case_option
@click.argument("system")
@click.argument("entity")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--where", "conditions", multiple=True, metavar="FIELD=VALUE", help="only these; may be repeated"
)
def export_command(
    folder: Path,
    username: str,
    purpose: str,
    case: str,
    system: str,
    entity: str,
    file: Path,
    conditions: tuple[str, ...],
) -> None:
    """Write the records of ENTITY of SYSTEM that the account may export into FILE (.csv, .xlsx, .parquet)."""
    pairs = [one.partition("=") for one in conditions]
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.registry.public import Errand, Wanted, export_records

        errand = Errand(actor, purpose=purpose, case=case, way="export")
        wanted = Wanted({name: value for name, _, value in pairs})
        count = export_records(errand, system, entity, wanted, timezone.now(), file, _format(file))
    click.echo(f"导出 {count:,} 条到 {file}" if _zh() else f"{count:,} records exported to {file}")


def _format(file: Path) -> Format:
    for one in FORMATS:
        if file.suffix.lower() == f".{one}":
            return one
    raise TableFileError(reason=file.suffix or file.name)


def _progress(rows: int) -> None:
    click.echo(f"\r{rows:,}", nl=False, err=True)


def _show(refused: FileRefused) -> None:
    click.echo("", err=True)
    for one in refused.problems:
        words = one.message_zh if _zh() else one.message_en
        click.echo(f"{one.line}: {one.field or '—'}: {words}", err=True)


def _zh() -> bool:
    return os.environ.get("LANG", "").startswith("zh")
