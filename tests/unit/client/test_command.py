"""`yw client` and the samples, against a node on a real socket."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.unit.client.fake_node import ENTERPRISES, FakeNode
from yiwang.bootstrap.cli.client import command
from yiwang.bootstrap.cli.client_output import as_csv, as_table, width
from yiwang.client import Row, verifier
from yiwang.client.samples import Sample, command_sample, curl_sample, python_sample
from yiwang.vocabulary.crypto import generate, load_private, load_public

CODE, PURPOSE = "306001003/12", "item:370100-低保审核;case=2026-17"
SOURCE = Path(__file__).resolve().parents[3] / "src"


class Desk:
    """周航's command line: a key file, a trust file and a node that answers."""

    def __init__(self, folder: Path, node: FakeNode, address: str, suite: str) -> None:
        self.folder, self.node, self.address = folder, node, address
        self.key = folder / "client.pem"
        self.key.touch(mode=0o600)
        made = generate(suite)
        node.welcome(made)
        self.key.write_bytes(made.to_pem())
        self.trust = folder / "trust.json"
        self.trust.write_bytes(node.trust().to_json())

    def run(self, *arguments: str, trust: bool = True) -> Result:
        own = ["--gateway", self.address, "--key", str(self.key), "--retries", "0"]
        own += ["--trust", str(self.trust)] if trust else []
        return CliRunner().invoke(command, [*arguments, *own], catch_exceptions=False, env={"COLUMNS": "200"})


@pytest.fixture(params=["sm2-sm3", "ed25519"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    node = FakeNode("sm2-sm3")
    with node.served() as address:
        yield Desk(tmp_path, node, address, request.param)


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Desk]:
    node = FakeNode("ed25519")
    with node.served() as address:
        yield Desk(tmp_path, node, address, "ed25519")


def test_a_query_prints_rows_and_writes_evidence_that_verifies(desk: Desk) -> None:
    file = desk.folder / "e.json"
    done = desk.run(
        "query",
        CODE,
        "--where",
        "统一社会信用代码=91370100964709014M",
        "--purpose",
        PURPOSE,
        "--evidence",
        str(file),
    )
    assert done.exit_code == 0, done.output
    assert "91370100964709010M" in done.stdout
    assert "统一社会信用代码" in done.stdout
    assert json.loads(desk.node.bodies[-1]) == {"where": {"统一社会信用代码": "91370100964709014M"}}
    assert verifier.main([str(file), "--trust", str(desk.trust)]) == 0
    assert json.loads(json.loads(file.read_text("utf-8"))["answer"])["rows"] == ENTERPRISES


def test_all_pages_come_as_one_json_list_or_one_csv_with_a_bundle_a_page(one: Desk) -> None:
    done = one.run(
        "query",
        CODE,
        "--purpose",
        PURPOSE,
        "--limit",
        "3",
        "--all",
        "--format",
        "json",
        "--evidence",
        str(one.folder / "e.json"),
    )
    assert json.loads(done.stdout) == ENTERPRISES
    assert sorted(path.name for path in one.folder.glob("e*.json")) == ["e.2.json", "e.3.json", "e.json"]
    done = one.run("query", CODE, "--purpose", PURPOSE, "--limit", "3", "--all", "--format", "csv")
    assert [dict(row) for row in csv.DictReader(io.StringIO(done.stdout))] == ENTERPRISES
    done = one.run("query", CODE, "--purpose", PURPOSE, "--limit", "3")
    assert "--all" in done.stderr


def test_a_verification_says_what_matches(one: Desk) -> None:
    done = one.run(
        "verify",
        CODE,
        "--subject",
        "身份证号=11010119900307281X",
        "--claim",
        "姓名=陈晨",
        "--claim",
        "住址=",
        "--purpose",
        PURPOSE,
    )
    assert (done.exit_code, done.stderr) == (0, "")
    assert "一致" in done.stdout
    assert "无法核对" in done.stdout
    done = one.run(
        "verify", CODE, "--subject", "a=1", "--claim", "姓名=陈晨", "--purpose", PURPOSE, "--format", "json"
    )
    assert json.loads(done.stdout) == {"姓名": "match"}


def test_each_kind_of_failure_has_words_and_an_exit_code_of_its_own(one: Desk) -> None:
    ask = ("query", CODE, "--purpose", PURPOSE)
    one.node.refuse = [(403, "grant-expired", {}), (403, "grant-expired", {})]
    done = one.run(*ask)
    assert (done.exit_code, done.stdout) == (3, "")
    assert "被拒绝。" in done.stderr
    assert "→ 请改正。" in done.stderr
    assert "[grant-expired] req-refused" in done.stderr
    done = one.run(*ask, "--lang", "en")
    assert "Refused." in done.stderr
    one.node.leaf_changes = {"rows": 1}
    assert one.run(*ask).exit_code == 5
    assert one.run("query", CODE, "--purpose", "x").exit_code == 2
    assert one.run(*ask, "--where", "x").exit_code == 2
    one.address = "http://127.0.0.1:9"
    done = one.run(*ask)
    assert done.exit_code == 4
    assert "连不上网关" in done.stderr


def test_without_a_trust_file_it_says_that_the_key_is_the_gateways_own_word(one: Desk) -> None:
    done = one.run("query", CODE, "--purpose", PURPOSE, trust=False)
    assert done.exit_code == 0
    assert one.node.key.kid in done.stderr


def test_gateway_and_key_must_be_given_or_come_from_a_profile(one: Desk) -> None:
    ask = ["query", CODE, "--purpose", PURPOSE]
    assert CliRunner().invoke(command, ask).exit_code == 2
    file = one.folder / "profiles.toml"
    file.write_text(
        f'[lan]\ngateway = "{one.address}"\nkey = "client.pem"\ntrust = "trust.json"\n', encoding="utf-8"
    )
    environment = {"YW_CLIENT_PROFILES": str(file)}
    done = CliRunner().invoke(command, [*ask, "--profile", "lan"], env=environment)
    assert (done.exit_code, done.stderr) == (0, "")
    assert CliRunner().invoke(command, [*ask, "--profile", "other"], env=environment).exit_code == 2
    assert "lan" in CliRunner().invoke(command, ["profile", "list"], env=environment).stdout


@pytest.mark.parametrize("suite", ["sm2-sm3", "ed25519"])
@pytest.mark.parametrize("password", [None, "一网"])
def test_a_new_key_is_private_and_never_overwritten(suite: str, password: str | None, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    arguments = ["key", "new", "--suite", suite, "--out", str(file)]
    environment = {"YW_KEY_PASSWORD": password} if password else {}
    done = CliRunner().invoke(command, arguments, env=environment)
    assert done.exit_code == 0, done.output
    assert file.stat().st_mode & 0o777 == 0o600
    made = load_private(file.read_bytes(), password.encode() if password else None)
    assert made.suite.name == suite
    kid, _, pem = done.stdout.partition("\n")
    assert kid == f"kid {made.kid}"
    assert load_public(pem.encode()).kid == made.kid
    assert CliRunner().invoke(command, arguments).exit_code == 1
    assert made.kid == load_private(file.read_bytes(), password.encode() if password else None).kid


def shell(script: str, *arguments: str, folder: Path) -> str:
    file = folder / "call.sh"
    file.write_text(script, encoding="utf-8")
    done = subprocess.run(
        ["sh", str(file), *arguments], capture_output=True, text=True, timeout=30, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_signed_curl_command_works_once(desk: Desk) -> None:
    done = desk.run(
        "sign",
        CODE,
        "--where",
        "企业名称:prefix=澜州's",
        "--field",
        "企业名称",
        "--purpose",
        PURPOSE,
        "--limit",
        "2",
    )
    assert done.exit_code == 0
    assert '"@signature-params"' in done.stderr
    assert len(json.loads(shell(done.stdout, folder=desk.folder))["rows"]) == 2
    assert json.loads(shell(done.stdout, folder=desk.folder))["code"] == "nonce-replayed"


@pytest.mark.parametrize("grant", [None, "G-2026-000001"])
@pytest.mark.parametrize("node", [None, "lanzhou"])
def test_the_curl_sample_signs_with_openssl_alone(desk: Desk, grant: str | None, node: str | None) -> None:
    call = Sample(
        CODE,
        {"企业名称": '澜州\'s "第一" $(id) %s\\n厂'},
        PURPOSE,
        desk.address,
        fields=["企业名称"],
        grant=grant,
        node=node,
    )
    script = curl_sample(call)
    answer = json.loads(shell(script, str(desk.key), folder=desk.folder))
    assert answer["rows"] == ENTERPRISES
    seen = desk.node.seen[-1]
    assert (seen.grant, seen.purpose.text, seen.node) == (grant, PURPOSE, "lanzhou")
    assert json.loads(desk.node.bodies[-1])["where"] == {"企业名称": '澜州\'s "第一" $(id) %s\\n厂'}


@pytest.mark.parametrize("grant", [None, "G-2026-000001"])
def test_the_python_sample_runs_as_it_stands(desk: Desk, grant: str | None) -> None:
    fields = ["企业名称"] if grant else None
    call = Sample(
        CODE, {"企业名称": {"in": ["澜州\"'厂", "乙"]}}, PURPOSE, desk.address, fields=fields, grant=grant
    )
    program = python_sample(call)
    file = desk.folder / "call.py"
    file.write_text(program, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, str(file)],
        capture_output=True,
        text=True,
        timeout=30,
        cwd=desk.folder,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("机械厂") == len(ENTERPRISES)
    assert json.loads(desk.node.bodies[-1])["where"] == {"企业名称": {"in": ["澜州\"'厂", "乙"]}}
    assert verifier.main([str(desk.folder / "e.json"), "--trust", str(desk.trust)]) == 0


def test_the_command_sample_is_taken_as_the_call_it_shows(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(desk.folder)
    call = Sample(CODE, {"企业名称": {"prefix": "澜州's"}}, PURPOSE, desk.address, grant="G-2026-000001")
    words = shlex.split(command_sample(call, key=str(desk.key)).split("\n\n")[0].replace("\\\n", ""))
    done = CliRunner().invoke(command, words[2:])
    assert done.exit_code == 0, done.stderr
    assert json.loads(desk.node.bodies[-1])["where"] == {"企业名称": {"prefix": "澜州's"}}


def test_rows_become_a_table_where_it_fits_and_blocks_where_not() -> None:
    rows: list[Row] = [{"名称": "澜州第一机械厂", "资本": 12}, {"名称": "甲", "资本": None}]
    table = as_table(rows, 80).splitlines()
    assert [width(line.rstrip()) for line in table[:2]] == [
        width("澜州第一机械厂") + 6,
        width("澜州第一机械厂") + 6,
    ]
    assert as_table(rows, 10) == "名称  澜州第一机械厂\n资本  12\n\n名称  甲\n资本  \n"
    assert "\x1b" not in as_table([{"a": "\x1b[31m\u202e红"}], 80)


def test_csv_gives_a_spreadsheet_nothing_to_run() -> None:
    text = as_csv([{"a": "=1+1", "b": "-5", "c": "@x", "d": -5}], ["a", "b", "c", "d"], header=False)
    assert text == "'=1+1,-5,'@x,-5\r\n"
