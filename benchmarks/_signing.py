"""Signs the requests of the gateway's benchmark before anything is measured."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import time

from benchmarks._node import NODE
from yiwang.vocabulary.crypto import SigningKey, load_private
from yiwang.vocabulary.envelope import Purpose, sign_request

SCALE = 10
ROWS = SCALE * 100_000
RESOURCE = "306001003/12"
PATH = "/v1/resources/306001003%2F12/query"
PURPOSE = "item:000114002000"


def signed(pem: bytes, count: int, seed: int) -> list[bytes]:
    """Requests ready to be sent."""
    key, drawn, now = load_private(pem), random.Random(seed), int(time.time())
    found = []
    for number in range(count):
        body = json.dumps({"where": {"aid": drawn.randint(1, ROWS)}}, separators=(",", ":")).encode()
        request = sign_request(
            key, method="POST", path=PATH, body=body, node=NODE, purpose=Purpose.parse(PURPOSE), created=now,
            idempotency_key=f"{seed:x}-{number:x}",
        )  # fmt: skip
        head = "".join(f"{name}: {value}\r\n" for name, value in request.http_headers().items())
        text = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n{head}\r\n"
        found.append(text.encode("ascii") + body)
    return found


def sign_all(key: SigningKey, count: int, seed: int) -> list[bytes]:
    """`count` requests signed by as many processes as there are processors."""
    workers = os.cpu_count() or 1
    share = count // workers + 1
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        parts = pool.starmap(signed, [(key.to_pem(None), share, seed * 1000 + n) for n in range(workers)])
    return [request for part in parts for request in part]
