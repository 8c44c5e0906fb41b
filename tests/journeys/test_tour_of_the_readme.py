"""The commands of the README's five minutes, as they are written there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.journeys.conftest import Node

ROOT = Path(__file__).resolve().parents[2]


def block(name: str) -> str:
    """The commands of the tour's fourth step."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found = [one for one in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "./yw client" in one]
    assert len(found) == 1
    return str(found[0])


def test_both_languages_give_the_same_commands() -> None:
    assert block("README.md") == block("README.zh-CN.md")


def test_the_commands_answer_and_the_evidence_is_valid(node: Node, tmp_path: Path) -> None:
    commands = block("README.md").replace(".yiwang", str(node.folder))
    commands = commands.replace("http://127.0.0.1:8001", node.gateway)
    commands = commands.replace("./yw", f"{sys.executable} -m yiwang.bootstrap.cli")
    done = subprocess.run(
        ["sh", "-ec", commands],
        cwd=tmp_path, env={**os.environ, "LANG": "C.UTF-8"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "91290105MA00000232" in done.stdout
    assert "\n有效\n" in done.stdout
    assert (tmp_path / "trust.json").stat().st_size > 0
