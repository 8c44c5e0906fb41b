"""`yw exchange copy` and `yw exchange job`: table jobs between any two addresses, without a server."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click
import msgspec

from yiwang.bootstrap.quality_rules import read_rules
from yiwang.bootstrap.rules_on_the_way import compiled_for
from yiwang.dataplane.connectors.places import Place, Reach, place_of
from yiwang.dataplane.connectors.remote import Access, Reading
from yiwang.dataplane.transfer.capture.running import drop
from yiwang.dataplane.transfer.checkpoint import Mode
from yiwang.dataplane.transfer.errors import TransferJobUnknown, TransferMaskUnfit
from yiwang.dataplane.transfer.job import Progress
from yiwang.dataplane.transfer.keeping import JobFolder
from yiwang.dataplane.transfer.planning import Order, no_rules
from yiwang.dataplane.transfer.report import Report, as_json
from yiwang.dataplane.transfer.running import copy

EXIT_UNPROVEN, EXIT_QUARANTINE = 1, 3
jobs_option = click.option(
    "--jobs", type=click.Path(path_type=Path, file_okay=False), default=Path(".yiwang/jobs"), show_default=True,
    help="folder of the jobs' quarantines and reports",
)  # fmt: skip


class Asked(msgspec.Struct, frozen=True):
    """What a job was asked to do, kept for its replay; without addresses, which may hold passwords."""

    table: str
    target_table: str
    mode: Mode
    key: tuple[str, ...]
    cursor: str
    rules: str
    masks: dict[str, str]
    items: str = ""
    following: str = "link"


@click.command("copy")
@click.argument("source")
@click.argument("target")
@click.option(
    "--table", required=True, help="table of the source: SCHEMA.TABLE, TABLE, or a file's name in a folder"
)
@click.option("--to", "target_table", help="table of the target; else the same name")
@click.option(
    "--mode", type=click.Choice(["full", "incremental", "diff", "cdc"]), default="full", show_default=True
)
@click.option(
    "--key",
    "key",
    multiple=True,
    help="column that tells rows apart; repeat for several; else the primary key",
)
@click.option("--cursor", default="", help="column that only grows, for --mode incremental")
@click.option(
    "--rules", type=click.Path(path_type=Path), help="rule file; rows that break it go into quarantine"
)
@click.option(
    "--mask",
    "masks",
    type=click.Path(path_type=Path),
    help="file with `column: mask` lines; `drop` leaves one out",
)
@click.option("--rate", type=click.IntRange(min=1), help="rows a second at most")
@click.option(
    "--chunk", type=click.IntRange(min=1), default=100_000, show_default=True, help="rows of a chunk"
)
@click.option(
    "--job", help="name of the job; a second call with it resumes or brings up to date; else the table's name"
)
@click.option("--replace", is_flag=True, help="the target may hold other rows; it will equal the source")
@click.option("--accept-schema", is_flag=True, help="go on although the source lost or narrowed columns")
@click.option(
    "--items", default="", help="of an https:// source: path of the list in the answer, such as data.rows"
)
@click.option(
    "--next",
    "following",
    default="link",
    show_default=True,
    help="of an https:// source: link (header), url:PATH, cursor:PARAMETER=PATH or page:PARAMETER",
)
@click.option(
    "--follow/--until-caught-up",
    default=False,
    help="for --mode cdc: go on until paused, or (default) end when what is committed now has arrived",
)
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="write the report as JSON")
@jobs_option
def copy_table(
    source: str, target: str, table: str, target_table: str | None, mode: Mode, key: tuple[str, ...], cursor: str,
    rules: Path | None, masks: Path | None, rate: int | None, chunk: int, job: str | None, replace: bool,
    accept_schema: bool, items: str, following: str, follow: bool, report: Path | None, jobs: Path,
) -> None:  # fmt: skip
    """Copy a table from SOURCE to TARGET and prove that nothing was lost.

    SOURCE and TARGET are postgresql://, mysql:// or sqlite: addresses, .csv, .xlsx, .parquet, .geojson or .dbf files,
    folders of them, or such files at sftp:// addresses; SOURCE may be an https:// list. Passwords may be given as
    YW_SOURCE_PASSWORD and YW_TARGET_PASSWORD, keys of SFTP servers as YW_SOURCE_HOST_KEY and YW_TARGET_HOST_KEY.

    Exit code 0: proven. 1: not finished or not proven. 3: proven, and rows are in quarantine.
    """
    name = job or table.replace("/", "_")
    asked = Asked(
        table,
        target_table or table,
        mode,
        key,
        cursor,
        str(rules.resolve()) if rules else "",
        _masks(masks) if masks else {},
        items,
        following,
    )
    reading = Reading.parse(items, following)
    here, there = places(source, target, reading)
    folder = job_folder(jobs, name).make()
    with folder.opened(new=True) as store:
        store.keep("asked", msgspec.json.encode(asked).decode())
    order = order_of(
        name, asked, chunk=chunk, rate=rate or 0, replace=replace, accept_schema=accept_schema, follow=follow
    )
    conclude(copy(here, there, order, folder, show_progress), report)


def conclude(made: Report, file: Path | None) -> None:
    """Write the report of a run where it is wanted, tell it, and end with its exit code where that is not 0."""
    if file is not None:
        file.write_bytes(as_json(made))
    tell(made)
    if not made.proven:
        sys.exit(EXIT_UNPROVEN)
    if made.rows.quarantined:
        sys.exit(EXIT_QUARANTINE)


@click.group("job")
def jobs_group() -> None:
    """Look at a table job, pause it, mend what is in its quarantine."""


@jobs_group.command("status")
@click.argument("name")
@jobs_option
def status(name: str, jobs: Path) -> None:
    """The last report of a job, without its chunks, and its quarantine, as JSON."""
    folder = job_folder(jobs, name)
    with folder.opened() as store:
        facts: dict[str, object] = {"job": name, "wish": store.wish(), "quarantine": dict(store.counted())}
    last = folder.path / "report.json"
    if last.is_file():
        facts["report"] = {k: v for k, v in json.loads(last.read_bytes()).items() if k != "chunks"}
    click.echo(json.dumps(facts, ensure_ascii=False, indent=1))


@jobs_group.command("pause")
@click.argument("name")
@jobs_option
def pause(name: str, jobs: Path) -> None:
    """Let a running job stop after its chunk; the same copy command goes on."""
    with job_folder(jobs, name).opened() as store:
        store.keep("wish", "pause")


@jobs_group.command("cancel")
@click.argument("name")
@jobs_option
def cancel(name: str, jobs: Path) -> None:
    """Let a running job stop after its chunk and say that it was cancelled."""
    with job_folder(jobs, name).opened() as store:
        store.keep("wish", "cancel")


@jobs_group.command("drop")
@click.argument("name")
@click.argument("source")
@click.argument("target", required=False)
@jobs_option
def drop_slot(name: str, source: str, target: str | None, jobs: Path) -> None:
    """Remove replication slot and publication of a `--mode cdc` job from SOURCE; the rows in the target stay.

    With TARGET the slot's name is found there when the job's folder was lost.
    """
    folder = job_folder(jobs, name)
    here, there = places(source, target or source)
    with folder.make().opened(new=True) as store:
        fact = store.fact("asked")
    asked = msgspec.json.decode(fact, type=Asked) if fact else Asked("", "", "cdc", (), "", "", {})
    click.echo(drop(here, there if target else None, order_of(name, asked), folder))


def tell(report: Report) -> None:
    """The report in a terminal."""
    zh = os.environ.get("LANG", "").startswith("zh")
    held = report.rows
    click.echo(report.statement_zh if zh else report.statement_en)
    seconds = (report.finished - report.started).total_seconds()
    rate = int(held.source / seconds) if seconds else 0
    words = (
        f"新增 {held.inserted:,}，修改 {held.updated:,}，删除 {held.deleted:,}；{seconds:.1f} 秒，每秒 {rate:,} 行"
        if zh
        else f"{held.inserted:,} inserted, {held.updated:,} updated, {held.deleted:,} deleted; {seconds:.1f} s, {rate:,} rows/s"
    )
    click.echo(words)
    click.echo(report.guarantee_zh if zh else report.guarantee_en)


def places(source: str, target: str, reading: Reading | None = None) -> tuple[Place, Place]:
    """Both ends as addresses tell them; passwords of the environment. Raises: ConnectorError."""
    # a person at the command line reaches what their own rights reach
    given = os.environ.get
    here = Access(
        given("YW_SOURCE_PASSWORD", ""), given("YW_SOURCE_HOST_KEY", ""), given("YW_SOURCE_KEY_FILE", ""),
        given("YW_SOURCE_HEADER", ""), reading or Reading(),
    )  # fmt: skip
    there = Access(
        given("YW_TARGET_PASSWORD", ""), given("YW_TARGET_HOST_KEY", ""), given("YW_TARGET_KEY_FILE", "")
    )
    return (
        place_of(source, Reach(), here.password, here),
        place_of(target, Reach(), there.password, there),
    )


def order_of(
    name: str,
    asked: Asked,
    *,
    chunk: int = 100_000,
    rate: int = 0,
    replace: bool = False,
    accept_schema: bool = False,
    follow: bool = False,
) -> Order:
    """What is asked of the engine."""
    return Order(
        name, asked.table, asked.target_table, asked.mode, asked.key, asked.cursor, chunk, rate, replace, accept_schema,
        follow, compiled_for(read_rules(Path(asked.rules)).entries) if asked.rules else no_rules, asked.masks,
    )  # fmt: skip


def _masks(path: Path) -> dict[str, str]:
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        column, colon, kind = (part.strip() for part in line.partition("#")[0].rpartition(":"))
        if colon:
            found[column] = kind
        elif kind:
            raise TransferMaskUnfit(
                column=kind, mask="", reason_zh="缺少冒号", reason_en="the colon is missing"
            )
    return found


def job_folder(jobs: Path, name: str) -> JobFolder:
    """The folder of a job. Raises: TransferJobUnknown, for a name that is none."""
    if not name or Path(name).name != name or name.startswith("."):
        raise TransferJobUnknown(job=name)
    return JobFolder(jobs, name)


def show_progress(progress: Progress) -> None:
    """Progress on a terminal, in one line."""
    if not sys.stderr.isatty():
        return
    share = f" {progress.rows / progress.total:4.0%}" if progress.total else ""
    left = f", {progress.left:,.0f} s left" if progress.left is not None else ""
    end = "\n" if progress.left == 0 else ""
    sys.stderr.write(f"\r{progress.rows:,} rows{share}, {progress.rate:,.0f} rows/s{left}   {end}")
    sys.stderr.flush()
