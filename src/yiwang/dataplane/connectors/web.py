"""One answer of an HTTP server: from an address resolved once, without redirects, with a bound on size and time."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import SplitResult

import httpx


class WebFault(Exception):
    """Why there is no answer; never holds what was sent or received."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole body, and the `next` of its `Link` header (RFC 8288), if there is one."""

    body: bytes
    next: str = field(default="")


def get(url: SplitResult, pinned: str, headers: Mapping[str, str], *, largest: int, seconds: float) -> Answer:
    """What stands behind `url`, asked of the address `pinned`; certificates are checked for the URL's own name.

    Raises: WebFault.
    """
    target = _at(url, pinned)
    sent = {"Accept": "application/json", **headers, "Host": url.netloc, "Accept-Encoding": "identity"}
    until = time.monotonic() + seconds
    body = bytearray()
    try:
        with (
            httpx.Client(follow_redirects=False, trust_env=False, timeout=10.0) as client,
            client.stream("GET", target, headers=sent, extensions={"sni_hostname": url.hostname or ""}) as answer,
        ):  # fmt: skip
            if answer.status_code != 200:
                raise WebFault(f"HTTP {answer.status_code}")
            for chunk in answer.iter_raw(64 * 1024):
                body += chunk
                if len(body) > largest:
                    raise WebFault(f"larger than {largest} bytes")
                if time.monotonic() > until:
                    raise WebFault(f"longer than {seconds:.0f} s")
            return Answer(bytes(body), answer.links.get("next", {}).get("url", ""))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise WebFault(type(error).__name__) from None


async def post(
    url: SplitResult, pinned: str, headers: Mapping[str, str], body: bytes, *, seconds: float
) -> int:
    """Send a body to `url` at the address `pinned`; gives the status, and never follows where it leads.

    All of it, answer included, is over after `seconds`, however slowly the other side speaks.

    Raises: WebFault.
    """
    sent = {**headers, "Host": url.netloc, "Accept-Encoding": "identity"}
    try:
        async with asyncio.timeout(seconds):
            async with (
                httpx.AsyncClient(
                    follow_redirects=False, trust_env=False, timeout=seconds, verify=_authorities()
                ) as client,
                client.stream(
                    "POST", _at(url, pinned), headers=sent, content=body, extensions={"sni_hostname": url.hostname or ""}
                ) as answer,
            ):  # fmt: skip
                return answer.status_code  # what it says beside is not read
    except TimeoutError:
        raise WebFault(f"longer than {seconds:.0f} s") from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise WebFault(type(error).__name__) from None


def _at(url: SplitResult, pinned: str) -> str:
    port = url.port or (443 if url.scheme == "https" else 80)
    literal = f"[{pinned}]" if ":" in pinned else pinned
    return url._replace(netloc=f"{literal}:{port}", fragment="").geturl()


@lru_cache(maxsize=1)
def _authorities() -> ssl.SSLContext:
    return httpx.create_ssl_context()
