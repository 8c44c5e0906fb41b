"""A flood of unknown keys does not become a flood of looks at the database."""

from __future__ import annotations

import asyncio
import time

import pytest

from yiwang.gateway.authentication import LOOK_SECONDS, Authentication
from yiwang.gateway.errors import KeyUnknown
from yiwang.gateway.held import Snapshot
from yiwang.gateway.http.call import Headers
from yiwang.gateway.verification.pool import Verifiers
from yiwang.vocabulary.crypto import generate
from yiwang.vocabulary.envelope import Purpose, sign_request


class Scope:
    """A signed request as the server hands it on."""

    method, path, query_string, client = "GET", "/v1/files", "", "127.0.0.1:1"

    def __init__(self) -> None:
        request = sign_request(
            generate("ed25519"), method="GET", path="/v1/files", body=b"", node="lanzhou",
            purpose=Purpose.parse("item:000114002001"), created=int(time.time()),
        )  # fmt: skip
        self.headers = Headers()
        for name, value in request.http_headers().items():
            self.headers.values[name.lower()] = [value]


def test_strangers_have_the_database_looked_at_once_in_a_while() -> None:
    async def flood() -> tuple[int, float]:
        looks = 0

        async def look() -> None:
            nonlocal looks
            looks += 1

        proving = Authentication("lanzhou", lambda: Snapshot(), Verifiers(0), refresh=look)
        scopes = [Scope() for _ in range(200)]
        begin = time.monotonic()
        for scope in scopes:
            with pytest.raises(KeyUnknown):
                await proving.authenticate_head(scope, "/v1/files")
        return looks, time.monotonic() - begin

    looks, seconds = asyncio.run(flood())
    assert 1 <= looks <= 1 + seconds / LOOK_SECONDS
