"""Target databases by command: registered with a password out of a file or typed, listed without it, removed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.store.delivery.cast import Stage
from tests.store.exchange.cast import WANG_MIN, ZHOU_HANG
from yiwang.blocks.delivery.domain import errors
from yiwang.blocks.identity.public import Actor
from yiwang.bootstrap.cli import exchange_targets
from yiwang.dataplane.connectors.errors import ConnectorError

PEOPLE = {"zhouhang": ZHOU_HANG, "wangmin": WANG_MIN}


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accounts of the command are the people of this test; nothing else of it is replaced."""

    @contextmanager
    def acting_officer(folder: Path, username: str) -> Iterator[Actor]:
        del folder
        yield PEOPLE[username]

    monkeypatch.setattr(exchange_targets, "acting_officer", acting_officer)


def yw(*words: str, by: str = "zhouhang", typed: str = "") -> Result:
    return CliRunner().invoke(exchange_targets.command, ["targets", *words, "--as", by], input=typed)


def rows(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def place(stage: Stage, name: str) -> list[str]:
    return [
        "add", "--name", name, "--host", stage.server.host, "--port", str(stage.server.port), "--database",
        "jobs_target", "--user", "jobs_writer",
    ]  # fmt: skip


def test_a_target_is_added_from_a_file_or_by_typing_listed_and_removed(stage: Stage, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("writes\n", encoding="utf-8")
    (added,) = rows(yw(*place(stage, "前置库二"), "--password-file", str(secret)))
    typed = yw(*place(stage, "前置库三"), typed="writes\n")
    assert typed.exit_code == 0, typed.output
    piped = yw(*place(stage, "前置库四"), "--password-file", "-", typed="writes\n")
    assert "writes" not in piped.output.replace("jobs_writer", "")
    listed = rows(yw("list"))
    assert {row["name"] for row in listed} >= {"前置库二", "前置库三", "前置库四"}
    assert not any("password" in row for row in listed)
    assert rows(yw("list", by="wangmin")) == [], "another agency's"
    assert rows(yw("remove", added["id"])) == [{"removed": added["id"]}]
    assert added["id"] not in {row["id"] for row in rows(yw("list"))}


def test_a_target_that_is_wrong_in_use_or_anothers_is_refused(stage: Stage, tmp_path: Path) -> None:
    wrong = yw(*place(stage, "前置库二"), "--password-file", "-", typed="guess\n")
    assert isinstance(wrong.exception, ConnectorError)
    empty = yw(*place(stage, "前置库二"), "--password-file", "-", typed="\n")
    assert (empty.exit_code, "--password-file" in empty.output) == (2, True)
    taken = yw(*place(stage, "民政前置库"), "--password-file", "-", typed="writes\n")
    assert isinstance(taken.exception, errors.TargetNameTaken)
    nameless = yw(*place(stage, " "), "--password-file", "-", typed="writes\n")
    assert isinstance(nameless.exception, errors.DeliveryInvalid)
    assert "name: " in nameless.output
    stage.job()
    assert isinstance(yw("remove", stage.target).exception, errors.TargetInUse)
    assert isinstance(yw("remove", stage.target, by="wangmin").exception, errors.TargetUnknown)
    assert "--password " not in yw("add", "--help").output, "no option takes the password itself"
    assert len(rows(yw("list"))) == 1
