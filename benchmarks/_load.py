"""A load generator: sends pre-signed requests over keep-alive connections and takes the time of each answer.

A process of its own with one epoll loop and blocking-free sockets: about 30 µs of processor time a request, most of it
the kernel's, so that little is taken from what is measured. `python -m benchmarks._load PORT FILE SECONDS WARMUP CONNECTIONS`.
"""

from __future__ import annotations

import json
import re
import select
import socket
import struct
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

_END = b"\r\n\r\n"
_SIZE = b"\r\ncontent-length: "
_OTHER_SIZE = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
RECEIVED = 65536
"""Bytes taken from a socket at a time."""
_LENGTH = struct.Struct("<I")


def store(path: Path, requests: list[bytes]) -> None:
    """Write requests one after the other, each after its length."""
    path.write_bytes(b"".join(_LENGTH.pack(len(request)) + request for request in requests))


def load(path: Path) -> Iterator[bytes]:
    """What `store` wrote, read while it is sent."""
    with path.open("rb") as file:
        while head := file.read(_LENGTH.size):
            yield file.read(*_LENGTH.unpack(head))


def whole(answer: bytes) -> bool:
    """Whether an answer is there to its end; one without a length ends where it is read."""
    head = answer.find(_END)
    if head < 0:
        return False
    # found by its bytes: an expression that takes both cases goes through a receipt of 2 KB letter by letter, 40 µs
    at = answer.rfind(_SIZE, 0, head)
    if at >= 0:
        return len(answer) >= head + 4 + int(answer[at + len(_SIZE) : answer.find(b"\r", at + len(_SIZE))])
    found = _OTHER_SIZE.search(answer, 0, head)
    return found is None or len(answer) >= head + 4 + int(found[1])


def run(
    port: int, requests: Iterable[bytes], seconds: float, warmup: float, connections: int
) -> dict[str, float]:
    """Send for `warmup + seconds`; count what is answered within the last `seconds`.

    A machine quicker than foreseen sends everything before the time is over: what was measured until then counts, if
    it is half of the time at least.
    """
    now = time.perf_counter
    poll = select.epoll()
    sockets: dict[int, socket.socket] = {}
    sent: dict[int, float] = {}
    queue = iter(requests)
    for _ in range(connections):
        one = socket.create_connection(("127.0.0.1", port))
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        one.setblocking(False)
        sockets[one.fileno()] = one
        poll.register(one.fileno(), select.EPOLLIN)
    begin, spent = now(), time.process_time()
    first, last = begin + warmup, begin + warmup + seconds
    for number, one in sockets.items():
        sent[number] = now()
        one.send(next(queue))
    took: list[float] = []
    parts: dict[int, bytes] = {}
    answered = 0
    moment = begin
    while moment < last:
        for number, _ in poll.poll(1.0):
            answer = parts.pop(number, b"") + sockets[number].recv(RECEIVED)
            moment = now()
            if not whole(answer):
                parts[number] = answer
                continue
            if not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
                raise SystemExit(f"an answer was refused: {answer[:2000]!r}")
            answered += 1
            if moment >= first:
                took.append(moment - sent[number])
            request = next(queue, None)
            if request is None and moment - first < seconds / 2:
                raise SystemExit("too few requests were signed")
            if request is None:
                last = moment
                break
            sent[number] = now()
            sockets[number].send(request)
    took.sort()
    return {
        "answered": float(answered),
        "requests_per_s": len(took) / (moment - first),
        "p50_ms": took[len(took) // 2] * 1000,
        "p99_ms": took[int(len(took) * 0.99)] * 1000,
        "processor_us": 1e6 * (time.process_time() - spent) / answered,
    }


def main() -> None:
    port, path, seconds, warmup, connections = sys.argv[1:]
    print(json.dumps(run(int(port), load(Path(path)), float(seconds), float(warmup), int(connections))))


if __name__ == "__main__":
    main()
