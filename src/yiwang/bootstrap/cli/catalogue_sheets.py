"""`yw catalogue import|export|sync`: the census spreadsheet and other catalogues, for scripts.

For the operator of a node, who holds its folder anyway; each runs in the name of a data officer, through the same
actions and checks as the pages.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yiwang.bootstrap.cli.exchange import acting_officer, as_option, data_option

if TYPE_CHECKING:
    from yiwang.blocks.catalogue.public import Defect, ImportPlan
    from yiwang.blocks.identity.public import Actor

MOST_SHOWN = 1_000


@click.command("import")
@data_option
@as_option
@click.argument("sheet", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="only say what would change")
def import_(folder: Path, username: str, sheet: Path, dry_run: bool) -> None:
    """Take in a census workbook (.xlsx): all of it as drafts, or nothing. Exit code 1 when a cell is wrong."""
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.catalogue import public as catalogue

        data = sheet.read_bytes()
        plan = catalogue.plan_import(actor, data)
        _tell(plan)
        if plan.defects:
            raise SystemExit(1)
        if not dry_run:
            done = catalogue.import_sheet(actor, data, timezone.now(), digest=plan.digest)
            click.echo(f"taken in: {len(done.created)} new, {len(done.changed)} changed, as drafts")


@click.command("export")
@data_option
@as_option
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="file to write (.xlsx)"
)
@click.option("--empty", is_flag=True, help="the template without entries")
def export(folder: Path, username: str, out: Path, empty: bool) -> None:
    """Write the census workbook of the account's agency, drafts included."""
    with acting_officer(folder, username) as actor:
        from yiwang.blocks.catalogue import public as catalogue

        out.write_bytes(catalogue.export_sheet(actor, empty=empty))
        click.echo(str(out))


@click.command("sync")
@data_option
@as_option
@click.option(
    "--folder",
    "drop",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="folder of .xlsx files",
)
@click.option("--url", help="address of a JSON feed, on a host of YW_SOURCE_HOSTS")
def sync(folder: Path, username: str, drop: Path | None, url: str | None) -> None:
    """Follow an existing catalogue: every .xlsx in a folder, or a JSON feed. What fits is taken in as drafts.

    A file that was taken in moves to `done/`, one with wrong cells stays, and its defects are told; exit code 1.
    """
    if (drop is None) == (url is None):
        raise click.UsageError("give either --folder or --url")
    with acting_officer(folder, username) as actor:
        wrong = _feed(actor, url) if url is not None else _folder(actor, drop or folder)
    raise SystemExit(1 if wrong else 0)


def _folder(actor: Actor, drop: Path) -> int:
    from django.utils import timezone

    from yiwang.blocks.catalogue import public as catalogue

    wrong = 0
    for one in catalogue.follow_folder(actor, drop, timezone.now()):
        if one.error is None:
            click.echo(f"{one.name}: {one.created} new, {one.changed} changed, {one.unchanged} the same")
            continue
        wrong += 1
        mend = "" if one.defects else f" {one.error.mend('en')}"
        click.echo(f"{one.name}: {one.error.text('en')}{mend}")
        _tell_defects(one.defects)
    return wrong


def _feed(actor: Actor, url: str) -> int:
    from django.utils import timezone

    from yiwang.blocks.catalogue import public as catalogue
    from yiwang.dataplane.connectors.hosts import AllowedHosts
    from yiwang.dataplane.feeds.fetching import fetch_json

    allowed = AllowedHosts.parse(os.environ.get("YW_SOURCE_HOSTS", ""))
    document = fetch_json(url, allowed)
    done = catalogue.import_entries(actor, url[:100], catalogue.entries_of_feed(document), timezone.now())
    click.echo(f"{len(done.created)} new, {len(done.changed)} changed, {done.unchanged} the same")
    return 0


def _tell(plan: ImportPlan) -> None:
    for entry in plan.new:
        click.echo(f"new      {entry.title} ({entry.item_count} items)")
    for entry in plan.changed:
        click.echo(f"changed  {entry.code} {entry.title}")
        for change in entry.changes:
            click.echo(f"         {change.en}")
    click.echo(f"{plan.unchanged} the same, {plan.absent} not in the sheet and left alone")
    _tell_defects(plan.defects)


def _tell_defects(defects: tuple[Defect, ...]) -> None:
    chinese = os.environ.get("LANG", "").startswith("zh")
    for one in defects[:MOST_SHOWN]:
        words = f"{one.zh} {one.mend_zh}" if chinese else f"{one.en} {one.mend_en}"
        click.echo(f"{one.sheet}!{one.cell}: {words}  [{one.kind}]", err=True)
    if len(defects) > MOST_SHOWN:
        click.echo(f"… {len(defects) - MOST_SHOWN} more", err=True)
