"""What a connection makes of the bytes that strangers send, on a server of its own without a gateway behind it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yiwang.gateway.http import connection, server
from yiwang.gateway.http.call import AHEAD, Call, target
from yiwang.gateway.http.server import Server

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"


async def echo(call: Call) -> None:
    body = await call()
    call.response_bytes(200, [("content-type", "text/plain")], call.path.encode() + b"|" + body)


async def deaf(call: Call) -> None:
    """Answers at once, whatever of the body has come."""
    call.response_bytes(413, [], b"no")


def talk(conversation: Talk, answer: Callable[[Call], Awaitable[None]] = echo, *, most: int = 8) -> None:
    """Have a client talk to a server that answers calls so."""

    async def answered(call: Call) -> None:
        await answer(call)

    async def run() -> None:
        running = Server(answered, most=most)
        await running.start("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        try:
            async with asyncio.timeout(10):
                await conversation(reader, writer)
        finally:
            writer.close()
            await running.stop(0.2)

    asyncio.run(run())


async def one(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """One answer: status, headers, body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:] if line)
    return int(head[0].split()[1]), headers, await reader.readexactly(int(headers["content-length"]))


def test_calls_over_one_connection_are_answered_in_their_order_though_sent_ahead() -> None:
    async def slow_first(call: Call) -> None:
        if call.path == "/0":
            await asyncio.sleep(0.02)
        await echo(call)

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in range(5):
            writer.write(b"POST /%d HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n%d" % (number, number))
        assert [(await one(reader))[2] for _ in range(5)] == [b"/%d|%d" % (n, n) for n in range(5)]

    talk(client, slow_first)


def test_more_calls_sent_ahead_than_are_kept_end_the_connection() -> None:
    async def never(_call: Call) -> None:
        await asyncio.sleep(0.1)

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET * (connection.PIPELINED + 5))
        writer.write_eof()
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""

    talk(client, never)


@pytest.mark.parametrize("size", [1, 7, 50])
def test_a_request_may_come_in_pieces(size: int) -> None:
    request = b"POST /%E8%B5%84?q=%20 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for at in range(0, len(request), size):
            writer.write(request[at : at + size])
            await writer.drain()
            await asyncio.sleep(0)
        status, headers, body = await one(reader)
        assert (status, body) == (200, "/资|abcde".encode())
        assert headers["date"].endswith("GMT")

    talk(client)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"garbage\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * (connection.MAX_HEADERS + 1) + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nA: " + b"x" * (connection.MAX_HEAD + 1) + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nA: " + b"x" * (connection.MAX_HEAD + 1), 431),
        (b"GET /" + b"x" * connection.MAX_TARGET + b" HTTP/1.1\r\n\r\n", 414),
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nA : b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\nHost: x\n\n", 400),
    ],
)  # fmt: skip
def test_what_is_no_request_has_its_status_and_ends_the_connection(data: bytes, status: int) -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        assert (await one(reader))[0] == status
        writer.close()

    talk(client)


def test_garbage_after_a_call_does_not_cost_the_call_its_answer() -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET + b"garbage\r\n\r\n")
        assert (await one(reader))[0] == 200
        assert (await one(reader))[0] == 400

    talk(client)


def test_an_answer_before_the_body_is_read_arrives_and_ends_the_connection() -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n" + b"x" * 300_000)
        status, headers, _ = await one(reader)
        assert (status, headers["connection"]) == (413, "close")
        assert await reader.read() == b""

    talk(client, deaf)


def test_a_body_is_not_read_further_ahead_than_its_bound() -> None:
    held: list[int] = []

    async def hesitant(call: Call) -> None:
        await asyncio.sleep(0.1)
        held.append(call._buffered)
        await echo(call)

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 3_000_000)
        assert len((await one(reader))[2]) == 3_000_002

    talk(client, hesitant)
    assert AHEAD < held[0] < AHEAD + (512 << 10)


def test_a_client_that_asks_first_whether_its_body_is_wanted_is_told() -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"ok")
        assert (await one(reader))[2] == b"/|ok"

    talk(client)


def test_an_offer_to_change_the_protocol_is_declined_and_the_connection_goes_on() -> None:
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n" + offer + b"\r\nok" + GET)
        assert [(await one(reader))[2] for _ in range(2)] == [b"/b|ok", b"/a|"]
        writer.write(b"GET /c HTTP/1.1\r\nHost: x\r\n" + offer + b"\r\n")
        assert (await one(reader))[2] == b"/c|"

    talk(client)


@pytest.mark.parametrize(
    "head", [b"GET /a HTTP/1.0\r\n\r\n", b"GET /a HTTP/1.1\r\nConnection: close\r\n\r\n"]
)
def test_a_client_that_wants_the_connection_closed_has_it_closed(head: bytes) -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        assert (await one(reader))[1]["connection"] == "close"
        assert await reader.read() == b""

    talk(client)


def test_an_answer_to_head_has_no_body() -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n" + GET)
        assert b"content-length: 3" in await reader.readuntil(b"\r\n\r\n")
        assert (await one(reader))[2] == b"/a|"

    talk(client)


def test_a_call_whose_client_goes_away_in_its_body_is_ended() -> None:
    ended: list[str] = []

    async def waiting(call: Call) -> None:
        try:
            await call()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    async def client(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx")
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.transport.abort()
        await asyncio.sleep(0.02)

    talk(client, waiting)
    assert ended == ["cancelled"]


def test_a_head_that_never_ends_and_an_idle_connection_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.05)
    monkeypatch.setattr(server, "_SWEEP_SECONDS", 0.01)

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET)
        assert (await one(reader))[0] == 200
        writer.write(b"GET / HTTP/1.1\r\nA: ")
        try:
            for _ in range(400):
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.005)
        except ConnectionError:
            return
        pytest.fail("it was let go on")

    talk(client)


def test_an_answer_that_is_not_fetched_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "UNFETCHED_SECONDS", 0.05)
    monkeypatch.setattr(server, "_SWEEP_SECONDS", 0.01)

    async def much(call: Call) -> None:
        call.response_bytes(200, [], b"x" * (64 << 20))

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET)
        await asyncio.sleep(0.3)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await one(reader)

    talk(client, much)


def test_there_are_no_more_connections_than_are_allowed() -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("peername")[1]
        other_reader, other = await asyncio.open_connection("127.0.0.1", port)
        assert await other_reader.read() == b""
        other.close()
        writer.write(GET)
        assert (await one(reader))[0] == 200

    talk(client, most=1)


def test_a_stop_lets_the_call_under_way_end() -> None:
    async def run() -> None:
        async def slow(call: Call) -> None:
            await asyncio.sleep(0.05)
            await echo(call)

        running = Server(slow)
        await running.start("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(GET)
        await asyncio.sleep(0.01)
        await running.stop(5)
        status, headers, _ = await one(reader)
        assert (status, headers["connection"]) == (200, "close")
        writer.close()

    asyncio.run(run())


def test_a_target_is_read_in_its_two_forms_only() -> None:
    assert target(b"/v1/a%2Fb/%E8%B5%84?x=%20") == ("/v1/a/b/资", "x=%20")
    assert target(b"http://host:80/a?b") == ("/a", "b")
    assert target(b"/%FF") == ("", "")
    assert target(b"*") == ("", "")
    assert target(b"host:443") == ("", "")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=6))
def test_no_bytes_bring_the_server_to_an_error_of_its_own(pieces: list[bytes]) -> None:
    failures: list[dict[str, object]] = []

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failures.append(context))
        running = Server(echo)
        await running.start("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        try:
            for piece in [b"POST / HTTP/1.1\r\n", *pieces]:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            writer.write_eof()
            async with asyncio.timeout(3):
                await reader.read()
        except (ConnectionError, OSError):
            pass
        finally:
            writer.close()
            await running.stop(0.2)

    asyncio.run(run())
    assert not failures
