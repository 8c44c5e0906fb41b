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
    embedded server; otherwise the store tests are first run on Debian's PostgreSQL 15 (not with --only-tests).
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
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-ra", *marks, *spread, *(arguments or ["tests"])],
            cwd=ROOT, env=told, check=False,
        )  # fmt: skip
    sys.exit(done.returncode)


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
