"""The code samples do what they promise: the shell script is run, and its request is read by the envelope."""

from __future__ import annotations

import itertools
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from yiwang.portal.code import lines
from yiwang.portal.share.samples import Call, samples
from yiwang.vocabulary.crypto import generate
from yiwang.vocabulary.envelope import header_source, parse_request

QUERY = Call(
    "query", "306001003/12", "G-2026-000001", "item:370100-001;case=DB-2026-01", {"统一社会信用代码": "91370100964709014M"},
    ("企业名称", "成立日期"), {},
)  # fmt: skip
VERIFY = Call(
    "verify", "306001003/12", "G-2026-000001", "law:decree-809#3", {"证号": "1"}, (), {"姓名": "王'敏"}
)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")
@pytest.mark.parametrize("call", [QUERY, VERIFY], ids=["query", "verify"])
def test_the_shell_script_signs_a_request_that_the_gateway_reads(call: Call, tmp_path: Path) -> None:
    key = generate("sm2-sm3")
    (tmp_path / "client.pem").write_bytes(key.to_pem(None))
    seen = tmp_path / "seen"
    stand_in = tmp_path / "curl"
    stand_in.write_text(
        f'#!/bin/sh\nfor a in "$@"; do printf "%s\\n\\001\\n" "$a"; done > {seen}\n', encoding="utf-8"
    )
    stand_in.chmod(stand_in.stat().st_mode | stat.S_IXUSR)
    script = next(sample for sample in samples(call) if sample.key == "curl").text
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["bash", "-euc", script], cwd=tmp_path, env=env, check=True, capture_output=True)
    sent = seen.read_text(encoding="utf-8").split("\n\001\n")
    headers = [text.split(": ", 1) for flag, text in itertools.pairwise(sent) if flag == "-H"]
    path = next(text for text in sent if text.startswith("http")).split("/", 3)[3]
    request = parse_request("POST", "/" + path, "", header_source((name, value) for name, value in headers))
    request.check_signature(key.public)
    assert request.kid == key.kid
    body = sent[sent.index("--data-raw") + 1].encode()
    assert request.suite.digest(body) == request.content_digest


def test_python_samples_compile() -> None:
    for call in (QUERY, VERIFY):
        compile(next(sample.text for sample in samples(call) if sample.key == "python"), "sample", "exec")


def test_marked_lines_escape_what_they_show() -> None:
    assert lines('{"a": "<b>"}', "json") == [
        '{<span class="k">&quot;a&quot;</span>: <span class="s">&quot;&lt;b&gt;&quot;</span>}'
    ]
