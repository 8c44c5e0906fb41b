"""What one side of a session knows: its keys, its numbers, and the calls it has not countersigned. No input or output."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from yiwang.client.protocol import Received
from yiwang.client.sessions.answers import Call
from yiwang.vocabulary.crypto import SUITES, Mac, SigningKey, Suite, same_bytes
from yiwang.vocabulary.envelope import OutgoingRequest
from yiwang.vocabulary.evidence import Bundle, Head
from yiwang.vocabulary.sessions import (
    ANSWER_HEADER,
    Countersigning,
    Entry,
    Opened,
    SessionKeys,
    SessionTextMalformed,
    Statement,
    answer_text,
    nonce_of,
    read_answer_header,
    record_of,
)
from yiwang.vocabulary.sessions.record import in_order
from yiwang.vocabulary.sessions.wire import MOST_CALLS

DUE: float = 0.4
"""Share of what may be exposed, in calls and in time, after which a countersignature is due."""


@dataclass(frozen=True, slots=True)
class Signer:
    """The caller's side of a session, where a request is given its code."""

    suite: Suite
    kid: str
    mac: Mac

    def sign(self, data: bytes) -> bytes:
        """The code of a signature base."""
        return self.mac.code(data)


@dataclass(frozen=True, slots=True)
class _Waiting:
    entry: Entry
    at: float


class State:
    """One session as its caller has it. Every access to what changes holds the lock."""

    def __init__(
        self,
        key: SigningKey,
        opened: Opened,
        keys: SessionKeys,
        opening: Bundle,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`opening` is the handshake as an evidence file."""
        self.opened = opened
        self.opening = opening
        self.signer = Signer(key.suite, opened.session, keys.caller)
        self._key = key
        self._node = keys.node
        self._clock = clock
        self._lock = threading.Lock()
        self._number = 0
        self._countersigned = 0
        self._waiting: dict[int, _Waiting] = {}
        self._lost: dict[str, float] = {}
        self._head: tuple[Head, str] | None = None
        self._signed: Head | None = None
        self._busy = False

    def nonce(self) -> str:
        """The nonce of the next request."""
        with self._lock:
            self._number += 1
            return nonce_of(self._number)

    def accept(self, sent: OutgoingRequest, received: Received) -> Call | None:
        """The call, where the session's code proves the answer; from now on it waits for its countersignature."""
        request = self.signer.suite.digest(sent.base).hex()
        response = SUITES[self.opened.evidence].digest(received.body).hex()
        request_id = received.headers.get("yw-request-id", "")
        try:
            index, code = read_answer_header(received.headers.get(ANSWER_HEADER.lower(), ""))
        except SessionTextMalformed:
            return None
        due = answer_text(
            self.opened.session, request, status=received.status, request_id=request_id, index=index,
            response=response,
        )  # fmt: skip
        if not same_bytes(self._node.code(due), code):
            return None
        with self._lock:
            self._waiting[index] = _Waiting(Entry(request, index, response), self._clock())
        return Call(
            self.opened.session, self.opened.log, index, request_id, received.status, sent, received.body
        )

    def lose(self, sent: OutgoingRequest) -> None:
        """No proven answer came: the request is owned up to all the same."""
        with self._lock:
            self._lost[self.signer.suite.digest(sent.base).hex()] = self._clock()

    @property
    def open(self) -> int:
        """Calls that are not countersigned."""
        with self._lock:
            return len(self._waiting) + len(self._lost)

    def is_open(self, index: int) -> bool:
        """Whether the call at an index is not countersigned."""
        with self._lock:
            return index in self._waiting

    def due(self) -> bool:
        """Whether a countersignature is due."""
        limit = self.opened.exposure
        with self._lock:
            if len(self._waiting) + len(self._lost) >= DUE * limit.calls:
                return True
            first = next(iter(self._waiting.values()), None)
            since = min([*self._lost.values(), *([first.at] if first else [])], default=None)
            return since is not None and self._clock() - since >= DUE * limit.ms / 1000

    def begin(self) -> bool:
        """Whether this thread may countersign now; `finish` follows."""
        with self._lock:
            if self._busy:
                return False
            self._busy = True
            return True

    def finish(self) -> None:
        """The countersigning is over."""
        with self._lock:
            self._busy = False

    def take(self, head: Head, signature: str) -> None:
        """A head that was verified."""
        with self._lock:
            if self._head is None or head.size > self._head[0].size:
                self._head = head, signature

    def covering(self) -> Head | None:
        """The newest known head, where it covers a call that waits, or nothing but lost calls do."""
        with self._lock:
            if self._head is None:
                return None
            head = self._head[0]
            fits = not self._waiting or any(index < head.size for index in self._waiting)
            return head if fits else None

    @property
    def signed(self) -> Head | None:
        """The last head that was countersigned."""
        with self._lock:
            return self._signed

    def countersign(self, head: Head) -> Countersigning:
        """Sign a head over the calls that it covers."""
        suite = self.signer.suite
        with self._lock:
            entries = [one.entry for index, one in self._waiting.items() if index < head.size]
            answered = in_order(entries)[:MOST_CALLS]
            lost = sorted(self._lost)[:MOST_CALLS]
            number = self._countersigned + 1
        record = record_of(suite, [*answered, *(Entry(request) for request in lost)])
        statement = Statement(
            calls=len(answered), client=self.opened.client, head=head.digest(), key=self._key.kid,
            log=self.opened.log, lost=len(lost), node=self.opened.node, number=number, record=record,
            root=head.root, session=self.opened.session, size=head.size,
        ).canonical()  # fmt: skip
        return Countersigning(
            indexes=tuple(one.index for one in answered if one.index is not None),
            lost=tuple(lost),
            statement=statement.decode("utf-8"),
            signature=self._key.sign(statement).hex(),
        )

    def settle(self, head: Head, given: Countersigning) -> None:
        """The node has taken a countersignature."""
        with self._lock:
            for index in given.indexes:
                self._waiting.pop(index, None)
            for request in given.lost:
                self._lost.pop(request, None)
            self._countersigned += 1
            self._signed = head
