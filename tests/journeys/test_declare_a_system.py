"""docs/howto/declare-a-system.md: a folder of YAML becomes a catalogue entry that others query through the gateway."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.journeys.conftest import Node
from tests.journeys.test_share_a_database import PURPOSE, yw


def code_of(printed: str, entity: str) -> str:
    return next(line.split()[1] for line in printed.splitlines() if line.split()[:1] == [entity])


def test_a_new_package_is_applied_with_nothing_but_its_name(node: Node, tmp_path: Path) -> None:
    yw("system", "new", "demo_system", "--in", str(tmp_path))
    folder = str(tmp_path / "demo_system")
    printed = yw("system", "apply", folder, "--data", str(node.folder))
    assert "1 mounted" in printed
    assert "/" in code_of(printed, "visit")
    assert "nothing changes" in yw("system", "apply", folder, "--data", str(node.folder))
    yw("system", "role", "demo_system.clerk", "heqing", "--as", "fangyuan", "--data", str(node.folder))


@pytest.fixture(scope="module")
def divisions(node: Node) -> str:
    """The entry of the divisions, which the demo city has declared; the human resources bureau has a grant."""
    data = str(node.folder)
    folder = Path(__file__).resolve().parents[2] / "systems" / "divisions"
    code = code_of(yw("system", "apply", str(folder), "--data", data), "division")
    asked = yw(
        "exchange", "request", code, "--data", data, "--as", "sunli", "--field", "code", "--field", "name", "--field",
        "level", "--by", "code", "--purpose", PURPOSE, "--purpose-title", "核对参保人区划", "--reason", "核对区划",
    )  # fmt: skip
    facts = json.loads(asked)
    if not facts["grant"]:
        yw("exchange", "decide", facts["request"], "accept", "--data", data, "--as", "heqing")
    return code


def test_a_declared_table_is_queried_through_the_gateway_with_evidence(
    node: Node, divisions: str, tmp_path: Path
) -> None:
    key = str(node.folder / "clients" / "lan-renshe-1.pem")
    printed = yw(
        "client", "query", divisions, "--where", "code=370100", "--purpose", PURPOSE, "--key", key, "--gateway", node.gateway,
        "--evidence", str(tmp_path / "e.json"),
    )  # fmt: skip
    assert "济南市" in printed
    trust = tmp_path / "trust.json"
    trust.write_text(yw("evidence", "trust", "--data", str(node.folder)), encoding="utf-8")
    yw("evidence", "verify", str(tmp_path / "e.json"), "--trust", str(trust))
