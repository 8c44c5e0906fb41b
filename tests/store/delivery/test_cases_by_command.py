"""`yw exchange jobs create|change --case`: the case number of a job by command; missing or wrong, nothing is made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.store.delivery.cast import Stage, granted
from tests.store.delivery.test_runs import events
from tests.store.exchange.cast import WANG_MIN, ZHAO_JING, ZHOU_HANG
from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.delivery.domain.errors import DeliveryError, DeliveryInvalid
from yiwang.blocks.delivery.store import models
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import Actor, acting
from yiwang.bootstrap.cli import exchange_jobs
from yiwang.vocabulary.errors import YwError

CASE = "低保〔2026〕123 号"
PEOPLE = {"zhouhang": ZHOU_HANG, "wangmin": WANG_MIN, "zhaojing": ZHAO_JING}


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accounts of the command are the people of this test; nothing else of it is replaced."""

    @contextmanager
    def acting_officer(folder: Path, username: str) -> Iterator[Actor]:
        del folder
        yield PEOPLE[username]

    monkeypatch.setattr(exchange_jobs, "acting_officer", acting_officer)


@pytest.fixture
def asking(stage: Stage) -> Stage:
    return replace(stage, grant=granted(stage.code, case_required=True))


def yw(*words: str, by: str = "zhouhang") -> Result:
    return CliRunner().invoke(exchange_jobs.command, ["jobs", *words, "--as", by])


def create(stage: Stage, *words: str, by: str = "zhouhang") -> Result:
    return yw(
        "create", "--grant", stage.grant, "--target", stage.target, "--table", "public.qy", "--name", "每晚同步",
        *words, by=by,
    )  # fmt: skip


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    (line,) = result.stdout.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_right_number_is_kept_changed_and_stands_in_the_evidence_of_each_run(asking: Stage) -> None:
    made = told(create(asking, "--case", f" {CASE} "))
    number = made["row"]["id"]
    assert made["row"]["case"] == CASE
    delivery.run_job(ZHOU_HANG, number, asking.clock())
    assert asking.run() == ["done"]
    assert told(yw("change", number, "--name", "每周同步"))["row"]["case"] == CASE, "what is not named stays"
    assert told(yw("change", number, "--case", "DB-2"))["row"]["case"] == "DB-2"
    delivery.run_job(ZHOU_HANG, number, asking.clock.on(days=1))
    assert asking.run() == ["done"]
    assert [leaf["purpose"] for leaf in events("table-delivered")] == [
        f"item:1001;case={CASE}",
        "item:1001;case=DB-2",
    ]


def mistaken(result: Result) -> None:
    """The option is named before the error, which the program tells with its mend (exit 2)."""
    assert isinstance(result.exception, DeliveryInvalid), result.output
    assert [one.where for one in result.exception.problems] == ["case"]
    assert result.stderr.startswith("  case: ")
    assert result.stdout == ""


@pytest.mark.parametrize("words", [(), ("--case", ""), ("--case", "  ")], ids=["none", "empty", "blank"])
def test_without_a_number_no_job_is_made_and_the_command_says_where_it_goes(
    asking: Stage, words: tuple[str, ...]
) -> None:
    mistaken(create(asking, *words))
    assert made_none()


@pytest.mark.parametrize("case", ["a;b", "a;case=b", "a\nb", "x" * 101])
def test_a_wrong_number_makes_no_job_and_changes_none(asking: Stage, case: str) -> None:
    mistaken(create(asking, "--case", case))
    assert made_none()
    number = told(create(asking, "--case", CASE))["row"]["id"]
    for wrong in (case, ""):
        mistaken(yw("change", number, "--case", wrong))
        assert told(yw("show", number))["row"]["case"] == CASE


def test_a_right_number_gives_nobody_else_the_job(asking: Stage) -> None:
    for other in ("wangmin", "zhaojing"):
        refused = create(asking, "--case", CASE, by=other)
        assert isinstance(refused.exception, YwError), refused.output
    assert made_none()
    number = told(create(asking, "--case", CASE))["row"]["id"]
    for other in ("wangmin", "zhaojing"):
        refused = yw("change", number, "--case", "DB-3", by=other)
        assert isinstance(refused.exception, DeliveryError), refused.output
    assert told(yw("show", number))["row"]["case"] == CASE


def test_where_none_is_asked_for_a_number_may_be_named(stage: Stage) -> None:
    assert told(create(stage))["row"]["case"] == ""
    mistaken(create(stage, "--case", "a;b"))


def made_none() -> bool:
    with acting(SYSTEM):
        return not models.Job.objects.exists()
