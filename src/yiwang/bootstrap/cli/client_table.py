"""`yw client table`: a whole table of another node into one's own database, through one's own gateway.

`yw client quarantine`: rows of it that may not pass. Nothing is asked of the owner again for them.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import Unpack

import click
import msgspec

from yiwang.bootstrap.cli.client import Target, calling, command, opened
from yiwang.bootstrap.cli.exchange_copy import (
    Asked,
    conclude,
    job_folder,
    jobs_option,
    order_of,
    show_progress,
)
from yiwang.bootstrap.cli.exchange_quarantine import (
    discard_row,
    list_rows,
    mend_row,
    show_row,
    tell_replayed,
)
from yiwang.client import Client
from yiwang.client.tables import Tables
from yiwang.dataplane.connectors.places import Place, Reach, place_of
from yiwang.dataplane.connectors.remote import Access
from yiwang.dataplane.transfer.beyond import NodeSource
from yiwang.dataplane.transfer.beyond_wire import Act
from yiwang.dataplane.transfer.errors import TransferJobUnknown
from yiwang.dataplane.transfer.keeping import JobFolder
from yiwang.dataplane.transfer.planning import Order
from yiwang.dataplane.transfer.report import Report, as_json
from yiwang.dataplane.transfer.running import copy, replay
from yiwang.vocabulary.delivering import WAYS, Way

_RUN = "node-run"
"""The fact of a job's folder that names the run under way, so that one that was cut off goes on as the same."""
_ASKED = "node-asked"
"""The fact that tells what such a job was asked to do, for its replay."""


@command.command("table")
@click.argument("code")
@click.argument("target")
@click.option("--to", "table", required=True, metavar="TABLE", help="table of the target")
@click.option("--mode", type=click.Choice(WAYS), default="full", show_default=True)
@click.option("--cursor", default="", metavar="F", help="field that only grows, for --mode incremental")
@click.option("--purpose", required=True, metavar="P", help="item:<service item> or law:<law>#<article>")
@click.option("--grant", metavar="G", help="grant, where several fit")
@click.option("--job", metavar="NAME", help="name of the job; default: made of CODE")
@click.option("--rate", type=click.IntRange(min=1), metavar="N", help="rows a second at most")
@click.option(
    "--chunk", type=click.IntRange(1, 1_000_000), default=20_000, show_default=True, help="rows of a chunk"
)
@click.option("--replace", is_flag=True, help="the target may hold other rows; it will equal the source")
@click.option("--accept-schema", is_flag=True, help="go on although the source lost or narrowed fields")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="write the report as JSON")
@click.option(
    "--evidence", type=click.Path(dir_okay=False, path_type=Path), help="write the receipt's bundle here"
)
@jobs_option
@calling
def table(
    code: str, target: str, table: str, mode: Way, cursor: str, purpose: str, grant: str | None, job: str | None,
    rate: int | None, chunk: int, replace: bool, accept_schema: bool, report: Path | None, evidence: Path | None,
    jobs: Path, **options: Unpack[Target],
) -> None:  # fmt: skip
    """Copy the table of the resource CODE@NODE into TARGET and prove that nothing was lost.

    TARGET is an address as `yw exchange copy` takes them. Run it again under the same job: it goes on where it stood.
    The owner gives one run a period of the grant; `yw exchange job` shows and pauses the job.

    Exit codes: 0 proven, 1 not finished or not proven, 3 refused, or rows in quarantine, others as `yw client` has them.
    """
    name = job or code.replace("/", "_").replace("@", "_")
    there = _target(target)
    order = Order(name, code, table, mode, (), cursor, chunk, rate or 0, replace, accept_schema)
    folder = job_folder(jobs, name).make()
    with opened(options) as client:
        asked = Tables(client, code, purpose=purpose, grant=grant)
        made = run_table(client, asked, order, mode, there, folder)
        if evidence is not None and asked.last is not None:
            asked.last.save(evidence)
    conclude(made, report)


def run_table(
    client: Client, asked: Tables, order: Order, way: Way, target: Place, folder: JobFolder
) -> Report:
    """One run of a job whose source is another node; confirmed to the owner once it is proven.

    Raises: TransferError, ConnectorError, ClientError.
    """

    def ask(act: Act) -> bytes:
        return asked.ask(msgspec.json.encode(act))

    with folder.opened(new=True) as store:
        run = store.fact(_RUN) or secrets.token_hex(16)
        store.keep(_RUN, run)
        asked_for = Asked(order.table, order.target_table, order.mode, (), order.cursor, "", {})
        store.keep(_ASKED, msgspec.json.encode(asked_for).decode())
    source = NodeSource(f"node:{order.table} ({client.gateway})", ask, run, way)
    made = copy(source, target, order, folder, show_progress)
    if made.status == "done" and made.proven:
        source.confirm(made.rows.passed, hashlib.sha256(as_json(made)).hexdigest())
        with folder.opened() as store:
            store.keep(_RUN, "")
    return made


@command.group("quarantine")
def quarantine() -> None:
    """Rows of a table of another node that may not pass: looked at, mended, written into TARGET."""


for verb in (list_rows, show_row, mend_row, discard_row):
    quarantine.add_command(verb)


@quarantine.command("replay")
@click.argument("name")
@click.argument("target")
@jobs_option
def replay_rows(name: str, target: str, jobs: Path) -> None:
    """Judge the mended rows of the job NAME again and write into TARGET those that may pass.

    Needs neither gateway nor grant: the rows were received already. Exit code 1 when one still may not pass.
    """
    folder = job_folder(jobs, name)
    with folder.opened() as store:
        fact = store.fact(_ASKED)
    if not fact:
        raise TransferJobUnknown(job=name)
    asked = msgspec.json.decode(fact, type=Asked)
    tell_replayed(replay(None, _target(target), order_of(name, asked), folder))


def _target(address: str) -> Place:
    access = Access(os.environ.get("YW_TARGET_PASSWORD", ""))
    return place_of(address, Reach(), access.password, access)
