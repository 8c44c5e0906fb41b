"""Signs the calls of the cascade's benchmark before anything is measured: a module of its own, for processes that are forked."""

from __future__ import annotations

import time
from urllib.parse import quote

import msgspec

from benchmarks._signing import PURPOSE
from yiwang.vocabulary.crypto import load_private
from yiwang.vocabulary.envelope import Purpose, sign_request


def signed(pem: bytes, node: str, code: str, rows: int, first: int, count: int) -> list[bytes]:
    """Requests of callers of `node`, ready to be sent."""
    key, path, now = load_private(pem), f"/v1/resources/{quote(code, safe='')}/query", int(time.time())
    found = []
    for number in range(first, first + count):
        body = msgspec.json.encode({"where": {"信用代码": f"K{number % rows + 1}"}})
        made = sign_request(
            key, method="POST", path=path, body=body, node=node, purpose=Purpose.parse(PURPOSE), created=now,
        )  # fmt: skip
        head = "".join(f"{name}: {value}\r\n" for name, value in made.http_headers().items())
        found.append(
            f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body
        )
    return found
