"""The code that pages give away, as it stands in its file: run against a gateway, by both suites, real and sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.gateway.openings import open_sandbox
from tests.gateway.stage import ITEM, NAMES, PEOPLE, Stage
from yiwang.client.samples import Sample, curl_sample, python_sample

CODE = "306001003/12"


@pytest.fixture(scope="module")
def call(stage: Stage) -> Sample:
    """The real call of the residents."""
    made = Sample(
        CODE, {"身份号码": PEOPLE[0]}, f"{ITEM};case=兰民救〔2026〕12号", stage.one.url, fields=("姓名",)
    )
    return replace(made, grant=stage.grant().id)


@pytest.fixture(scope="module")
def rehearsal(stage: Stage, call: Sample) -> Sample:
    """The same call at the sandbox: another prefix, another number instead of the grant's, and no other change."""
    opened = open_sandbox(stage, CODE)
    return replace(call, gateway=f"{stage.one.url}/sandbox", grant=opened.grant.id)


def run(folder: Path, name: str, text: str, *command: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.fixture(params=["sm2-sm3", "ed25519"])
def folder(request: pytest.FixtureRequest, stage: Stage, tmp_path: Path) -> Path:
    """A folder with the caller's key of this suite."""
    key = stage.key if request.param == "sm2-sm3" else stage.modern
    (tmp_path / "client.pem").write_bytes(key.to_pem())
    (tmp_path / "client.pem").chmod(0o600)
    time.sleep(0.2)
    return tmp_path


def test_the_shell_script_signs_with_openssl_and_gets_the_row(folder: Path, call: Sample) -> None:
    told = json.loads(run(folder, "call.sh", curl_sample(call), "sh", "call.sh", "client.pem"))
    assert told["rows"] == [{"姓名": NAMES[0]}]


def test_the_same_script_rehearses_in_the_sandbox(folder: Path, call: Sample, rehearsal: Sample) -> None:
    text = curl_sample(rehearsal)
    told = json.loads(run(folder, "call.sh", text, "sh", "call.sh", "client.pem"))
    assert told["synthetic"] is True
    differing = [
        (a, b) for a, b in zip(text.splitlines(), curl_sample(call).splitlines(), strict=True) if a != b
    ]
    assert [line.partition("=")[0] for line, _ in differing] == ["gateway", "grant"]


def test_the_python_program_gets_the_row_and_keeps_its_evidence(folder: Path, call: Sample) -> None:
    told = run(folder, "call.py", python_sample(call, trust=None), sys.executable, "call.py")
    assert NAMES[0] in told
    assert json.loads((folder / "e.json").read_text())["format"] == "yiwang-evidence/1"


def test_the_same_program_rehearses_in_the_sandbox(folder: Path, call: Sample, rehearsal: Sample) -> None:
    text = python_sample(rehearsal, trust=None)
    told = run(folder, "call.py", text, sys.executable, "call.py")
    assert "姓名" in told
    assert NAMES[0] not in told
    bundle = json.loads((folder / "e.json").read_text())
    assert '"node":"sandbox.' in bundle["leaf"]
    differing = [
        a
        for a, b in zip(text.splitlines(), python_sample(call, trust=None).splitlines(), strict=True)
        if a != b
    ]
    assert len(differing) == 2, "the address and the grant"
