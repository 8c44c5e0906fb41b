"""docs/howto/declare-a-system.md: a folder of YAML becomes a catalogue entry that others query through the gateway."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Node
from tests.journeys.test_main_job import Cast
from tests.journeys.test_share_a_database import PURPOSE, yw


@pytest.fixture(scope="module")
def cast(node: Node, browser: Browser) -> Iterator[Cast]:
    people = Cast(node, browser)
    yield people
    for context in people.contexts.values():
        context.close()


def code_of(printed: str, entity: str) -> str:
    return next(line.split()[1] for line in printed.splitlines() if line.split()[:1] == [entity])


PROVIDER = "11290100029010034N"
"""The agency of 王敏, who answers for the system."""
VISITS = "/systems/demo_system/visit/"


def test_from_a_folder_of_yaml_to_an_answer_with_evidence(node: Node, cast: Cast, tmp_path: Path) -> None:
    """Declared, applied, entered, corrected, imported, exported, found, asked for, granted, queried, verified."""
    visitor = f"访客{uuid.uuid4().hex[:6]}"
    code = declared(node, tmp_path)
    number = entered(cast, visitor)
    corrected(cast, visitor)
    handed_in(cast, tmp_path)
    exported(cast, visitor, number)
    called(cast)
    grant = granted(cast, asked(cast, code))
    queried(node, cast, code, grant, number, tmp_path)
    loaded_by_name(node, tmp_path)


def declared(node: Node, tmp_path: Path) -> str:
    yw("system", "new", "demo_system", "--in", str(tmp_path))
    folder, data = str(tmp_path / "demo_system"), str(node.folder)
    assert "no faults" in yw("system", "check", folder)
    printed = yw("system", "apply", folder, "--data", data, "--owner", PROVIDER)
    assert "1 mounted" in printed
    assert "nothing changes" in yw("system", "apply", folder, "--data", data, "--owner", PROVIDER)
    yw("system", "role", "demo_system.clerk", "heqing", "--as", "fangyuan", "--data", data)
    return code_of(printed, "visit")


def entered(cast: Cast, visitor: str) -> str:
    """A record by the page; its number."""
    page = cast.open("heqing", f"{VISITS}new/")
    page.get_by_label("姓名").fill(visitor)
    page.get_by_label("电话").fill("13812345678")
    page.get_by_label("日期").fill("2026-11-20")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("138****5678")).to_be_visible()
    found = re.search(r"YY\d{10}", page.content())
    assert found is not None
    return found[0]


def corrected(cast: Cast, visitor: str) -> None:
    """Corrected; the page tells of every field who gave it and when, and its history what it was before."""
    page = cast.page("heqing")
    page.get_by_role("link", name="修改", exact=True).last.click()
    page.get_by_label("日期").fill("2026-11-19")
    page.get_by_label("理由").fill("记错一天")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("2026-11-19").first).to_be_visible()
    for name, value, day in (("日期", "2026-11-19", r"\d{4}-\d\d-\d\d"), ("姓名", "", r"\d{4}-\d\d-\d\d")):
        row = page.locator("#fields tbody tr").filter(
            has=page.get_by_role("rowheader", name=name, exact=True)
        )
        expect(row).to_contain_text(value)
        expect(row).to_contain_text("市数据局")
        expect(row.locator("td").last).to_have_text(re.compile(day))
    page.get_by_role("button", name="显示 电话").click()
    expect(page.locator(".readers")).to_contain_text("看了明文")
    page.get_by_role("link", name="历史", exact=True).first.click()
    expect(page.get_by_text("记错一天")).to_be_visible()
    expect(page.locator("del", has_text="2026-11-20").first).to_be_visible()


def handed_in(cast: Cast, folder: Path) -> None:
    """A file with a wrong cell is refused whole, by page; mended it is taken in."""
    file = folder / "visits.csv"
    file.write_text("姓名,日期\n市民甲,2026-11-18\n市民乙,昨天\n", encoding="utf-8")
    page = cast.open("heqing", VISITS)
    page.get_by_role("link", name="导入", exact=True).click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.locator("#wrong tbody tr")).to_have_text([re.compile(r"3\s*日期\s*日期写成")])
    file.write_text("姓名,日期\n市民甲,2026-11-18\n市民乙,2026-11-17\n", encoding="utf-8")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.locator("#sound")).to_contain_text("已导入 2 条")


def exported(cast: Cast, visitor: str, number: str) -> None:
    page = cast.open("heqing", VISITS)
    expect(page.locator(".record-table tbody tr")).to_have_count(3)
    page.get_by_text("导出", exact=True).click()
    for kind in ("CSV", "Excel"):
        with page.expect_download() as taken:
            page.get_by_role("link", name=kind, exact=True).click()
        content = Path(taken.value.path()).read_bytes()
        if kind == "CSV":
            assert number in content.decode("utf-8-sig")
            assert visitor in content.decode("utf-8-sig")  # no rule masks it for the clerk
        else:
            assert content.startswith(b"PK")


def called(cast: Cast) -> None:
    """The sample on the page of the interface runs as it stands there."""
    page = cast.open("heqing", "/systems/demo_system/about/interface/")
    page.locator("#tab-visit-read-python").click()
    lines = page.locator("#code-visit-read-python .line").all_inner_texts()
    cookie = next(one for one in page.context.cookies() if one["name"] == "sessionid")
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, check=True, env={"SESSION": str(cookie["value"])},
    )  # fmt: skip
    assert len(ast.literal_eval(done.stdout.decode())["records"]) == 3


def asked(cast: Cast, code: str, title: str = "预约") -> str:
    """周航 finds the table in the catalogue, fills in the form and hands it in once; the number of the request."""
    page = cast.open("zhouhang", f"/share/resources/?q={title}")
    page.locator(f"a[href*='{code.replace('/', '%2F')}'], a[href*='{code}']").first.click()
    page.wait_for_url(re.compile(r"/share/resources/306"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    page.goto(page.url + "request/")
    page.locator("[name=code_0]").fill(PURPOSE.removeprefix("item:"))
    page.locator("[name=title_0]").fill("最低生活保障对象认定")
    page.locator("[name=reason]").fill("核对申请人是否已预约。")
    for name, values in {
        "modes": ("query",),
        "fields": ("number", "day", "state"),
        "lookups": ("number",),
    }.items():
        for value in values:
            page.locator(f"input[name={name}][value='{value}']").check()
    page.locator("button[name=do][value=submit]").click()
    page.wait_for_url(re.compile(r"/share/requests/R-"))
    return page.url.rstrip("/").rsplit("/", 1)[1]


def granted(cast: Cast, request: str) -> str:
    """何青 passes it, 王敏 grants it; the number of the grant."""
    page = cast.open("heqing", f"/desk/reviews/{request}/")
    page.locator("form#accept button").click()
    expect(page.locator("form#accept")).to_have_count(0)
    page = cast.open("wangmin", f"/desk/decisions/{request}/")
    page.locator("button.button-primary[form=decide]").click()
    expect(page.locator("button.button-primary[form=decide]")).to_have_count(0)
    found = re.search(r"G-\d{4}-\d{6}", cast.open("zhouhang", f"/share/requests/{request}/").content())
    assert found is not None
    return found[0]


def load(node: Node, file: Path, rows: int, system: str = "demo_system") -> tuple[str, tuple[str, ...]]:
    """A file of so many rows, the name of its load and the command that imports it."""
    lines = "".join(f"访客{at},2026-11-18\n" for at in range(rows))
    file.write_text(f"姓名,日期\n{lines}", encoding="utf-8")
    name = f"many-{uuid.uuid4().hex[:6]}"
    words = ("system", "import", system, "visit", str(file), "--data", str(node.folder), "--as", "heqing")
    return name, (*words, "--purpose", "reception", "--load", name)


def loaded_by_name(node: Node, folder: Path) -> None:
    """A load that is done stands in no list, comes in once however often it is sent, and is of one file."""
    file = folder / "few.csv"
    name, command = load(node, file, 40)
    for _ in range(2):
        assert "40 records imported" in yw(*command)
    assert name not in yw("system", "loads", "--data", str(node.folder), "--as", "heqing")
    file.write_text("姓名,日期\n访客,2026-11-18\n", encoding="utf-8")
    yw(*command, expect=2)


@pytest.mark.long
def test_a_load_of_many_rows_by_command_that_is_killed_is_gone_on_with(node: Node, tmp_path: Path) -> None:
    """docs/howto/import-and-export-records.md, "Import millions of rows"."""
    yw("system", "new", "loaded_system", "--in", str(tmp_path))
    data = ("--data", str(node.folder))
    yw("system", "apply", str(tmp_path / "loaded_system"), *data, "--owner", PROVIDER)
    yw("system", "role", "loaded_system.clerk", "heqing", "--as", "fangyuan", *data)
    name, command = load(node, tmp_path / "many.csv", 120_000, "loaded_system")
    first = subprocess.Popen(
        [sys.executable, "-m", "yiwang.bootstrap.cli", *command], stderr=subprocess.PIPE, text=True
    )
    assert first.stderr is not None
    assert "100,000" in first.stderr.read(8)
    first.kill()
    first.wait(30)
    loads = ("system", "loads", *data, "--as", "heqing")
    assert f"loaded_system\tvisit\t{name}\t100000\t" in yw(*loads)
    assert "120,000 records imported" in yw(*command)
    assert name not in yw(*loads)
    assert "120,000 records imported" in yw(*command)


def queried(node: Node, cast: Cast, code: str, grant: str, number: str, folder: Path) -> None:
    """Through the gateway, on the page of the grant and by a client; the evidence is valid."""
    page = cast.open("zhouhang", f"/share/grants/{grant}/")
    page.locator("[name=where_number]").fill(number)
    page.get_by_role("button", name="发送请求").click()
    expect(page.get_by_text("凭证已验证")).to_be_visible()
    expect(page.get_by_text("2026-11-19").first).to_be_visible()
    assert cast.status("zhaojing", f"/share/grants/{grant}/") == 404
    key = str(node.folder / "clients" / "lan-minzheng-1.pem")
    printed = yw(
        "client", "query", code, "--where", f"number={number}", "--purpose", PURPOSE, "--key", key, "--gateway", node.gateway,
        "--evidence", str(folder / "e.json"),
    )  # fmt: skip
    assert "2026-11-19" in printed
    trust = folder / "trust.json"
    trust.write_text(yw("evidence", "trust", "--data", str(node.folder)), encoding="utf-8")
    yw("evidence", "verify", str(folder / "e.json"), "--trust", str(trust))


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
