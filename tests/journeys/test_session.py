"""A program asks some hundred times in one session; its officer looks at the evidence and checks a bundle on the page."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Node
from tests.journeys.test_main_job import Cast, cast
from yiwang.bootstrap.node import NodeFolder

__all__ = ["cast"]
CALLS = 200


@dataclass(frozen=True)
class Asked:
    """What the program said and kept."""

    rows: list[dict[str, object]]
    told: str
    kept: Path

    def bundle(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.file(number).read_text(encoding="utf-8"))
        return found

    def file(self, number: int) -> Path:
        return self.kept / f"{number}.json"


@pytest.fixture(scope="module")
def asked(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """As the how-to says: a question a line, one session, the evidence of each."""
    folder = tmp_path_factory.mktemp("session")
    what = node.facts["sessions"]
    clients = node.facts["clients"]
    assert isinstance(what, dict)
    assert isinstance(clients, list)
    key = next(row["key"] for row in clients if row["id"] == what["client"])
    line = json.dumps({what["field"]: what["value"]}, ensure_ascii=False)
    (folder / "asked.jsonl").write_text(f"{line}\n" * CALLS, encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable, "-m", "yiwang.bootstrap.cli", "client", "session", what["resource"],
            "--each", "asked.jsonl", "--purpose", what["purpose"], "--gateway", node.gateway, "--key", key,
            "--trust", str(node.folder / "trust.json"), "--evidence", "kept",
        ],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Asked([json.loads(one) for one in done.stdout.splitlines()], done.stderr, folder / "kept")


def leaf_of(asked: Asked, number: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(asked.bundle(number)["call"]["leaf"])
    return found


def found_by_request(cast: Cast, who: str, request: object) -> Page:
    page = cast.open(who, "/evidence/")
    page.locator("input[name=q]").first.fill(str(request))
    page.locator("input[name=q]").first.press("Enter")
    page.wait_for_load_state()
    return page


def checked(cast: Cast, file: Path) -> Page:
    """Anybody's evidence file on the public page."""
    page = cast.open("zhouhang", "/evidence/verify/")
    page.locator("input[type=file][name=bundle]").set_input_files(file)
    page.locator("main form button.button-primary").first.click()
    page.wait_for_load_state()
    return page


def test_every_question_is_answered_and_countersigned(asked: Asked) -> None:
    assert len(asked.rows) == CALLS
    assert all(one["rows"] for one in asked.rows)
    assert f"{CALLS} " in asked.told
    assert sorted(int(one.stem) for one in asked.kept.iterdir()) == list(range(1, CALLS + 1))
    sessions = {leaf_of(asked, number)["key"] for number in (1, CALLS // 2, CALLS)}
    assert len(sessions) == 1, "one session carried them all"


def test_the_officer_finds_the_call_its_countersignature_and_the_handshake(cast: Cast, asked: Asked) -> None:
    request = leaf_of(asked, CALLS)["request_id"]
    page = found_by_request(cast, "zhouhang", request)
    expect(page).to_have_url(re.compile(r"/evidence/gw1/\d+/$"))
    main = page.locator("main")
    expect(main.get_by_text("凭证已验证")).to_be_visible()
    expect(page.get_by_text("会话调用")).to_be_visible()
    expect(main.get_by_text("请求方会签了这次调用")).to_be_visible()
    expect(main.get_by_text(str(request)).first).to_be_visible()
    session = str(leaf_of(asked, CALLS)["key"])
    main.get_by_role("link", name=f"{session[:8]}…").click()
    expect(page.get_by_role("heading", name="开启会话")).to_be_visible()
    expect(page.get_by_text(f"已会签 {CALLS} 次调用")).to_be_visible()
    expect(page.get_by_text(session).first).to_be_visible()


def test_a_bundle_is_proven_on_the_page_and_a_changed_one_is_not(cast: Cast, asked: Asked) -> None:
    page = checked(cast, asked.file(7))
    expect(page.get_by_text("请求方会签了这次调用")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("^有效"))).to_be_visible()
    changed = asked.kept.parent / "changed.json"
    bundle = asked.bundle(7)
    bundle["call"]["answer"] = bundle["call"]["answer"].replace("澜州", "兰州")
    assert bundle != asked.bundle(7)
    changed.write_text(json.dumps(bundle, ensure_ascii=False, indent=2), encoding="utf-8")
    page = checked(cast, changed)
    expect(page.get_by_role("heading", name="无效：不要采信")).to_be_visible()


def test_an_officer_of_a_third_agency_sees_neither_call_nor_handshake(cast: Cast, asked: Asked) -> None:
    leaf = leaf_of(asked, 1)
    place = f"/evidence/{leaf['log']}/{asked.bundle(1)['call']['index']}/"
    assert cast.status("zhouhang", place) == 200
    assert cast.status("wangmin", place) == 200, "the provider sees who asked for its data"
    assert cast.status("zhaojing", place) == 404
    page = found_by_request(cast, "zhaojing", leaf["request_id"])
    assert "/evidence/find/" in page.url
    assert str(leaf["key"]) not in page.content()
    officer = found_by_request(cast, "zhouhang", leaf["request_id"])
    officer.locator("main").get_by_role("link", name=f"{str(leaf['key'])[:8]}…").click()
    opening = officer.url.removeprefix(cast.node.url)
    assert cast.status("zhaojing", opening) == 404
    assert cast.status("wangmin", opening) == 404, "the handshake is the caller's own"


def test_the_demo_holds_a_session_that_was_closed_and_one_that_was_left_open(node: Node) -> None:
    with psycopg.connect(NodeFolder(node.folder).urls().owner) as connection:
        made = connection.execute(
            "SELECT s.id, (SELECT sum(octet_length(c.indexes)) / 8 FROM journal_countersignature c WHERE c.session = s.id)"
            " FROM journal_session s ORDER BY s.opened LIMIT 2"
        ).fetchall()
        ended = connection.execute(
            "SELECT leaf::json -> 'detail' ->> 'session' FROM journal_leaf WHERE leaf::json ->> 'event' = 'session-ended'"
        ).fetchall()
    assert [int(calls) for _, calls in made] == [120, 12]
    assert (made[0][0],) in ended
