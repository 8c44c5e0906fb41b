"""`yw bench NAME`: run one file of `benchmarks/`; its last line is one JSON object."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[4]


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("name", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(name: str | None, arguments: tuple[str, ...]) -> None:
    """Measure NAME beside its ceiling or peer in the same run; without NAME, list what can be measured."""
    folder = ROOT / "benchmarks"
    known = sorted(file.stem for file in folder.glob("*.py") if not file.stem.startswith("_"))
    if name is None:
        click.echo("\n".join(known))
        return
    if name not in known:
        raise click.UsageError(f"no benchmark {name!r}; there are: {', '.join(known)}")
    sys.path.insert(0, str(ROOT))
    sys.argv = [f"yw bench {name}", *arguments]
    runpy.run_module(f"benchmarks.{name}", run_name="__main__")
