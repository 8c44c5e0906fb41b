"""Fetches one JSON document from a listed host: no redirects, an address resolved once, a bound on size and time."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import httpx
import msgspec

from yiwang.dataplane.connectors.hosts import AllowedHosts
from yiwang.vocabulary.errors import YwError

LARGEST = 50 * 1024 * 1024
LONGEST_SECONDS = 60.0


class FeedError(YwError):
    """The feed could not be fetched."""

    code = "feed-failed"
    permanent = False
    message_zh = "无法读取 {host} 的目录数据：{reason}。"
    message_en = "The feed of {host} could not be read: {reason}."
    mend_zh = "核对地址与网络；对方故障的，稍后再试。"
    mend_en = "Check the address and the network, or try again later."


def fetch_json(
    url: str, allowed: AllowedHosts, *, largest: int = LARGEST, seconds: float = LONGEST_SECONDS
) -> object:
    """The document behind an http(s) address.

    Raises: HostNotAllowed, HostUnknown, FeedError.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise FeedError(host=host or "—", reason="no http address without an account is given")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise FeedError(host=host, reason="the port is no number") from error
    address = allowed.pin(host, port)
    literal = f"[{address}]" if ":" in address else address
    target = parts._replace(netloc=f"{literal}:{port}", fragment="").geturl()
    until = time.monotonic() + seconds
    body = bytearray()
    try:
        with (
            httpx.Client(follow_redirects=False, trust_env=False, timeout=10.0) as client,
            client.stream(
                "GET", target, headers={"Host": parts.netloc, "Accept": "application/json", "Accept-Encoding": "identity"},
                extensions={"sni_hostname": host},
            ) as answer,
        ):  # fmt: skip
            if answer.status_code != 200:
                raise FeedError(host=host, reason=f"HTTP {answer.status_code}")
            for chunk in answer.iter_raw(64 * 1024):
                body += chunk
                if len(body) > largest:
                    raise FeedError(host=host, reason=f"larger than {largest} bytes")
                if time.monotonic() > until:
                    raise FeedError(host=host, reason=f"longer than {seconds:.0f} s")
    except httpx.HTTPError as error:
        raise FeedError(host=host, reason=type(error).__name__) from error
    try:
        document: object = msgspec.json.decode(bytes(body))
    except (msgspec.DecodeError, RecursionError) as error:
        raise FeedError(host=host, reason="no JSON") from error
    return document
