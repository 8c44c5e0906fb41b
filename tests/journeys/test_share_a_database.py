"""docs/howto/share-a-database.md, step by step, with a real register of enterprises."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.conftest import Node

COLUMNS = [
    "企业名称",
    "统一社会信用代码",
    "注册日期",
    "企业类型",
    "法人代表_伪名",
    "注册资金",
    "经营范围",
    "所在省份",
    "地区",
    "注册地址",
]
ENTERPRISE = "91370100964709014M"
PURPOSE = "item:000111004000"


def yw(*words: str, expect: int = 0, stdin: bytes | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "yiwang.bootstrap.cli", *words],
        input=stdin, capture_output=True, check=False, env={**os.environ, "LANG": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == expect, f"{words}\n{done.stdout.decode()}\n{done.stderr.decode()}"
    return done.stdout.decode()


@pytest.fixture(scope="module")
def mounted(node: Node, shared_data: Path) -> str:
    """The register in a database of its own, mounted; the resource's code."""
    data = str(node.folder)
    sample = shared_data / "legal" / "shandong_jinan_enterprises_sample.csv.gz"
    plain = subprocess.run(["gzip", "-dc", str(sample)], capture_output=True, check=True).stdout
    table = ", ".join(f'"{name}" text' for name in COLUMNS)
    yw("psql", "--data", data, "-q", "-c", "CREATE DATABASE jinan")
    yw("psql", "--data", data, "-d", "jinan", "-q", "-c", f"CREATE TABLE qy ({table})")
    yw(
        "psql",
        "--data",
        data,
        "-d",
        "jinan",
        "-q",
        "-c",
        r"\copy qy FROM STDIN CSV HEADER",
        stdin=plain.lstrip(b"\xef\xbb\xbf"),
    )
    yw("psql", "--data", data, "-d", "jinan", "-q", "-c", "ALTER TABLE qy ADD PRIMARY KEY (统一社会信用代码)")
    yw(
        "psql", "--data", data, "-d", "jinan", "-q", "-c",
        "CREATE ROLE jinan_reader LOGIN PASSWORD 'reads-only'; GRANT SELECT ON qy TO jinan_reader",
    )  # fmt: skip
    port = yw("psql", "--data", data, "-At", "-c", "SHOW port").strip()
    url = f"postgresql://jinan_reader:reads-only@127.0.0.1:{port}/jinan"
    yw("exchange", "sources", "test", url, "--table", "public.qy")
    made = yw(
        "exchange", "mount", "--data", data, "--as", "wangmin", "--url", url, "--table", "public.qy", "--title", "济南企业登记样本",
        "--classification", "306001003", "--summary", "企业登记信息样本", "--condition", "作为行政依据",
    )  # fmt: skip
    return str(json.loads(made)["resource"])


@pytest.fixture(scope="module")
def granted(node: Node, mounted: str) -> str:
    """A grant for the civil affairs bureau; returns the resource's code."""
    data = str(node.folder)
    made = yw(
        "exchange", "request", mounted, "--data", data, "--as", "zhouhang", "--field", "企业名称", "--field", "统一社会信用代码",
        "--field", "注册资金", "--by", "统一社会信用代码", "--purpose", PURPOSE, "--purpose-title", "最低生活保障对象认定",
        "--reason", "核对家庭成员是否登记企业",
    )  # fmt: skip
    number = str(json.loads(made)["request"])
    yw("exchange", "decide", number, "accept", "--data", data, "--as", "heqing")
    yw("exchange", "decide", number, "approve", "--data", data, "--as", "wangmin")
    return mounted


@pytest.fixture(scope="module")
def bundle(node: Node, granted: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The evidence of one query, beside the trust file."""
    folder = tmp_path_factory.mktemp("evidence")
    key = node.folder / "clients" / "lan-minzheng-1.pem"
    printed = yw(
        "client", "query", granted, "--where", f"统一社会信用代码={ENTERPRISE}", "--purpose", PURPOSE, "--key", str(key),
        "--gateway", node.gateway, "--evidence", str(folder / "e.json"),
    )  # fmt: skip
    assert ENTERPRISE in printed
    (folder / "trust.json").write_text(yw("evidence", "trust", "--data", str(node.folder)), encoding="utf-8")
    return folder / "e.json"


@pytest.mark.needs_shared_data
def test_the_row_that_comes_back_is_the_row_of_the_register(bundle: Path, shared_data: Path) -> None:
    sample = shared_data / "legal" / "shandong_jinan_enterprises_sample.csv.gz"
    plain = subprocess.run(["gzip", "-dc", str(sample)], capture_output=True, check=True).stdout.decode(
        "utf-8-sig"
    )
    name = next(line.split(",")[0] for line in plain.splitlines() if ENTERPRISE in line)
    answer = json.loads(json.loads(bundle.read_text(encoding="utf-8"))["answer"])
    assert answer["rows"][0]["企业名称"] == name


@pytest.mark.needs_shared_data
def test_the_evidence_verifies_and_a_changed_byte_is_named(bundle: Path) -> None:
    trust = str(bundle.parent / "trust.json")
    yw("evidence", "verify", str(bundle), "--trust", trust)
    facts = json.loads(bundle.read_text(encoding="utf-8"))
    changed = bundle.parent / "changed.json"
    for part, spoilt in (
        ("answer", facts["answer"].replace(ENTERPRISE, "91370100964709014N")),
        ("leaf", facts["leaf"].replace('"rows":1', '"rows":2')),
        (
            "proof",
            [("0" if facts["proof"][0][0] != "0" else "1") + facts["proof"][0][1:], *facts["proof"][1:]],
        ),
    ):
        changed.write_text(json.dumps({**facts, part: spoilt}, ensure_ascii=False), encoding="utf-8")
        assert yw("evidence", "verify", str(changed), "--trust", trust, "--lang", "en", expect=1)


@pytest.mark.needs_shared_data
def test_a_row_of_the_journal_changed_by_an_administrator_is_named_by_the_audit(
    node: Node, bundle: Path
) -> None:
    facts = json.loads(bundle.read_text(encoding="utf-8"))
    leaf = json.loads(facts["leaf"])
    data = str(node.folder)
    yw("evidence", "audit", "--data", data)
    change = "UPDATE journal_leaf SET leaf = replace(leaf, '\"status\":{}', '\"status\":{}') WHERE log = '{}' AND index = {}"
    place = (leaf["log"], facts["index"])
    yw("psql", "--data", data, "-d", "yiwang", "-q", "-c", change.format(200, 201, *place))
    try:
        told = yw("evidence", "audit", "--data", data, expect=1)
        assert str(facts["index"]) in told
    finally:
        yw("psql", "--data", data, "-d", "yiwang", "-q", "-c", change.format(201, 200, *place))
    yw("evidence", "audit", "--data", data)
