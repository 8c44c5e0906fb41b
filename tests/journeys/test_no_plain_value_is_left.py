"""An encrypted field's value is nowhere in the files of a running node, nor in any copy for who may not see it.

The processes are the real ones: web, gateway, worker and notary of a demo node, and commands beside it. Everything that is
done with such values is done, and then every file below the node's folder is read: tables, indexes and the write-ahead log of
its database, logs, files of the moment, folders of jobs. Names, which are not encrypted, prove that the search finds.
"""

from __future__ import annotations

import base64
import gzip
import json
import random
import re
import subprocess
import sys
import time
import uuid
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
from django.core.signing import b64_decode
from playwright.sync_api import expect

from tests.journeys.conftest import Node
from tests.journeys.sealed_notes import package
from tests.journeys.searching import forms, held_in
from tests.journeys.test_declare_a_system import PROVIDER, asked, code_of, granted
from tests.journeys.test_main_job import Cast, cast
from tests.journeys.test_share_a_database import PURPOSE, yw
from yiwang.bootstrap.embedded import binaries
from yiwang.bootstrap.node import NodeFolder

__all__ = ["cast"]


@dataclass(frozen=True)
class Secrets:
    """Values that stand nowhere else. `name` is not encrypted."""

    system: str
    account: str
    phone: str
    income: str
    name: str

    def row(self, number: str, suffix: str, remark: str = "") -> str:
        """A line of a file with all of them."""
        return f"{number},{self.name}{suffix},2026-11-18,{self.account}{suffix},{self.phone},{self.income},{remark}\n"

    def values(self) -> set[bytes]:
        """The encrypted ones in every form."""
        return {
            form
            for value in (self.account, self.phone, self.income, self.income[:-2])
            for form in forms(value)
        }


HEADS = "编号,姓名,日期,账号,电话,收入,备注\n"


def drawn() -> Secrets:
    mark = uuid.uuid4().hex
    return Secrets(
        f"sealed_{mark[:6]}", f"机密账号{mark[6:16]}", f"139{random.randrange(10**8):08d}",
        str(random.randrange(10**14, 10**15)), f"公开姓名{mark[16:24]}",
    )  # fmt: skip


def test_an_encrypted_value_is_nowhere_in_files_logs_or_copies(
    node: Node, cast: Cast, tmp_path: Path
) -> None:
    one = drawn()
    code = applied(node, one, tmp_path)
    by_page(cast, one)
    by_file(node, cast, one, tmp_path)
    copies = tmp_path / "copies"
    copies.mkdir()
    taken_out(node, cast, one, tmp_path, copies)
    asked_at_the_gateway(node, cast, one, code)
    copied(node, one, copies)
    judged(cast, code)
    resealed(node, one)
    nowhere(node, one, copies)


def test_the_search_finds_a_text_and_a_number_in_whatever_form(tmp_path: Path) -> None:
    text, number = "机密账号0a1b", "786284645165678"
    (tmp_path / "web.log").write_text(f"refused: {text!r}", encoding="utf-8")
    (tmp_path / "dump.sql").write_text(f"\\\\x00{text.encode().hex()}ff", encoding="utf-8")
    (tmp_path / "doc.json").write_text(json.dumps({"account": text}), encoding="utf-8")
    (tmp_path / "1663").write_bytes(b"\x00\x1d" + int(number).to_bytes(8, "little"))
    (tmp_path / "log.gz").write_bytes(gzip.compress(number.encode()))
    for before in range(4):
        packed = base64.b64encode(b"=" * before + text.encode() + b"&more")
        (tmp_path / f"session{before}").write_bytes(packed)
    with zipfile.ZipFile(tmp_path / "rows.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet1.xml", f"<v>{text * 9}</v>")
    held = held_in(tmp_path, forms(text) | forms(number))
    assert {one for places in held.values() for one in places} == {one.name for one in tmp_path.iterdir()}


def applied(node: Node, one: Secrets, folder: Path) -> str:
    made, data = package(folder, one.system), str(node.folder)
    printed = yw("system", "apply", str(made), "--data", data, "--owner", PROVIDER)
    for role, who in (("clerk", "heqing"), ("viewer", "wangmin")):
        yw("system", "role", f"{one.system}.{role}", who, "--as", "fangyuan", "--data", data)
    return code_of(printed, "note")


def by_page(cast: Cast, one: Secrets) -> None:
    """Entered wrongly and rightly, twice, found, shown, corrected; its history."""
    page = cast.open("heqing", f"/systems/{one.system}/note/new/")

    def entered(number: str) -> None:
        for field, value in {
            "number": number, "name": one.name, "day": "2026-11-18", "account": f"{one.account}页", "phone": one.phone,
            "income": f"{one.income[:-2]}.{one.income[-2:]}",
        }.items():  # fmt: skip
            page.locator(f"[name=f-{field}]").fill(value)
        page.get_by_role("button", name="保存", exact=True).click()

    entered("")
    expect(page.locator("#errors")).to_contain_text("处要改")
    entered("P1")
    expect(page.get_by_text(f"{one.phone[:3]}****{one.phone[-4:]}").first).to_be_visible()
    page.goto(page.url)
    shown = page.url
    page.get_by_role("button", name="显示 电话").click()
    expect(page.get_by_text(one.phone).first).to_be_visible()
    cast.open("heqing", f"/systems/{one.system}/note/new/")
    entered("P1")  # a key that is taken
    expect(page.locator("[name=f-number][aria-invalid], .error-summary, [role=alert]").first).to_be_visible()
    page.goto(shown)
    page.get_by_role("link", name="修改", exact=True).last.click()
    page.locator("[name=f-account]").fill(f"{one.account}改")
    page.get_by_label("理由").fill("记错")
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_role("link", name="历史", exact=True).first.click()
    expect(page.get_by_text("记错")).to_be_visible()
    page = cast.open("heqing", f"/systems/{one.system}/note/")
    page.get_by_text("更多条件").click()
    page.locator("[name=account]").fill(f"{one.account}改")
    page.get_by_role("button", name="筛选").click()
    expect(page.locator(".record-table tbody tr")).to_have_count(1)


def by_file(node: Node, cast: Cast, one: Secrets, folder: Path) -> None:
    """Files with a wrong cell, a key that is taken and one that is too long; sound ones, small and above a megabyte."""
    file = folder / "notes.csv"
    page = cast.open("heqing", f"/systems/{one.system}/note/")
    page.get_by_role("link", name="导入", exact=True).click()
    wrong = (
        one.row("F1", "甲") + one.row("P1", "乙") + one.row("F2", "长" * 40) + one.row("F3", f"{one.phone}x")
    )
    many = "".join(one.row(f"M{at}", f"第{at:04}号{'名' * 15}", "长" * 600) for at in range(600))
    assert len(many.encode()) > 1024 * 1024, "told while it is read"
    for text, told in (
        (wrong, "#wrong"), (one.row("F4", "丁").replace("2026-11-18", one.account), "#wrong"),
        (one.row("F5", "戊") + one.row("F6", "己"), "#sound"), (many, "#sound"),
    ):  # fmt: skip
        file.write_text(HEADS + text, encoding="utf-8")
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_role("button", name="导入", exact=True).click()
        expect(page.locator(told)).to_be_visible(timeout=240_000)
    words = ("system", "import", one.system, "note", str(file), "--data", str(node.folder), "--as", "heqing")
    for text, status in ((one.row("C1", "庚"), 0), (one.row("C1", "辛"), 2), (one.row("C2", "长" * 40), 2)):
        file.write_text(HEADS + text, encoding="utf-8")
        yw(*words, "--purpose", "reception", expect=status)
    file.write_text(HEADS + one.row("C3", "壬"), encoding="utf-8")
    yw(*words, "--purpose", "reception", "--load", "named")
    file.unlink()


def taken_out(node: Node, cast: Cast, one: Secrets, folder: Path, copies: Path) -> None:
    """By whoever may see the values, to their own place; by who may not, among the copies that are searched."""
    words = ("--data", str(node.folder), "--purpose", "reception")
    for who, place in (("heqing", folder), ("wangmin", copies)):
        for kind in ("csv", "xlsx", "parquet"):
            yw("system", "export", one.system, "note", str(place / f"out.{kind}"), *words, "--as", who)
        page = cast.open(who, f"/systems/{one.system}/note/")
        page.get_by_text("导出", exact=True).click()
        for link in ("CSV", "Excel"):
            with page.expect_download(timeout=120_000) as taken:
                page.get_by_role("link", name=link, exact=True).click()
            taken.value.save_as(place / f"page-{taken.value.suggested_filename}")
    for value in (one.account, one.income):
        assert value in (folder / "out.csv").read_text("utf-8-sig"), "whoever has the right has the value"


def asked_at_the_gateway(node: Node, cast: Cast, one: Secrets, code: str) -> None:
    """A granted request for the row, a signed one that names such a value, and one that is no request."""
    granted(cast, asked(cast, code, "密文登记"))
    key = str(node.folder / "clients" / "lan-minzheng-1.pem")
    words = ("client", "query", code, "--purpose", PURPOSE, "--key", key, "--gateway", node.gateway)
    assert "2026-11-18" in yw(*words, "--where", "number=P1")
    refused = [sys.executable, "-m", "yiwang.bootstrap.cli", *words, "--where", f"account={one.account}"]
    assert subprocess.run(refused, capture_output=True, check=False).returncode != 0
    body = json.dumps({"where": {"account": one.account, "phone": one.phone}}).encode()
    answer = httpx.post(f"{node.gateway}/v1/resources/{code.replace('/', '%2F')}/query", content=body)
    assert answer.status_code >= 400


def superuser(node: Node) -> str:
    password = (node.folder / "postgres" / "superuser.password").read_text(encoding="ascii")
    owner = NodeFolder(node.folder).urls().owner
    return re.sub(r"//[^@]+@", f"//yw_super:{password}@", owner)


def copied(node: Node, one: Secrets, copies: Path) -> None:
    """Tables as they are, past rows too, into files and another database, with their jobs' folders."""
    jobs = ("--jobs", str(copies / "jobs"))
    for table, kind, key in (
        ("note", "csv", ("number",)), ("note", "xlsx", ("number",)), ("note", "parquet", ("number",)),
        ("note__past", "csv", ("_id", "_known")),
    ):  # fmt: skip
        place, job = copies / f"{table}.{kind}", ("--job", f"{table}-{kind}")
        keys = [word for one in key for word in ("--key", one)]
        yw(
            "exchange",
            "copy",
            superuser(node),
            str(place),
            "--table",
            f"sys_{one.system}.{table}",
            *jobs,
            *job,
            *keys,
        )


def judged(cast: Cast, code: str) -> None:
    """The worker opens the values to judge them."""
    end = time.monotonic() + 240
    address = f"/quality/resources/{code.replace('/', '%2F')}/"
    while True:
        page = cast.open("wangmin", address)
        if page.get_by_text("账号太短").count():
            return
        button = page.get_by_role("button", name="立即运行")
        if button.count() and button.first.is_enabled():
            button.first.click()
        assert time.monotonic() < end, page.locator("body").inner_text()
        time.sleep(2)


def resealed(node: Node, one: Secrets) -> None:
    """Under a new key."""
    yw("keys", "rotate", "registry", "--data", str(node.folder))
    yw("keys", "reseal", "registry", "--system", one.system, "--data", str(node.folder))


def sessions(node: Node) -> bytes:
    """What the browsers' sessions hold, opened."""
    with psycopg.connect(superuser(node)) as connection:
        rows = connection.execute("SELECT session_data FROM django_session").fetchall()
    found = []
    for (line,) in rows:
        packed = str(line).split(":")[0]
        raw = b64_decode(packed.removeprefix(".").encode())
        found.append(zlib.decompress(raw) if packed.startswith(".") else raw)
    assert found
    return b"\n".join(found)


def nowhere(node: Node, one: Secrets, copies: Path) -> None:
    children = json.loads((node.folder / "processes.json").read_text(encoding="utf-8"))["processes"]
    names = {row["name"] for row in children}
    assert names >= {"web", "worker", "gateway", "notary"}
    assert {path.stem for path in (node.folder / "logs").glob("*.log")} >= names
    assert {path.name for path in (node.folder / "tmp").iterdir()} == names
    dump = [str(binaries() / "pg_dump"), "-Fp", "-f", str(copies / "dump.sql"), "-d", superuser(node)]
    subprocess.run(dump, check=True, capture_output=True)
    yw("psql", "--data", str(node.folder), "-q", "-c", "CHECKPOINT")
    values, plain = one.values(), one.name.encode()
    inside, outside = (held_in(place, {*values, plain}) for place in (node.folder, copies))
    assert {one.split("/")[0] for one in inside[plain]} == {"postgres"}
    assert any("/pg_wal/" in one for one in inside[plain])
    assert any("/base/" in one for one in inside[plain])
    assert {"dump.sql", "note.csv", "note.xlsx", "out.csv"} <= set(outside[plain])
    found = {(form, *places) for form in values for held in (inside, outside) if (places := held[form])}
    assert found == set()
    kept = sessions(node)
    assert {form for form in values if form in kept} == set()
