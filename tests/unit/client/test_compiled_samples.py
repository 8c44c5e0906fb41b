"""Java and C# as text: the signature base that they build is the one of the recorded signatures, byte for byte."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.client.compiled_samples import csharp_sample, java_sample
from yiwang.client.samples import Sample, curl_sample, python_sample
from yiwang.vocabulary.crypto import SUITES, load_public
from yiwang.vocabulary.envelope import content_digest, parse_request

VECTORS = json.loads(
    (Path(__file__).parents[3] / "docs/specs/vectors/envelope.json").read_text(encoding="utf-8")
)["cases"]
_TERM = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[A-Za-z_@][A-Za-z_@0-9]*)\s*(\+|$)', re.DOTALL)
Write = Callable[..., str]
WRITERS = [pytest.param(java_sample, id="java"), pytest.param(csharp_sample, id="csharp")]


def expression(text: str, name: str) -> str:
    """The right side of the assignment to a string variable."""
    found = re.search(rf"[Ss]tring @?{name} = (.*?);\n", text, re.DOTALL)
    assert found, f"{name} is not assigned"
    return found[1]


def evaluated(expression: str, variables: dict[str, str]) -> str:
    """A sum of literals and variables, as both languages read it."""
    at, parts = 0, []
    while at < len(expression):
        term = _TERM.match(expression, at)
        assert term, f"not a sum of texts: {expression[at : at + 40]!r}"
        parts.append(json.loads(term[1]) if term[1].startswith('"') else variables[term[1]])
        at = term.end()
    return "".join(parts)


def constant(text: str, name: str) -> str:
    found = re.search(rf'[Ss]tring {name} = ("(?:[^"\\]|\\.)*");', text)
    assert found, f"{name} is no constant"
    return str(json.loads(found[1]))


def recorded(case: dict[str, Any]) -> tuple[Sample, dict[str, str]]:
    """The recorded request as a sample, and what its variables held."""
    headers = case["headers"]
    body = json.loads(case["body"])
    sample = Sample(
        code=unquote(case["path"].split("/")[3]), given=body["where"], fields=body.get("fields"),
        purpose=unquote(headers["YW-Purpose"]), gateway="http://gateway", grant=headers.get("YW-Grant"),
        node=headers["YW-Node"],
    )  # fmt: skip
    given = dict(re.findall(r';(\w+)="?([^";]+)"?', headers["Signature-Input"]))
    return sample, {
        "created": given["created"], "nonce": given["nonce"], "KEY_ID": given["keyid"], "suite": given["alg"],
        "path": case["path"], "digest": headers["Content-Digest"], "once": headers.get("Idempotency-Key", ""),
    }  # fmt: skip


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("case", VECTORS, ids=[case["suite"] for case in VECTORS])
def test_the_base_that_the_text_builds_is_the_one_that_was_signed(write: Write, case: dict[str, Any]) -> None:
    sample, variables = recorded(case)
    text = write(sample, kid=variables["KEY_ID"])
    for name in ("NODE", "PURPOSE", "GRANT"):
        variables[name] = constant(text, name)
    assert constant(text, "PATH") == case["path"]
    assert constant(text, "BODY") == case["body"]
    assert constant(text, "KEY_ID") == variables["KEY_ID"]
    assert content_digest(SUITES[case["suite"]], constant(text, "BODY").encode()) == variables["digest"]
    variables["parameters"] = evaluated(expression(text, "parameters"), variables)
    assert f"yw={variables['parameters']}" == case["headers"]["Signature-Input"]
    base = evaluated(expression(text, "base"), variables).encode("ascii")
    headers = {name.lower(): [value] for name, value in case["headers"].items()}
    request = parse_request("POST", case["path"], "", lambda name: headers.get(name.lower(), []))
    assert base == request.base
    public = load_public(base64.b64decode(case["public_key"]))
    assert public.verify(base, request.signature)


@pytest.mark.parametrize("write", WRITERS)
def test_every_header_that_is_signed_is_sent(write: Write) -> None:
    text = write(Sample("a/1", {"x": "1"}, "item:1", "http://g", grant="G-1", node="n"))
    for header in (
        "Content-Digest",
        "YW-Node",
        "YW-Purpose",
        "YW-Grant",
        "Idempotency-Key",
        "Signature-Input",
        "Signature",
    ):
        assert f'"{header}", ' in text
    bare = write(Sample("a/1", {"x": "1"}, "item:1", "http://g", node="n"))
    assert "GRANT" not in bare
    assert "yw-grant" not in bare


@pytest.mark.parametrize("write", WRITERS)
@given(value=st.text(max_size=40), gateway=st.sampled_from(["http://g", "http://g/sandbox/"]))
def test_no_value_breaks_out_of_its_literal(write: Write, value: str, gateway: str) -> None:
    value = value.encode("utf-8", "replace").decode()
    sample = Sample("a/1", {"x": value}, "item:1", gateway, node="n")
    assert json.loads(constant(write(sample), "BODY"))["where"] == {"x": value}
    assert constant(write(sample), "GATEWAY") == gateway.rstrip("/")


@given(value=st.text(max_size=40))
def test_what_java_sends_does_not_depend_on_the_encoding_of_its_source(value: str) -> None:
    value = value.encode("utf-8", "replace").decode()
    text = java_sample(Sample("a/1", {"名称": value}, "item:1", "http://g", node="n"))
    code = [line.partition(" // ")[0] for line in text.splitlines() if not line.startswith("//")]
    assert "\n".join(code).isascii()
    assert json.loads(constant(text, "BODY"))["where"] == {"名称": value}


@pytest.mark.parametrize("write", WRITERS)
def test_comments_are_in_the_language_of_the_reader(write: Write) -> None:
    given = {"code": "a/1", "given": {"x": "1"}, "purpose": "item:1", "gateway": "http://g", "node": "n"}
    assert "调用一次资源" in write(Sample(**given))  # type: ignore[arg-type]
    assert write(Sample(**given, language="en")).isascii()  # type: ignore[arg-type]
    for shell in (curl_sample, python_sample):
        assert shell(Sample(**given, language="en")).isascii()  # type: ignore[arg-type]
        assert not shell(Sample(**given)).isascii()  # type: ignore[arg-type]
