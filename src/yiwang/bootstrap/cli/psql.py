"""`yw psql`: PostgreSQL's own shell on a node's embedded server, for the person who runs the machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from yiwang.bootstrap.embedded import SUPERUSER, binaries
from yiwang.bootstrap.node import NodeFolder
from yiwang.bootstrap.running import database_of


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--data", "folder", type=click.Path(path_type=Path), default=Path(".yiwang"), show_default=True)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(folder: Path, arguments: tuple[str, ...]) -> None:
    """Run psql as the superuser of the embedded server; further ARGUMENTS go to psql (`-d NAME`, `-c SQL` …).

    Whoever can read the node's folder can do everything with its database: that is why evidence is signed.
    """
    node = NodeFolder(folder)
    secret = node.folder / "postgres" / "superuser.password"
    if not secret.exists():
        raise click.UsageError(f"{node.folder} has no embedded server; use psql with your own URL")
    with database_of(node) as urls:
        told = {
            **os.environ,
            "PGHOST": "127.0.0.1",
            "PGPORT": str(urlsplit(urls.owner).port),
            "PGUSER": SUPERUSER,
            "PGPASSWORD": secret.read_text(encoding="ascii"),
            "PGDATABASE": os.environ.get("PGDATABASE", "postgres"),
        }
        done = subprocess.run([str(binaries() / "psql"), *arguments], env=told, check=False)
    sys.exit(done.returncode)
