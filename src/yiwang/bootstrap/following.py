"""The process that speaks with peers: asks each for what is new, once a second.

A node without peers costs it one look every two seconds and none of the application: that is loaded with the first
peer. Started as `python -m yiwang.bootstrap.following`.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping

import httpx

from yiwang.bootstrap.starting import set_up_django
from yiwang.bootstrap.waiting import until_stopped, wait_until

log = logging.getLogger("yiwang.following")
TURN_SECONDS = 1.0
HEADS_SECONDS = 10.0
TICK_SECONDS = 30.0
ANSWER_SECONDS = 30.0
LARGEST = 64 << 20
_ANY = "SELECT EXISTS (SELECT FROM cascade_peer WHERE state <> 'left')"


class HttpTransport:
    """Reaches other nodes over HTTP(S); no redirects, no proxies from the environment."""

    def __init__(self) -> None:
        """One pool of connections for all peers."""
        self._http = httpx.Client(
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=5.0), follow_redirects=False, trust_env=False
        )

    def post(self, node: str, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """See `cascade.Transport`."""
        from yiwang.blocks.cascade.public import refused, refused_by, unreachable

        try:
            with self._http.stream(
                "POST", url, headers={**headers, "Content-Type": "application/json"}, content=body
            ) as response:
                answer = bytearray()
                for part in response.iter_bytes():
                    answer += part
                    if len(answer) > LARGEST:
                        raise refused(node, "answer")
        except httpx.HTTPError as problem:
            raise unreachable(node, type(problem).__name__) from problem
        if response.status_code != 200:
            raise refused_by(node, response.status_code, bytes(answer))
        return bytes(answer)


def follow() -> None:
    """Ask peers for ever."""
    set_up_django()
    from django.db import Error, close_old_connections
    from django.utils import timezone

    from yiwang.blocks.cascade import public as cascade

    transport = HttpTransport()
    next_heads = next_tick = 0.0
    wrong: dict[str, str] = {}
    while True:
        begun = time.monotonic()
        try:
            close_old_connections()
            heads = begun >= next_heads
            found = cascade.follow(transport, timezone.now, heads=heads)
            if heads:
                next_heads = begun + HEADS_SECONDS
            if begun >= next_tick:
                cascade.tick(timezone.now())
                next_tick = begun + TICK_SECONDS
            for name in found.keys() - wrong.keys():
                log.warning("peer %s: %s", name, found[name])
            for name in wrong.keys() - found.keys():
                log.info("peer %s is heard of again", name)
            wrong = found
        except Error as problem:
            log.warning("waiting for the database: %s", problem)
        rest = TURN_SECONDS - (time.monotonic() - begun)
        if rest > 0:
            time.sleep(rest)


def main() -> None:
    """Exit 0 after a stop."""
    until_stopped(begin)


def begin() -> None:
    """Wait for the first that needs it, then go on for ever."""
    wait_until(_ANY, os.environ["YW_DATABASE_URL"], log)
    follow()


if __name__ == "__main__":
    main()
