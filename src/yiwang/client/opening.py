"""What both clients do before their first call, and what they tell httpx."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import httpx

from yiwang import __version__
from yiwang.client.caller import Caller, Options
from yiwang.client.errors import AnswerUnusable
from yiwang.client.keys import read_key
from yiwang.client.protocol import Lost, Received, Send
from yiwang.client.trust import load_trust
from yiwang.vocabulary.crypto import SigningKey
from yiwang.vocabulary.evidence import Trust


def open_caller(
    gateway: str,
    key: str | Path | SigningKey,
    *,
    password: bytes | None,
    node: str | None,
    trust: str | Path | Trust | None,
    options: Options,
) -> Caller:
    """Read key and trust files.

    Raises:
        KeyUnreadable, TrustUnusable, CryptoError: a file is of no use.
        AnswerUnusable: the address is no http(s) address of a host.
    """
    try:
        url = httpx.URL(gateway)
    except (httpx.InvalidURL, TypeError) as problem:
        raise AnswerUnusable(gateway=str(gateway)[:200], status=0, reason=str(problem)) from problem
    if url.scheme not in ("http", "https") or not url.host or url.query or url.fragment:
        raise AnswerUnusable(gateway=gateway[:200], status=0, reason="http(s)://host[:port]")
    signing = key if isinstance(key, SigningKey) else read_key(key, password)
    pinned = trust if trust is None or isinstance(trust, Trust) else load_trust(Path(trust))
    return Caller(gateway, signing, node=node, trust=pinned, options=options)


def http_headers() -> dict[str, str]:
    """Headers of every request; answers come as they are, since their digest is over exactly these bytes."""
    return {"User-Agent": f"yiwang-client/{__version__}", "Accept-Encoding": "identity"}


def request_of(client: httpx.Client | httpx.AsyncClient, gateway: str, send: Send) -> httpx.Request:
    """The request as it goes out: the path exactly as it was signed."""
    return client.build_request(
        send.method,
        (send.gateway or gateway) + send.target,
        headers=dict(send.headers),
        content=send.body or None,
    )


def let_go(response: httpx.Response) -> None:
    """Part a closed response from its stream: httpx ties them into a ring, in which the body of a request (a piece of a file has
    4 MiB) would stay in memory until the collector comes by."""
    response.stream = httpx.ByteStream(b"")


def lost(problem: httpx.HTTPError) -> Lost:
    """What became of a request that httpx gave up."""
    slow = isinstance(problem, httpx.TimeoutException)
    return Lost(
        f"{type(problem).__name__}: {problem}"[:200] if str(problem) else type(problem).__name__, slow
    )


def received(status: int, headers: Mapping[str, str], body: bytes) -> Received:
    """An answer with its header names in lower case."""
    return Received(status, {name.lower(): value for name, value in headers.items()}, body)
