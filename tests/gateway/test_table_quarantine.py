"""Rows of another node's table that the city's database does not take: mended by a file and replayed, by command alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from tests.gateway.cascade_stage import CITY
from tests.gateway.ledgers import ADDRESS, Ledgers
from tests.gateway.stage import ITEM
from yiwang.bootstrap.cli.client import command
from yiwang.bootstrap.cli.client_table import quarantine
from yiwang.bootstrap.cli.exchange_quarantine import jobs_group
from yiwang.dataplane.transfer.errors import TransferJobUnknown

JOB = "register"
TOO_MUCH = ("N00000399", "N00000398")
"""Of the 2 granted rows whose capital is in (497, 500), which the city's table refuses: N00000400 is not granted."""


def yw(*words: str) -> Result:
    return CliRunner().invoke(command, list(words))


def copied(ledgers: Ledgers, name: str, tmp_path: Path) -> Result:
    key = tmp_path / "k.pem"
    key.write_bytes(ledgers.cascade.caller.to_pem(None))
    return yw(
        "table", ADDRESS, ledgers.url, "--to", name, "--purpose", ITEM, "--grant", ledgers.grant(), "--gateway",
        ledgers.cascade.gateways[CITY].url, "--key", str(key), "--node", CITY, "--job", JOB, "--jobs",
        str(tmp_path / "jobs"), "--chunk", "1000", "--lang", "en",
    )  # fmt: skip


def held(tmp_path: Path) -> dict[str, int]:
    """Numbers of the rows in quarantine by key."""
    jobs = ("--jobs", str(tmp_path / "jobs"))
    found = {}
    for line in yw("quarantine", "list", JOB, *jobs).output.splitlines():
        number = line.split("  ")[0]
        shown: dict[str, Any] = json.loads(yw("quarantine", "show", JOB, number, *jobs).output)
        found[shown["row"]["编号"]] = int(number)
    return found


def test_rows_that_the_target_refuses_are_mended_by_a_file_and_replayed_without_asking_the_owner(
    ledgers: Ledgers, tmp_path: Path
) -> None:
    _, name = target = ledgers.target()
    with ledgers.database("city_lake") as city:
        city.execute(
            f'CREATE TABLE {name} ("编号" text PRIMARY KEY, "法人" text, "资本" numeric(18,2)'
            ' CHECK ("资本" <= 497 OR "资本" > 500), "更新" timestamp)'.encode()
        )
        city.execute(f"ALTER TABLE {name} OWNER TO {_owner(ledgers)}".encode())
    jobs = ("--jobs", str(tmp_path / "jobs"))
    made = copied(ledgers, name, tmp_path)
    assert made.exit_code == 3, made.output
    assert set(held(tmp_path)) == set(TOO_MUCH)
    assert len(ledgers.copied(target)) == len(ledgers.wanted()) - len(TOO_MUCH)
    shown = yw("quarantine", "show", JOB, str(held(tmp_path)[TOO_MUCH[0]]), *jobs).output
    assert "498" not in shown, "values are shown masked"

    values = tmp_path / "values.json"
    for key, capital in zip(TOO_MUCH, ("499.5", "100"), strict=True):
        values.write_text(json.dumps({"资本": capital}), encoding="utf-8")
        done = yw("quarantine", "mend", JOB, str(held(tmp_path)[key]), "--values", str(values), *jobs)
        assert done.exit_code == 0, done.output
    before = len(ledgers.cascade.leaves(CITY))
    again = yw("quarantine", "replay", JOB, ledgers.url, *jobs)
    assert again.exit_code == 1, "one of them still may not pass"
    assert again.output.count("replayed") == 1
    assert ledgers.cascade.leaves(CITY)[before:] == [], "nobody was asked"
    assert {row[0] for row in ledgers.copied(target)} & set(TOO_MUCH) == {TOO_MUCH[1]}

    done = yw("quarantine", "discard", JOB, str(held(tmp_path)[TOO_MUCH[0]]), *jobs)
    assert done.exit_code == 0, done.output
    listed = yw("quarantine", "list", JOB, *jobs).output
    assert ("discarded" in listed, "replayed" in listed, "held" in listed) == (True, True, False)


def test_what_is_no_job_or_no_mending_is_told(ledgers: Ledgers, tmp_path: Path) -> None:
    del ledgers
    assert command.commands["quarantine"] is quarantine
    jobs = ("--jobs", str(tmp_path / "jobs"))
    assert isinstance(yw("quarantine", "list", "unknown", *jobs).exception, TransferJobUnknown)
    assert isinstance(
        yw("quarantine", "replay", "unknown", "sqlite:x.db", *jobs).exception, TransferJobUnknown
    )
    assert isinstance(yw("quarantine", "replay", "../x", "sqlite:x.db", *jobs).exception, TransferJobUnknown)
    wrong = tmp_path / "wrong.json"
    wrong.write_text("[1]", encoding="utf-8")
    told = yw("quarantine", "mend", "unknown", "1", "--values", str(wrong), *jobs)
    assert (told.exit_code, "JSON object" in told.output) == (2, True)
    told = yw("quarantine", "mend", "unknown", "1", *jobs)
    assert (told.exit_code, "--values" in told.output) == (2, True)


def test_a_job_of_another_node_is_not_replayed_from_another_source(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("id\n1\n", encoding="utf-8")
    told = CliRunner().invoke(
        jobs_group,
        [
            "quarantine",
            "replay",
            "x",
            str(tmp_path / "a.csv"),
            str(tmp_path / "b.csv"),
            "--jobs",
            str(tmp_path),
        ],
    )
    assert isinstance(told.exception, TransferJobUnknown)


def _owner(ledgers: Ledgers) -> str:
    return ledgers.url.split("//", 1)[1].split(":", 1)[0].split("@", 1)[0]
