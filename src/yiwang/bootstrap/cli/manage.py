"""`yw manage`: Django's management commands on a node, as its application role or as the owner."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

from yiwang.bootstrap.node import NodeFolder, Ports, environment
from yiwang.bootstrap.running import database_of


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--data", "folder", type=click.Path(path_type=Path), default=Path(".yiwang"), show_default=True)
@click.option("--owner", is_flag=True, help="connect as the owner of the tables (migrations)")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(folder: Path, owner: bool, arguments: tuple[str, ...]) -> None:
    """Run a Django management command, such as `migrate` or `showmigrations`."""
    node = NodeFolder(folder)
    with database_of(node) as urls:
        told = environment(
            node, Ports.from_first(8000), urls, mode=os.environ.get("YW_MODE", "demo"), name="lanzhou"
        )
        if owner:
            told["YW_DATABASE_URL"] = urls.owner
        done = subprocess.run(
            [sys.executable, "-m", "yiwang.bootstrap.starting", *arguments], env=told, check=False
        )
    sys.exit(done.returncode)
