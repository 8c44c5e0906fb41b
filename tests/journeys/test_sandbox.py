"""An integrator builds before the grant: sandbox, its Python program, and after the grant two lines changed."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.conftest import Node
from tests.journeys.test_main_job import Cast, cast

__all__ = ["cast"]

TITLE, FIRM, PURPOSE = "企业经营状态信息", "91290105MA00000232", "item:000111004000"


def code_of(node: Node) -> str:
    resources = node.facts["resources"]
    assert isinstance(resources, list)
    return str(next(row["code"] for row in resources if row["title"] == TITLE))


def run(folder: Path, text: str) -> str:
    (folder / "call.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "call.py"], cwd=folder, capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def program(cast: Cast) -> str:
    """The program that the sandbox page gives away, for the firm and the purpose that will be the real ones."""
    code = code_of(cast.node)
    page = cast.open("zhouhang", f"/share/resources/{code}/")
    assert not page.locator("a[href*='/share/grants/G-']").count(), "no grant yet"
    page.get_by_role("button", name="开通沙箱").click()
    page.wait_for_url(re.compile(r"/sandbox/$"))
    page.locator("#value").fill(FIRM)
    page.locator("#send button").click()
    page.locator("#result pre.code").wait_for()
    assert '"synthetic": true' in page.locator("#result").inner_text()
    href = page.locator("#code a[download='call.py']").get_attribute("href") or ""
    text = base64.b64decode(href.partition("base64,")[2]).decode()
    return text.replace("item:sandbox", PURPOSE)


@pytest.fixture
def folder(cast: Cast, tmp_path: Path) -> Path:
    """A folder with the integrator's own key."""
    clients = cast.node.facts["clients"]
    assert isinstance(clients, list)
    key = Path(next(row["key"] for row in clients if row["id"] == "lan-minzheng-1"))
    (tmp_path / "client.pem").write_bytes(key.read_bytes())
    (tmp_path / "client.pem").chmod(0o600)
    return tmp_path


def test_before_the_grant_the_program_gets_made_up_rows(folder: Path, program: str) -> None:
    assert "/sandbox" in program
    told = run(folder, program)
    assert FIRM in told
    assert '"node":"sandbox.' in json.loads((folder / "e.json").read_text())["leaf"]


def test_a_rehearsed_refusal_reads_as_an_instruction(cast: Cast, program: str) -> None:
    page = cast.page("zhouhang")
    page.select_option("#simulate", "quota-exhausted")
    page.locator("#send button").click()
    page.locator("#result .failure").wait_for()
    said = page.locator("#result").inner_text()
    assert "quota-exhausted" in said
    assert "明天再调用" in said


def test_without_scripts_the_page_answers_too(cast: Cast, program: str) -> None:
    code = code_of(cast.node)
    page = cast.open("zhouhang", f"/share/resources/{code}/sandbox/")
    token = page.locator("#try input[name=csrfmiddlewaretoken]").get_attribute("value") or ""
    answer = page.request.post(
        f"{cast.node.url}/share/resources/{code}/sandbox/call/",
        form={"csrfmiddlewaretoken": token, "value": FIRM, "simulate": ""},
        headers={"Referer": page.url},
    )
    assert answer.status == 200
    assert "synthetic" in answer.text()


def test_the_sandbox_is_its_agencys_own(cast: Cast, program: str) -> None:
    code = code_of(cast.node)
    assert cast.status("zhaojing", f"/share/resources/{code}/sandbox/") == 404
    assert cast.status("zhaojing", f"/share/resources/{code}/sandbox/openapi.json") == 404
    assert cast.status("zhouhang", f"/share/resources/{code}/sandbox/openapi.json") == 200


def test_after_the_grant_only_prefix_and_grant_change(cast: Cast, folder: Path, program: str) -> None:
    code = code_of(cast.node)
    page = cast.open("zhouhang", f"/share/resources/{code}/")
    found = re.search(r"R-\d{4}-\d{6}", page.locator("aside").inner_text())
    assert found is not None
    page = cast.open("heqing", f"/desk/reviews/{found[0]}/")
    page.locator("form#accept button").click()
    page.wait_for_load_state()
    page = cast.open("zhouhang", f"/share/resources/{code}/")
    granted = re.search(r"G-\d{4}-\d{6}", page.locator("aside").inner_text())
    assert granted is not None
    real = re.sub(r"B-\d{4}-\d{6}", granted[0], program.replace("/sandbox", ""))
    told = run(folder, real)
    assert FIRM in told
    leaf = json.loads((folder / "e.json").read_text())["leaf"]
    assert json.loads(leaf)["grant"] == granted[0]
    page = cast.open("zhouhang", f"/share/grants/{granted[0]}/reference/")
    assert "统一社会信用代码" in page.locator("#items").inner_text()
    assert cast.status("zhaojing", f"/share/grants/{granted[0]}/reference/") == 404
    assert cast.status("wangmin", f"/share/grants/{granted[0]}/openapi.json") == 404, "it is the consumer's"
