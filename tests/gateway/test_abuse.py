"""Strangers who send too much, too deep, too slowly or too often: counted, bounded, and no caller disturbed."""

from __future__ import annotations

import concurrent.futures
import json
import os
import signal
import socket
import time

import psutil
import pytest

from benchmarks._node import Gateway
from tests.gateway.stage import PEOPLE, Stage

PATH = "/v1/resources/306001003%2F12/query"
ASK = {"身份号码": PEOPLE[0]}


@pytest.fixture(scope="module")
def grant(stage: Stage) -> str:
    return stage.grant().id


def raw(gateway: Gateway, data: bytes, *, more: bytes = b"", pieces: int = 0) -> bytes:
    """Send bytes and give back the head of what comes."""
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as one:
        one.sendall(data)
        try:
            for _ in range(pieces):
                one.sendall(more)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough
        try:
            return one.recv(65536)
        except ConnectionResetError:
            return b"reset"


def head(stage: Stage, body: bytes, grant: str, *extra: str, length: int | None = None) -> bytes:
    """The head of a signed request whose body is sent apart."""
    request = stage.sign(PATH, body, grant=grant)
    lines = [
        f"POST {PATH} HTTP/1.1",
        "Host: x",
        *(f"{k}: {v}" for k, v in request.http_headers().items()),
        *extra,
    ]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def memory(gateway: Gateway) -> int:
    return int(psutil.Process(gateway.process.pid).memory_info().rss)


def test_a_body_of_100_mb_is_refused_from_its_announcement(stage: Stage, grant: str) -> None:
    before = memory(stage.one)
    began = time.monotonic()
    answer = raw(stage.one, head(stage, b"{}", grant, length=100 << 20), more=b"x" * (1 << 20), pieces=100)
    assert answer.startswith(b"HTTP/1.1 413") or answer == b"reset"
    chunk = b"100000\r\n" + b"x" * (1 << 20) + b"\r\n"
    answer = raw(stage.one, head(stage, b"{}", grant, "Transfer-Encoding: chunked"), more=chunk, pieces=100)
    assert answer.startswith(b"HTTP/1.1 413") or answer == b"reset"
    assert memory(stage.one) - before < 60 << 20
    assert time.monotonic() - began < 10
    assert stage.query(ASK, grant=grant).status == 200


def test_deep_json_is_refused_with_evidence_since_its_sender_is_proven(stage: Stage, grant: str) -> None:
    body = b'{"where":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}"
    answer = stage.send(stage.sign(PATH, body, grant=grant))
    assert (answer.status, answer.code) == (422, "body-too-deep")
    stage.proves(answer)


@pytest.mark.parametrize(
    "data",
    [
        b"garbage\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(200),
        b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"GET " + b"/" * 200_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20_000 + b"\r\n",
        b"POST /v1/resources/a/query HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_request_is_turned_away(stage: Stage, grant: str, data: bytes) -> None:
    answer = raw(stage.one, data)
    assert answer[:12] in (b"", b"reset") or b" 4" in answer[:13], answer[:100]
    assert stage.query(ASK, grant=grant).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Signature": "x"}, {"Signature-Input": "yw=()"}, {"Signature": "yw=:" + "A" * 90 + ":", "Signature-Input": "é"},
        {"Content-Digest": "sm3=:x:", "Signature-Input": 'yw=("@method")', "Signature": "yw=:AA==:"},
    ],
)  # fmt: skip
def test_broken_signature_headers_have_their_errors(stage: Stage, headers: dict[str, str]) -> None:
    sent = [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
    answer = stage.http.post(stage.one.url + PATH, content=b"{}", headers=sent)
    assert answer.status_code == 401
    assert answer.json()["mend_en"]


def test_bodies_that_never_arrive_hold_nobody_up(stage: Stage, grant: str) -> None:
    waiting = []
    for _ in range(60):
        one = socket.create_connection(("127.0.0.1", stage.one.port))
        one.sendall(head(stage, b"{}", grant, length=500_000) + b"{")
        waiting.append(one)
    try:
        began = time.monotonic()
        for _ in range(5):
            assert stage.query(ASK, grant=grant).status == 200
        assert time.monotonic() - began < 3
    finally:
        for one in waiting:
            one.close()


def test_a_flood_of_wrong_signatures_is_counted_and_honest_callers_are_served(
    stage: Stage, grant: str
) -> None:
    body = json.dumps({"where": ASK}).encode()
    wrong = stage.sign(PATH, body, grant=grant, key=stage.modern)
    other = stage.sign(PATH, body, grant=grant, key=stage.modern)
    before = stage.leaves()
    counted = stage.http.get(f"{stage.one.url}/healthz").json()["refused_without_evidence"]

    def flood(_number: int) -> str:
        return stage.send(wrong, signature=other.signature).code

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        flooding = [threads.submit(flood, n) for n in range(200)]
        served = 0
        while not all(one.done() for one in flooding):
            answer = stage.query(ASK, grant=grant)
            assert answer.status == 200, "from the same address, with another key"
            served += 1
        codes = {one.result() for one in flooding}
    assert codes <= {"signature-wrong", "gateway-busy"}
    after = stage.http.get(f"{stage.one.url}/healthz").json()["refused_without_evidence"]
    assert sum(after.values()) - sum(counted.values()) >= 200
    assert stage.leaves() == before + served
    assert served


def test_a_verifying_process_that_dies_is_replaced_and_no_call_is_lost(stage: Stage, grant: str) -> None:
    children = psutil.Process(stage.two.process.pid).children()
    verifier = next(child for child in children if "verification" in " ".join(child.cmdline()))
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(stage.query, ASK, grant=grant, to=stage.two) for _ in range(20)]
        os.kill(verifier.pid, signal.SIGKILL)
        assert [one.result().status for one in asked] == [200] * 20
    assert stage.query(ASK, grant=grant, to=stage.two).status == 200


def test_a_gateway_that_is_told_to_stop_ends_cleanly_and_its_log_is_taken_over(
    stage: Stage, grant: str
) -> None:
    extra = stage.node.gateway("gw3")
    extra.wait()
    assert stage.query(ASK, grant=grant, to=extra).status == 200
    extra.process.terminate()
    assert extra.process.wait(10) == 0
    again = stage.node.gateway("gw3")
    again.wait()
    answer = stage.query(ASK, grant=grant, to=again)
    assert answer.receipt.index == 1
    stage.proves(answer)
    again.stop()


def test_a_second_gateway_on_the_same_log_does_not_start(stage: Stage) -> None:
    second = stage.node.gateway("gw1")
    assert second.process.wait(20) == 1
    assert "log-taken" in second.output.read_text()
