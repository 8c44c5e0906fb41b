"""`yw exchange jobs`: table jobs of a node under a grant, for operators and scripts, in the name of an account.

The same actions, rights and checks as on the pages; what is printed is JSON, one object a line.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, get_args

import click
import msgspec

from yiwang.bootstrap.cli.exchange import acting_officer, as_option, command, data_option
from yiwang.vocabulary.delivering import JOB_WAYS, JobWay
from yiwang.vocabulary.forms import Mistaken

if TYPE_CHECKING:
    from yiwang.blocks.identity.public import Actor

__all__ = ["command"]
Side = Literal["consumer", "provider"]
Decorated = Callable[..., None]


@command.group("jobs")
def jobs() -> None:
    """Table jobs 库表作业 of a node under a grant, as one of its accounts. Without a node: `yw exchange copy`."""


@jobs.command("list")
@data_option
@as_option
@click.option(
    "--side", type=click.Choice(get_args(Side)), help="jobs that bring data to the agency, or read its own"
)
@click.option("--grant", default="", metavar="G", help="under this grant alone: NUMBER or NUMBER@NODE")
@click.option("--resource", default="", metavar="CODE", help="of this resource alone")
@click.option(
    "--state", type=click.Choice(["open", "active", "paused", "failed", "ended"]), default="open", show_default=True,
    help="how they stand; open: all that have not ended",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(1, 500), default=100, show_default=True)
def list_jobs(
    folder: Path, username: str, side: str | None, grant: str, resource: str, state: str, limit: int
) -> None:
    """Print jobs of the account's agency on either side, those under way first."""
    with acting_officer(folder, username) as actor:
        from yiwang.blocks.delivery import public as delivery

        found = delivery.jobs(
            actor, side=side or "", grant=grant, resource=resource, state=state, per_page=limit
        )
        for row in found.rows:
            in_json(row)


@jobs.command("show")
@data_option
@as_option
@click.argument("number")
def show_job(folder: Path, username: str, number: str) -> None:
    """Print the job NUMBER with its runs and what of it waits in quarantine, masked."""
    with acting_officer(folder, username) as actor:
        _show(actor, number)


@jobs.command("targets")
@data_option
@as_option
def list_targets(folder: Path, username: str) -> None:
    """Print the databases that jobs of the account's agency may write to; `yw exchange targets` keeps them."""
    with acting_officer(folder, username) as actor:
        from yiwang.blocks.delivery import public as delivery

        for row in delivery.targets(actor):
            in_json(row)


def clocked(function: Decorated) -> Decorated:
    """Options of a job's clock, turn, pace and case."""
    for option in (
        click.option("--case", metavar="NO", help="number of the case that the rows are needed for, where the grant asks for one"),
        click.option("--rate", type=click.IntRange(0), help="rows a second at most; 0: without limit"),
        click.option("--priority", type=click.IntRange(1, 9), help="1 goes first, 9 last  [default: 5]"),
        click.option("--follow/--no-follow", default=None, help="of mode cdc: goes on without a clock"),
        click.option("--workdays/--any-day", default=None, help="on working days alone"),
        click.option("--cron", metavar="EXPR", help='five fields in the node\'s zone; "" for none'),
    ):  # fmt: skip
        function = option(function)
    return function


@jobs.command("create")
@data_option
@as_option
@click.option(
    "--grant", required=True, metavar="G", help="number of the grant; NUMBER@NODE of another node's"
)
@click.option(
    "--target", required=True, metavar="T", help="number of the target database, see `yw exchange targets`"
)
@click.option(
    "--table", required=True, metavar="TABLE", help="TABLE or SCHEMA.TABLE in it, made if it is not there"
)
@click.option("--name", required=True, help="what people call it")
@click.option("--mode", type=click.Choice(JOB_WAYS), default="full", show_default=True,
              help="whole, what is new, compared, or (this node's tables alone) changes captured from the source's log")  # fmt: skip
@click.option("--cursor", default="", metavar="ITEM", help="of mode incremental: the item that only grows")
@clocked
@click.option("--check", type=click.Choice(["none", "resource"]), default="none", show_default=True,
              help="judge rows by the quality rules of the resource")  # fmt: skip
@click.option(
    "--rules", type=click.File("r", encoding="utf-8"), metavar="FILE", help="judge rows by rules of your own"
)
@click.option("--replace", is_flag=True, help="the table may hold other rows, which go")
@click.option("--run", "begin", is_flag=True, help="begin at once")
def create_job(
    folder: Path,
    username: str,
    grant: str,
    target: str,
    table: str,
    name: str,
    mode: JobWay,
    cursor: str,
    cron: str | None,
    workdays: bool | None,
    follow: bool | None,
    priority: int | None,
    rate: int | None,
    case: str | None,
    check: str,
    rules: IO[str] | None,
    replace: bool,
    begin: bool,
) -> None:
    """Make a job under a grant; prints it."""
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.delivery import public as delivery

        form = delivery.JobForm(
            grant, target, name, table, mode=mode, cursor=cursor, cron=cron or "", workdays=bool(workdays),
            priority=5 if priority is None else priority, rate=rate or 0, check="own" if rules else check,
            rules=rules.read() if rules else "", replace=replace, follow=bool(follow), case=case or "",
        )  # fmt: skip
        with mistakes_told():
            number = delivery.create_job(actor, form, timezone.now(), run=begin)
        _show(actor, number)


@jobs.command("change")
@data_option
@as_option
@click.argument("number")
@click.option("--name", help="what people call it")
@clocked
def change_job(
    folder: Path,
    username: str,
    number: str,
    name: str | None,
    cron: str | None,
    workdays: bool | None,
    follow: bool | None,
    priority: int | None,
    rate: int | None,
    case: str | None,
) -> None:
    """Change name, clock, turn, pace or case of the job NUMBER; what is not named stays. Prints it."""
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.delivery import public as delivery

        row = delivery.job(actor, number).row
        form = delivery.ChangeForm(
            row.name if name is None else name, row.cron if cron is None else cron,
            row.workdays if workdays is None else workdays, row.priority if priority is None else priority,
            row.rate if rate is None else rate, row.follow if follow is None else follow, case,
        )  # fmt: skip
        with mistakes_told():
            delivery.change_job(actor, number, form, timezone.now())
        _show(actor, number)


STEPS = {
    "run": "Run the job NUMBER now; one that failed goes on where it stopped.",
    "pause": "Stop the job NUMBER after its present chunk, and begin nothing by its clock.",
    "resume": "Let the job NUMBER go on: at its checkpoint, where a run was stopped.",
    "cancel": "Stop the present run of the job NUMBER; one that captures changes drops its slot at the source.",
    "accept": "Let the job NUMBER go on although its source has narrowed.",
    "end": "End the job NUMBER for good: what was delivered stays, rows in quarantine are destroyed.",
}


def _steps() -> None:
    for step, words in STEPS.items():

        @jobs.command(step, help=f"{words} Prints the job.")
        @data_option
        @as_option
        @click.argument("number")
        def take(folder: Path, username: str, number: str, step: str = step) -> None:
            with acting_officer(folder, username) as actor:
                from django.utils import timezone

                _step(step)(actor, number, timezone.now())
                _show(actor, number)


_steps()


@jobs.command("report")
@data_option
@as_option
@click.argument("number")
@click.option("--run", "run", type=int, help="number of the run; else the last one that has a report")
def report(folder: Path, username: str, number: str, run: int | None) -> None:
    """Print the report of a run of the job NUMBER: its proof, with the digest and the event that stand in the evidence."""
    with acting_officer(folder, username) as actor:
        from yiwang.blocks.delivery import public as delivery

        wanted = run
        if wanted is None:
            wanted = next((one.id for one in delivery.job(actor, number).runs if one.digest), 0)
        in_json(delivery.report(actor, number, wanted))


@jobs.group("quarantine")
def quarantine() -> None:
    """Rows of a job that may not pass; they are shown masked."""


@quarantine.command("list")
@data_option
@as_option
@click.argument("number")
def list_held(folder: Path, username: str, number: str) -> None:
    """Print the first rows in the quarantine of the job NUMBER."""
    with acting_officer(folder, username) as actor:
        from yiwang.blocks.delivery import public as delivery

        for row in delivery.job(actor, number).held:
            in_json(row)


@quarantine.command("mend")
@data_option
@as_option
@click.argument("number")
@click.argument("row", type=int)
@click.option("--values", required=True, type=click.File("r", encoding="utf-8"), metavar="FILE",
              help='a JSON object by item, such as {"注册资本": "9999"}; "NULL" empties a value; - for standard input')  # fmt: skip
def mend(folder: Path, username: str, number: str, row: int, values: IO[str]) -> None:
    """Say what the ROW of the job NUMBER should be; it is written with the next replay."""
    try:
        changes = msgspec.json.decode(values.read(), type=dict[str, str])
    except msgspec.DecodeError as error:
        raise click.BadParameter(
            f"a JSON object of texts is expected ({error})", param_hint="--values"
        ) from None
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.delivery import public as delivery

        with mistakes_told():
            delivery.mend_row(actor, number, row, changes, timezone.now())
        in_json(delivery.held_row(actor, number, row))


@quarantine.command("discard")
@data_option
@as_option
@click.argument("number")
@click.argument("row", type=int)
@click.option("--reason", required=True, help="why it stays out")
def discard(folder: Path, username: str, number: str, row: int, reason: str) -> None:
    """Leave the ROW of the job NUMBER out for good."""
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.delivery import public as delivery

        with mistakes_told():
            delivery.discard_row(actor, number, row, reason, timezone.now())
        in_json(delivery.held_row(actor, number, row))


@quarantine.command("replay")
@data_option
@as_option
@click.argument("number")
def replay(folder: Path, username: str, number: str) -> None:
    """Have the mended rows of the job NUMBER judged again and written by the node's worker. Prints the job."""
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.delivery import public as delivery

        delivery.replay_rows(actor, number, timezone.now())
        _show(actor, number)


def _step(name: str) -> Callable[[Actor, str, datetime], None]:
    from yiwang.blocks.delivery import public as delivery

    return {
        "run": delivery.run_job, "pause": delivery.pause_job, "resume": delivery.resume_job,
        "cancel": delivery.cancel_run, "accept": delivery.accept_schema, "end": delivery.end_job,
    }[name]  # fmt: skip


def _show(actor: Actor, number: str) -> None:
    from yiwang.blocks.delivery import public as delivery

    in_json(delivery.job(actor, number))


def in_json(facts: object) -> None:
    """Print one object in a line."""
    click.echo(msgspec.json.encode(facts, order="deterministic").decode())


@contextmanager
def mistakes_told() -> Iterator[None]:
    """What is wrong with a form, one line each, before the error itself."""
    try:
        yield
    except Mistaken as error:
        zh = os.environ.get("LANG", "").startswith("zh")
        for problem in error.problems:
            click.echo(f"  {problem.where}: {problem.zh if zh else problem.en}", err=True)
        raise
