"""Fetches one JSON document from a listed host: no redirects, an address resolved once, a bound on size and time."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from yiwang.dataplane.connectors.hosts import AllowedHosts
from yiwang.dataplane.connectors.web import WebFault, get
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
    try:
        answer = get(parts, address, {}, largest=largest, seconds=seconds)
    except WebFault as fault:
        raise FeedError(host=host, reason=str(fault)) from None
    try:
        document: object = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise FeedError(host=host, reason="no JSON") from error
    return document
