"""`yw exchange targets`: the databases that an agency's table jobs write to, in the name of one of its accounts.

The same actions, rights and checks as on the pages. A password comes from a file or is asked for; no option takes it,
since a command line stands in the list of processes and in the shell's history.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO

import click

from yiwang.bootstrap.cli.exchange import acting_officer, as_option, data_option
from yiwang.bootstrap.cli.exchange_jobs import command, in_json, mistakes_told
from yiwang.dataplane.connectors.places import TARGETS

__all__ = ["command"]
LONGEST_PASSWORD = 500


@command.group("targets")
def targets() -> None:
    """Databases that table jobs of a node write to, as one of its accounts."""


@targets.command("list")
@data_option
@as_option
def list_targets(folder: Path, username: str) -> None:
    """Print the databases of the account's agency, without their passwords, and how many jobs write to each."""
    with acting_officer(folder, username) as actor:
        from yiwang.blocks.delivery import public as delivery

        for row in delivery.targets(actor):
            in_json(row)


@targets.command("add")
@data_option
@as_option
@click.option("--name", required=True, help="what people call it")
@click.option("--server", type=click.Choice(sorted(TARGETS)), default="postgresql", show_default=True)
@click.option("--host", required=True, help="host name or IP address, of the operator's list")
@click.option("--port", type=click.IntRange(1, 65535), help="[default: 5432, of mysql 3306]")
@click.option("--database", required=True, metavar="NAME")
@click.option("--user", required=True, help="a user that may write to this database alone")
@click.option(
    "--password-file", "password_file", type=click.File("r", encoding="utf-8"), metavar="FILE",
    help="holds the password in its first line; - for standard input. Without it the password is asked for",
)  # fmt: skip
def add_target(
    folder: Path, username: str, name: str, server: str, host: str, port: int | None, database: str, user: str,
    password_file: IO[str] | None,
) -> None:  # fmt: skip
    """Register a database after it answered; prints it. The password is sealed and never shown again."""
    password = _password(password_file)
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.delivery import public as delivery

        form = delivery.TargetForm(
            name, host, database, user, password, server, port or (5432 if server == "postgresql" else 3306)
        )
        with mistakes_told():
            number = delivery.add_target(actor, form, timezone.now())
        in_json(next(row for row in delivery.targets(actor) if row.id == number))


@targets.command("remove")
@data_option
@as_option
@click.argument("number")
def remove_target(folder: Path, username: str, number: str) -> None:
    """Forget the database NUMBER, to which no job writes. What stands in it stays."""
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.delivery import public as delivery

        delivery.remove_target(actor, number, timezone.now())
        in_json({"removed": number})


def _password(file: IO[str] | None) -> str:
    if file is None:
        return str(click.prompt("Password of the user", hide_input=True, err=True))
    line = file.readline(LONGEST_PASSWORD + 2).rstrip("\r\n")
    if not 0 < len(line) <= LONGEST_PASSWORD:
        raise click.BadParameter(
            f"its first line is the password, of 1 to {LONGEST_PASSWORD} characters",
            param_hint="--password-file",
        )
    return line
