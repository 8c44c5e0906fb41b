"""`yw serve`: run a node that exists, or a new empty one, until Ctrl-C."""

from __future__ import annotations

import os
from pathlib import Path

import click

from yiwang.bootstrap.launch import Launch


@click.command()
@click.option(
    "--port", default=8000, show_default=True, help="first of three loopback ports: pages, gateway, database"
)
@click.option("--data", "folder", type=click.Path(path_type=Path), default=Path(".yiwang"), show_default=True)
def command(port: int, folder: Path) -> None:
    """Serve a node. With YW_DATABASE_URL it uses that PostgreSQL; else the embedded one below --data."""
    launch = Launch(
        folder, port, mode=os.environ.get("YW_MODE", "production"), name=os.environ.get("YW_NODE", "lanzhou")
    )
    launch.run(ready=lambda: click.echo(f"ready: {launch.url}"))
