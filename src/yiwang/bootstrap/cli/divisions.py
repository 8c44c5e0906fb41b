"""`yw divisions`: boundaries of divisions, for the maps of figures and records."""

from __future__ import annotations

import json
from pathlib import Path

import click

from yiwang.bootstrap.cli.exchange import acting_officer, as_option, data_option


@click.group("divisions", short_help="行政区划：导入边界")
def command() -> None:
    """Administrative divisions 行政区划 on maps."""


@command.command("boundaries")
@data_option
@as_option
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--source", required=True, help="who drew them, as it stands under each map")
@click.option("--review", default="", metavar="NUMBER", help="review number 审图号 of the map they come from")
@click.option(
    "--member", default="", help="member of the properties that holds the code; default: code, adcode, …"
)
def load(folder: Path, username: str, file: Path, source: str, review: str, member: str) -> None:
    """Load boundaries from a GeoJSON FILE in degrees; those of the same divisions are replaced, all or none."""
    with acting_officer(folder, username) as actor:
        from yiwang.blocks.organisation import public as organisation

        found = organisation.read_boundaries(file.read_bytes(), member)
        count = organisation.load_boundaries(actor, found, source, review)
        click.echo(json.dumps({"boundaries": count}, ensure_ascii=False))
