"""`yw test`: style, types, import contracts, migrations and all tests."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[4]
BIN = Path(sys.executable).parent
_SPREAD = ["-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadgroup", "--no-loadscope-reorder"]
"""One process a core, each with its own database server; what belongs together is told by tests/conftest.py."""
_EITHER = (
    "capturing",
    "census",
    "delivery",
    "exchange",
    "journal",
    "quality",
    "registry",
    "subscriptions",
    "systems",
    "transfer",
)
"""Folders of the store tests that are run on PostgreSQL 15 and on the embedded server: they follow the database's log, read
its catalogue, change tables, make partitions, triggers, roles and policies, and compile SQL for it.

What the others ask of a server are the node's own tables and plain statements. A statement that PostgreSQL 15 takes, later ones
take as well; so these are run on 15 alone, and again on the embedded server by the tests of pages, gateways and journeys.
With --long all are run on both."""
_PLAIN = {
    "capturing": ("kills", "resealing", "sealed_spool"),
    "census": ("mariadb", "sqlite"),
    "delivery": ("cases", "faults", "limits", "mended_rows", "targets_by_command"),
    "exchange": (
        "announcing", "batches", "bundles", "command_line", "concurrency", "edges", "keeping", "phrases", "repeating",
        "requests", "sandboxes", "search_of_mounts", "tick",
    ),
    "journal": ("calls", "queries", "standing", "usage_sums"),
    "quality": ("sealed", "tickets"),
    "registry": (
        "calls_counted", "figures", "files", "interface", "loading_by_sets", "loads_that_go_on", "moving_sealed_values",
        "one_journey", "resealing", "roles", "stories", "work_on_records",
    ),
    "subscriptions": ("hooks", "killed_sender"),
    "transfer": ("checks_on_the_way", "faults", "kills", "mariadb", "refused_and_mended"),
}  # fmt: skip
"""Files of those folders that are like the others: they are about keys, files on the node's disk, processes that are killed,
deadlines, command lines or another kind of server, over tables that the other files of the folder make on both servers."""
_CHECKS = (
    ("types", [str(BIN / "mypy")]),
    ("style", [str(BIN / "ruff"), "check", "."]),
    ("format", [str(BIN / "ruff"), "format", "--check", "."]),
    ("import contracts", [str(BIN / "lint-imports")]),
    (
        "migrations",
        [sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run", "--verbosity", "1"],
    ),
)
"""The longest comes first: the others are done beside it."""


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--long", "long_too", is_flag=True, help="also run crash loops, big files and big migrations")
@click.option("--only-tests", is_flag=True, help="leave out style, types, contracts and migrations")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(long_too: bool, only_tests: bool, arguments: tuple[str, ...]) -> None:
    """Run all checks and tests.

    Further arguments go to pytest. Where they name files or folders, or choose by -k, only those tests are run, on the
    embedded server; otherwise the store tests are first run on Debian's PostgreSQL 15 (not with --only-tests), and then
    those of them again on the embedded server whose outcome may depend on the server.
    """
    with tempfile.TemporaryDirectory(prefix="yw-bytecode-") as bytecode:
        told = {**os.environ, "DJANGO_SETTINGS_MODULE": "yiwang.bootstrap.settings", "PYTHONUNBUFFERED": "1"}
        if told.pop("PYTHONDONTWRITEBYTECODE", None):
            # whoever wants none in the tree gets none there; compiled by each of hundreds of processes, it costs minutes
            told["PYTHONPYCACHEPREFIX"] = bytecode
        chosen = "-k" in arguments or any((ROOT / one.partition("::")[0]).exists() for one in arguments)
        if not only_tests:
            _check(told)
            if not chosen:
                _store_tests_on_debians_server(told)
        marks = [] if long_too else ["-m", "not long"]
        # crash loops and big files want the machine for themselves; a choice of tests is too small to be spread
        spread = [] if long_too or arguments else _SPREAD
        done_on_15 = [] if long_too or only_tests or chosen else _only_on_15()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-ra", *marks, *spread, *done_on_15, *(arguments or ["tests"])],
            cwd=ROOT, env=told, check=False,
        )  # fmt: skip
    sys.exit(done.returncode)


def _only_on_15() -> list[str]:
    """Words that leave out what has just been run on PostgreSQL 15 and need not be run on another."""
    folders = sorted(
        one for one in (ROOT / "tests" / "store").iterdir() if one.is_dir() and one.name[:1].isalpha()
    )
    files = [folder / f"test_{name}.py" for folder in folders for name in _PLAIN.get(folder.name, ())]
    left_out = [*(one for one in folders if one.name not in _EITHER), *files]
    return [f"--ignore={one.relative_to(ROOT)}" for one in left_out]


def _check(told: dict[str, str]) -> None:
    """All checks, two beside one another; ends the command where one fails."""

    def run(words: list[str]) -> tuple[int, str, float]:
        started = time.monotonic()
        done = subprocess.run(words, cwd=ROOT, env=told, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr, time.monotonic() - started

    failed = []
    with ThreadPoolExecutor(2) as beside:
        for (name, _), (code, output, took) in zip(
            _CHECKS, beside.map(run, [words for _, words in _CHECKS]), strict=True
        ):
            click.echo(f"{name}: {'ok' if code == 0 else 'FAILED'} ({took:.0f} s)")
            if code != 0:
                failed.append(output)
    if failed:
        click.echo("\n".join(failed))
        sys.exit(1)


def _store_tests_on_debians_server(told: dict[str, str]) -> None:
    """The SQL is written for PostgreSQL 15: the store tests, but for the long ones, also pass on Debian's."""
    folder = Path("/usr/lib/postgresql/15/bin")
    if not (folder / "postgres").exists():
        click.echo("store tests on PostgreSQL 15: the server is missing; install Debian's postgresql-15")
        sys.exit(1)
    click.echo("store tests on PostgreSQL 15")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "not long", *_SPREAD, "tests/store"],
        cwd=ROOT,
        env={**told, "YW_TEST_POSTGRES": str(folder)},
        check=False,
    )
    if done.returncode != 0:
        sys.exit(1)
