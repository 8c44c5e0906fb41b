"""The load generator of sessions: one handshake, then calls by codes over keep-alive connections, countersigned.

Like `_load` it is one epoll loop, and it verifies no answers; unlike it, it keeps what a caller must keep to countersign: a
digest of each answer, and a signature over the newest head, on a connection of its own. Calls are given their codes before.
`python -m benchmarks._session_load PORT KEY TRUST SECONDS WARMUP CONNECTIONS EXPECTED [--alone]`; `--alone` countersigns nothing.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import select
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from benchmarks._load import RECEIVED, whole
from benchmarks._node import NODE
from benchmarks._signing import PATH, PURPOSE, ROWS
from yiwang.client import Client
from yiwang.client.sessions.state import State
from yiwang.vocabulary.crypto import SUITES, SigningKey, load_private
from yiwang.vocabulary.envelope import OWN_EVIDENCE, Purpose, sign_request
from yiwang.vocabulary.evidence import SignedHead, parse_head
from yiwang.vocabulary.sessions import (
    Countersigning,
    Entry,
    Statement,
    nonce_of,
    read_head_header,
    record_of,
)

DUE_CALLS, DUE_SECONDS = 400, 0.3
_INDEX = b"\r\nyw-session: index="
_HEAD = b"\r\nyw-head: "
Request = tuple[bytes, str]
"""What is sent, and its request digest."""


@dataclass
class Ledger:
    """What the caller has not countersigned, and the countersigning itself."""

    state: State
    key: SigningKey
    waiting: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    since: float = 0.0
    head: SignedHead | None = None
    sent: int = 0
    under_way: list[int] = field(default_factory=list)

    def note(self, answer: bytes, digest: str, now: float) -> None:
        """Keep what came."""
        at = answer.find(_INDEX)
        if at < 0:
            raise SystemExit(f"an answer without its code: {answer[:1000]!r}")
        if not self.waiting:
            self.since = now
        index = int(answer[at + len(_INDEX) : answer.index(b",", at)])
        self.waiting[index] = (digest, answer.partition(b"\r\n\r\n")[2])
        at = answer.find(_HEAD)
        if at >= 0:
            self.head = read_head_header(answer[at + len(_HEAD) : answer.index(b"\r", at + 2)].decode())

    def due(self, now: float) -> bool:
        if self.under_way or self.head is None:
            return False
        return len(self.waiting) >= DUE_CALLS or (bool(self.waiting) and now - self.since > DUE_SECONDS)

    def request(self, number: int, now: float) -> bytes | None:
        """A countersignature over the newest head, as it is sent; None where it covers nothing."""
        if self.head is None:
            return None
        opened, head = self.state.opened, parse_head(self.head.head)
        suite, answers = self.key.suite, SUITES[opened.evidence]
        indexes = sorted(index for index in self.waiting if index < head.size)
        if not indexes:
            return None
        entries = [
            Entry(self.waiting[index][0], index, answers.digest(self.waiting[index][1]).hex())
            for index in indexes
        ]
        self.sent += 1
        statement = Statement(
            calls=len(entries), client=opened.client, head=head.digest(), key=self.key.kid, log=opened.log, lost=0,
            node=NODE, number=self.sent, record=record_of(suite, entries), root=head.root, session=opened.session,
            size=head.size,
        ).canonical()  # fmt: skip
        given = Countersigning(tuple(indexes), (), statement.decode(), self.key.sign(statement).hex())
        self.under_way = indexes
        self.since = now
        path = f"/v1/sessions/{opened.session}/countersignatures"
        return wired(self.state, path, msgspec.json.encode(given), number, OWN_EVIDENCE)[0]

    def settled(self) -> None:
        for index in self.under_way:
            del self.waiting[index]
        self.under_way = []


def wired(state: State, path: str, body: bytes, number: int, purpose: Purpose) -> Request:
    """A request with its code, ready to be sent."""
    sent = sign_request(
        state.signer, method="POST", path=path, body=body, node=NODE, purpose=purpose, created=int(time.time()),
        nonce=nonce_of(number), alg=state.opened.alg,
    )  # fmt: skip
    head = "".join(f"{name}: {value}\r\n" for name, value in sent.http_headers().items())
    text = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n{head}\r\n"
    return text.encode("ascii") + body, state.signer.suite.digest(sent.base).hex()


def coded(state: State, first: int, count: int) -> list[Request]:
    """Calls with even numbers: odd ones are left for countersignatures."""
    drawn, purpose = random.Random(first), Purpose.parse(PURPOSE)
    return [
        wired(state, PATH, b'{"where":{"aid":%d}}' % drawn.randint(1, ROWS), 2 * number, purpose)
        for number in range(first, first + count)
    ]


def coded_by_all(state: State, count: int) -> list[Request]:
    """`count` calls, their codes made by as many processes as there are processors."""
    workers = os.cpu_count() or 1
    share = count // workers + 1
    pipes = []
    for worker in range(workers):
        ours, theirs = multiprocessing.Pipe(duplex=False)
        first = 1 + worker * share

        def make(end: object = theirs, first: int = first) -> None:
            end.send_bytes(msgspec.msgpack.encode(coded(state, first, share)))  # type: ignore[attr-defined]

        process = multiprocessing.get_context("fork").Process(target=make)
        process.start()
        pipes.append((ours, process))
    found: list[Request] = []
    for ours, process in pipes:
        found.extend(msgspec.msgpack.decode(ours.recv_bytes(), type=list[Request]))
        process.join()
    return found


def run(
    port: int, requests: list[Request], ledger: Ledger | None, seconds: float, warmup: float, connections: int
) -> dict[str, float]:
    """Send for `warmup + seconds`; count what is answered within the last `seconds`."""
    now, poll = time.perf_counter, select.epoll()
    sockets: dict[int, socket.socket] = {}
    for _ in range(connections + 1):
        one = socket.create_connection(("127.0.0.1", port))
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        one.setblocking(False)
        sockets[one.fileno()] = one
        poll.register(one.fileno(), select.EPOLLIN)
    *callers, side = sockets
    sent: dict[int, tuple[float, str]] = {}
    queue, place = iter(requests), 0
    begin, spent = now(), time.process_time()
    first, last = begin + warmup, begin + warmup + seconds
    for number in callers:
        data, digest = next(queue)
        place += 1
        sent[number] = now(), digest
        sockets[number].send(data)
    took: list[float] = []
    parts: dict[int, bytes] = {}
    answered, countersigned, moment = 0, 0, begin
    while moment < last:
        for number, _ in poll.poll(1.0):
            answer = parts.pop(number, b"") + sockets[number].recv(RECEIVED)
            moment = now()
            if not whole(answer):
                parts[number] = answer
                continue
            if not answer.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"an answer was refused: {answer[:2000]!r}")
            if number == side and ledger is not None:
                ledger.settled()
                countersigned += 1
                continue
            answered += 1
            at, digest = sent[number]
            if moment >= first:
                took.append(moment - at)
            if ledger is not None:
                ledger.note(answer, digest, moment)
            following = next(queue, None)
            if following is None:
                raise SystemExit("too few calls were prepared")
            place += 1
            sent[number] = now(), following[1]
            sockets[number].send(following[0])
        if ledger is not None and ledger.due(moment):
            countersignature = ledger.request(2 * place + 1, moment)
            if countersignature is not None:
                sockets[side].setblocking(True)
                sockets[side].sendall(countersignature)
                sockets[side].setblocking(False)
    took.sort()
    return {
        "answered": float(answered),
        "countersigned": float(countersigned),
        "requests_per_s": len(took) / (moment - first),
        "p50_ms": took[len(took) // 2] * 1000,
        "p99_ms": took[int(len(took) * 0.99)] * 1000,
        "processor_us": 1e6 * (time.process_time() - spent) / answered,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("key", type=Path)
    parser.add_argument("trust", type=Path)
    parser.add_argument("seconds", type=float)
    parser.add_argument("warmup", type=float)
    parser.add_argument("connections", type=int)
    parser.add_argument("expected", type=int)
    parser.add_argument("--alone", action="store_true")
    given = parser.parse_args()
    key = load_private(given.key.read_bytes())
    with Client(f"http://127.0.0.1:{given.port}", key, trust=given.trust) as client:
        state = client.session().state
    requests = coded_by_all(state, given.expected)
    ledger = None if given.alone else Ledger(state, key)
    print(json.dumps(run(given.port, requests, ledger, given.seconds, given.warmup, given.connections)))


if __name__ == "__main__":
    main()
