"""Table jobs of a running node by command: made, run, watched, paused, their proof and their quarantine; refused by role."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.conftest import Node

Facts = dict[str, Any]
RULES = """rules:
  - {id: capital, rule: range, field: 注册资本, max: 9999, severity: major}
"""


def yw(
    node: Node, *words: str, by: str = "zhouhang", expect: int = 0, stdin: str = ""
) -> tuple[list[Facts], str]:
    """Objects that were printed, and what was said beside them."""
    done = subprocess.run(
        [sys.executable, "-m", "yiwang.bootstrap.cli", "exchange", "jobs", *words, "--data", str(node.folder), "--as", by],
        input=stdin.encode(), capture_output=True, check=False, env={**os.environ, "LANG": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == expect, f"{words}\n{done.stdout.decode()}\n{done.stderr.decode()}"
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


def until(node: Node, number: str, holds: Callable[[Facts], bool]) -> Facts:
    """The job once that holds."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        (job,), _ = yw(node, "show", number)
        if holds(job):
            return job
        time.sleep(1)
    raise AssertionError(job)


def ran(job: Facts) -> bool:
    return bool(job["runs"]) and job["runs"][0]["state"] not in {"queued", "running"}


@pytest.fixture(scope="module")
def known(node: Node) -> Facts:
    """A job of the demo city, which tells a grant."""
    found, _ = yw(node, "list", "--side", "consumer")
    return next(row for row in found if row["name"] == "企业登记信息整表")


def create(node: Node, grant: str, *words: str, expect: int = 0, stdin: str = "") -> tuple[list[Facts], str]:
    (target,), _ = yw(node, "targets")
    assert "password" not in json.dumps(target)
    place = ("--grant", grant, "--target", target["id"], "--name", "命令行建的作业")
    return yw(node, "create", *place, *words, expect=expect, stdin=stdin)


def test_a_job_is_made_run_mended_and_proven_by_command(node: Node, known: Facts) -> None:
    (job,), _ = create(
        node, known["grant"], "--table", "jieshou.minglinghang", "--rules", "-", "--run", stdin=RULES
    )
    number = job["row"]["id"]
    assert (job["row"]["mode"], job["check"]) == ("full", "own")
    job = until(node, number, ran)
    run = job["runs"][0]
    assert (run["state"], run["proven"]) == ("done", True)
    (report,), _ = yw(node, "report", number)
    assert (report["digest"], report["report"]["proven"]) == (run["digest"], True)
    rows, _ = yw(node, "quarantine", "list", number)
    first, second = rows[0], rows[1]
    assert first["state"] == "held"
    (mended,), _ = yw(
        node, "quarantine", "mend", number, str(first["id"]), "--values", "-", stdin='{"注册资本": "9999"}'
    )
    assert mended["state"] == "mended"
    (left,), _ = yw(node, "quarantine", "discard", number, str(second["id"]), "--reason", "重复登记")
    assert (left["state"], left["text"]) == ("discarded", "重复登记")
    yw(node, "quarantine", "replay", number)
    until(node, number, lambda job: ran(job) and job["runs"][0]["kind"] == "replay")
    rows, _ = yw(node, "quarantine", "list", number)
    assert rows[0]["state"] == "replayed"
    (job,), _ = yw(node, "change", number, "--cron", "30 3 * * *", "--workdays", "--priority", "2")
    assert (job["row"]["cron"], job["row"]["workdays"], job["row"]["priority"]) == ("30 3 * * *", True, 2)
    for step, state in (("pause", "paused"), ("resume", "active"), ("end", "ended")):
        (job,), _ = yw(node, step, number)
        assert job["row"]["state"] == state
    assert number in {row["id"] for row in yw(node, "list", "--state", "ended")[0]}
    (watched,), _ = yw(node, "show", number, by="wangmin")
    assert (watched["target"], watched["held"]) == ("", []), "its provider sees neither target nor quarantine"


def test_a_job_is_refused_with_what_is_wrong_and_where(node: Node, known: Facts) -> None:
    _, told = create(
        node, known["grant"], "--table", "x; DROP", "--mode", "cdc", "--cron", "every day", expect=2
    )
    for place in ("table: ", "mode: ", "cron: "):
        assert place in told
    assert "delivery-form-invalid" in told
    _, told = yw(node, "show", "J-1999-000001", expect=2)
    assert "delivery-job-unknown" in told
    _, told = yw(node, "quarantine", "mend", known["id"], "1", "--values", "-", stdin="[1]", expect=2)
    assert "JSON object" in told


def test_other_people_see_and_do_no_more_than_on_the_pages(node: Node, known: Facts) -> None:
    _, told = yw(node, "show", known["id"], by="zhaojing", expect=2)
    assert "delivery-job-unknown" in told
    for step in ("run", "pause", "cancel", "end"):
        _, told = yw(node, step, known["id"], by="wangmin", expect=2)
        assert "delivery-not-allowed" in told
    assert yw(node, "targets", by="zhaojing")[0] == []
