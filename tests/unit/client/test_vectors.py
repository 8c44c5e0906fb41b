"""The one-file verifier against the published test vectors, which it was not written from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from yiwang.client import session_verifier, verifier

VECTORS = Path(__file__).resolve().parents[3] / "docs" / "specs" / "vectors"
CASES = json.loads((VECTORS / "evidence.json").read_text(encoding="utf-8"))["cases"]
SESSIONS = json.loads((VECTORS / "sessions.json").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES + SESSIONS, ids=lambda case: str(case["suite"]))
def test_the_published_bundle_is_valid(case: dict[str, object]) -> None:
    report = session_verifier.verify(json.dumps(case["bundle"]).encode(), json.dumps(case["trust"]).encode())
    assert (report.exit_code, report.findings) == (0, [])


@pytest.mark.parametrize("case", CASES + SESSIONS, ids=lambda case: str(case["suite"]))
def test_each_published_damage_is_found_under_its_name(case: dict[str, object]) -> None:
    invalid = case["invalid"]
    assert isinstance(invalid, list)
    for damage in invalid:
        bundle = json.loads(json.dumps(case["bundle"]))
        *path, last = damage["member"].split(".")
        part = bundle
        for name in path:
            part = part[name]
        part[last] = damage["value"]
        report = session_verifier.verify(json.dumps(bundle).encode(), json.dumps(case["trust"]).encode())
        assert report.exit_code == 1, damage["title"]
        found = {finding.code for finding in report.findings}
        assert found == set(damage["findings"]), damage["title"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["suite"]))
def test_after_a_recovery_the_new_head_extends_the_restored_tree(case: dict[str, object]) -> None:
    bundle, recovery = case["bundle"], case["recovery"]
    assert isinstance(bundle, dict)
    assert isinstance(recovery, dict)
    proof = {
        "format": "yiwang-consistency/1", "first": recovery["old_head"], "second": recovery["head"],
        "proof": recovery["consistency_from_4"],
    }  # fmt: skip
    sizes = [json.loads(recovery[name]["head"])["size"] for name in ("old_head", "head")]
    trust = json.dumps(case["trust"]).encode()
    report = verifier.verify(json.dumps(bundle).encode(), trust, json.dumps(proof).encode())
    # the old head is larger than the tree that was restored: only its first four leaves live on
    assert report.exit_code == (0 if sizes[0] == 4 else 1)
