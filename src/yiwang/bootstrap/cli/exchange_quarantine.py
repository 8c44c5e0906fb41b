"""Rows in the quarantine of a table job without a server: looked at masked, mended by a file, replayed or left out."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import click
import msgspec

from yiwang.bootstrap.cli.exchange_copy import (
    EXIT_UNPROVEN,
    Asked,
    job_folder,
    jobs_group,
    jobs_option,
    order_of,
    places,
)
from yiwang.dataplane.connectors.remote import Reading
from yiwang.dataplane.transfer.errors import TransferJobUnknown
from yiwang.dataplane.transfer.keeping import Held, JobStore, masked_view
from yiwang.dataplane.transfer.running import replay
from yiwang.dataplane.transfer.values import written

__all__ = ["jobs_group"]


@jobs_group.group("quarantine")
def quarantine() -> None:
    """Rows that may not pass."""


@quarantine.command("list")
@click.argument("name")
@jobs_option
def list_rows(name: str, jobs: Path) -> None:
    """Number, state and reasons of each row; values are masked."""
    with job_folder(jobs, name).opened() as store:
        for held in store.rows():
            click.echo(f"{held.number}  {held.state}  {'; '.join(held.reasons)}")


@quarantine.command("show")
@click.argument("name")
@click.argument("number", type=int)
@click.option("--clear", is_flag=True, help="show the values themselves")
@jobs_option
def show_row(name: str, number: int, clear: bool, jobs: Path) -> None:
    """One row, masked but for its key, as JSON."""
    with job_folder(jobs, name).opened() as store:
        held = _row(store, name, number)
        values: Mapping[str, object] = (
            {k: None if v is None else written(v) for k, v in held.found.items()}
            if clear
            else masked_view(held)
        )
        click.echo(
            json.dumps(
                {"number": number, "state": held.state, "reasons": list(held.reasons), "row": values},
                ensure_ascii=False,
            )
        )


@quarantine.command("mend")
@click.argument("name")
@click.argument("number", type=int)
@click.option("--set", "changes", multiple=True, help="COLUMN=VALUE; COLUMN= alone is NULL")
@click.option(
    "--values", type=click.File("r", encoding="utf-8"), metavar="FILE",
    help='a JSON object by column, such as {"capital": "9999", "note": null}; - for standard input',
)  # fmt: skip
@jobs_option
def mend_row(name: str, number: int, changes: tuple[str, ...], values: IO[str] | None, jobs: Path) -> None:
    """Say what the row should be; `replay` writes it. Personal values belong into a file, not on the command line."""
    given = dict(_read(values)) if values is not None else {}
    for change in changes:
        column, _, value = change.partition("=")
        given[column] = value or None
    if not given:
        raise click.UsageError("say what changes, with --values or --set")
    with job_folder(jobs, name).opened() as store:
        held = _row(store, name, number)
        known = dict(held.mended or held.found)
        for column in given:
            if column not in known:
                raise click.BadParameter(f"there is no column {column}; there are: {', '.join(known)}")
        store.mend(held, known | given)


@quarantine.command("discard")
@click.argument("name")
@click.argument("number", type=int)
@jobs_option
def discard_row(name: str, number: int, jobs: Path) -> None:
    """Say that the row shall stay out."""
    with job_folder(jobs, name).opened() as store:
        store.mark(_row(store, name, number).number, "discarded")


@quarantine.command("replay")
@click.argument("name")
@click.argument("source")
@click.argument("target")
@jobs_option
def replay_rows(name: str, source: str, target: str, jobs: Path) -> None:
    """Judge the mended rows again and write those that may pass; exit code 1 when one still may not."""
    folder = job_folder(jobs, name)
    with folder.opened() as store:
        fact = store.fact("asked")
    if not fact:
        raise TransferJobUnknown(job=name)
    asked = msgspec.json.decode(fact, type=Asked)
    here, there = places(source, target, Reading.parse(asked.items, asked.following))
    tell_replayed(replay(here, there, order_of(name, asked), folder))


def tell_replayed(told: Mapping[int, tuple[str, ...]]) -> None:
    """Tell what became of each row, and end with exit code 1 where one still may not pass."""
    for number, reasons in told.items():
        click.echo(f"{number}  {'; '.join(reasons) or 'replayed'}")
    if any(told.values()):
        sys.exit(EXIT_UNPROVEN)


def _read(values: IO[str]) -> Mapping[str, str | None]:
    try:
        return msgspec.json.decode(values.read(), type=dict[str, str | None])
    except msgspec.DecodeError as error:
        raise click.BadParameter(
            f"a JSON object of texts is expected ({error})", param_hint="--values"
        ) from None


def _row(store: JobStore, name: str, number: int) -> Held:
    found = next((held for held in store.rows() if held.number == number), None)
    if found is None:
        raise click.BadParameter(f"job {name} has no row {number} in quarantine")
    return found
