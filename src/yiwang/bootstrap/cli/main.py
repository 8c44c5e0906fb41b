"""`yw`: the one command. Verbs load their module only when they are called, so that `yw --help` is quick."""

from __future__ import annotations

import importlib
import os
import sys

import click

from yiwang import __version__
from yiwang.vocabulary.errors import YwError

VERBS: dict[str, tuple[str, str]] = {
    "bench": ("bench", "measure a performance claim beside its ceiling"),
    "cascade": (
        "cascade_asked",
        "join nodes of nation, province and city; peers, keys, alarms, requests, disputes, needs, data given back",
    ),
    "catalogue": ("catalogue", "draft the catalogue from existing databases and files"),
    "check": ("check", "check identifiers or divisions in a column of a CSV file"),
    "client": (
        "client_session",
        "call a resource: query, verify, files, follow its changes, keep the evidence",
    ),
    "demand": ("demand", "list and show needs of supply and demand"),
    "demo": ("demo", "set up a fictional city, run the main job once and serve it"),
    "divisions": ("divisions", "load boundaries of divisions for maps"),
    "evidence": ("evidence", "verify a bundle, export trusted keys, audit the journal"),
    "exchange": ("exchange_targets", "copy tables, run table jobs of a node, test sources, check mounts"),
    "keys": ("keys", "list and replace the node's keys, seal values anew"),
    "manage": ("manage", "run a Django management command on a node"),
    "psql": ("psql", "open PostgreSQL's shell on the embedded server"),
    "quality": ("quality", "judge a file by rules: counts, score, report"),
    "serve": ("serve", "serve an existing node"),
    "standards": ("standards", "data elements, and how far a file keeps to them"),
    "subscriptions": ("subscriptions", "list, pause, resume and replay subscriptions to changes"),
    "system": (
        "system_running",
        "declare a system: begin, check, plan, apply and try a package, count its figures",
    ),
    "test": ("test", "run every check and all tests"),
}


class Verbs(click.Group):
    """A group whose commands live in `yiwang.bootstrap.cli.<verb>` under the name `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every verb, in alphabetical order."""
        del ctx
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the verb's module and return its command."""
        del ctx
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"yiwang.bootstrap.cli.{VERBS[cmd_name][0]}")
        command = module.command
        if not isinstance(command, click.Command):
            raise TypeError(f"{module.__name__}.command is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing them."""
        del ctx
        with formatter.section("Verbs"):
            formatter.write_dl([(name, VERBS[name][1]) for name in self.list_commands(click.Context(self))])


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="yw")
def group() -> None:
    """Yiwang 一网: a region's government shares data and serves people."""


def main() -> None:
    """Run the command line; an error of ours is told in the caller's language, with what to do, and exits 2."""
    try:
        group(prog_name="yw")
    except YwError as error:
        language = "zh" if os.environ.get("LANG", "").startswith("zh") else "en"
        click.echo(f"yw: {error.text(language)}", err=True)
        click.echo(f"    {error.mend(language)}  [{error.code}]", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
