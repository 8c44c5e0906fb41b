"""What a client knows and decides, shared by the blocking and the concurrent client: flows, no input or output."""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from yiwang.client.answers import Answer, Checked, Row
from yiwang.client.errors import (
    FAMILIES,
    AnswerTooLarge,
    AnswerUnusable,
    EvidenceInvalid,
    GatewayRefused,
    GatewaySlow,
    GatewayUnreachable,
)
from yiwang.client.evidence import Acknowledgement, Evidence, agree, check_answer
from yiwang.client.problems import problem_of, retry_after, server_time
from yiwang.client.protocol import Ask, Flow, Lost, Pause, Received, Send, TooLarge
from yiwang.client.trust import Anchor, WellKnown
from yiwang.client.where import Scalar, Where
from yiwang.vocabulary.crypto import SigningKey
from yiwang.vocabulary.envelope import OWN_EVIDENCE, OutgoingRequest, Purpose, sign_request
from yiwang.vocabulary.errors import Fact
from yiwang.vocabulary.evidence import Trust
from yiwang.vocabulary.evidence.errors import EvidenceError

S = TypeVar("S", bound=msgspec.Struct)
RETRIED = frozenset((429, 502, 503, 504))
JSON = {"Content-Type": "application/json", "Accept": "application/json"}
ACK_BATCH = 50
"""Receipts sent in one acknowledgement."""
LARGEST_SKEW = 86_400
"""Seconds by which a server may correct this machine's clock: more would sign requests for another day."""


@dataclass(frozen=True, slots=True)
class Options:
    """How patient a client is, and how much it reads.

    Attributes:
        timeout: seconds for one attempt, from connecting to the last byte of the answer.
        retries: attempts after the first, on broken connections and on 429, 502, 503, 504.
        longest_wait: seconds it waits at most between attempts; a longer Retry-After ends the call.
        max_answer: bytes of the largest answer it reads.
        acknowledge: whether it countersigns receipts, in batches and when it is closed.
        clock: Unix seconds.
        chance: a number in [0, 1), for jitter.
    """

    timeout: float = 30.0
    retries: int = 3
    longest_wait: float = 20.0
    max_answer: int = 16 << 20
    acknowledge: bool = False
    clock: Callable[[], float] = time.time
    chance: Callable[[], float] = random.random


class QueryBody(msgspec.Struct, frozen=True):
    """The answer to a query."""

    resource: str
    version: int
    rows: list[Row]
    next: str | None


class VerifyBody(msgspec.Struct, frozen=True):
    """The answer to a verification."""

    resource: str
    version: int
    claims: dict[str, str]


class _Acknowledged(msgspec.Struct, frozen=True):
    acknowledged: int


@dataclass(slots=True)
class _Known:
    """What may change while a client lives; every access holds the lock."""

    node: str | None
    trust: Trust | None
    anchor: Anchor
    skew: float = 0.0
    receipts: deque[Evidence] = field(default_factory=lambda: deque(maxlen=10_000))


class Caller:
    """One client application at one gateway. Thread-safe."""

    def __init__(
        self, gateway: str, key: SigningKey, *, node: str | None, trust: Trust | None, options: Options
    ) -> None:
        """Node and trust may be None: the gateway is then asked before the first call."""
        self.gateway = gateway.rstrip("/")
        self.base = urlsplit(self.gateway).path
        """What stands before every path, and is signed with it: `/sandbox` for a sandbox."""
        self.key = key
        self.options = options
        named = node if node is not None or trust is None else trust.node
        self._known = _Known(named, trust, "first-use" if trust is None else "pinned")
        self._lock = threading.Lock()

    def query(
        self,
        code: str,
        *,
        where: Where | None,
        fields: Sequence[str] | None,
        limit: int | None,
        cursor: str | None,
        purpose: str,
        grant: str | None,
    ) -> Flow[Answer]:
        """Ask for rows."""
        ask = query_ask(code, where=where, fields=fields, limit=limit, cursor=cursor)
        received, evidence = yield from self.proven(ask, Purpose.parse(purpose), grant)
        body, request_id = self.decoded(received, QueryBody), evidence.leaf.request_id
        agree(evidence, kind="query", resource=code, version=body.version, rows=len(body.rows))
        self._remember(evidence)
        return Answer(body.resource, body.version, body.rows, body.next, request_id, evidence)

    def verify(
        self,
        code: str,
        *,
        subject: Mapping[str, Scalar],
        claims: Mapping[str, Scalar],
        purpose: str,
        grant: str | None,
    ) -> Flow[Checked]:
        """Ask whether claims about a subject are true."""
        ask = verify_ask(code, subject=subject, claims=claims)
        received, evidence = yield from self.proven(ask, Purpose.parse(purpose), grant)
        body, request_id = self.decoded(received, VerifyBody), evidence.leaf.request_id
        agree(evidence, kind="verify", resource=code, version=body.version)
        self._remember(evidence)
        return Checked(body.resource, body.version, body.claims, request_id, evidence)

    def openapi(self, code: str, *, purpose: str, grant: str | None) -> Flow[dict[str, object]]:
        """Ask for the OpenAPI document of a resource."""
        target = _target(code, "openapi.json")
        received, _ = yield from self._signed(target, None, Purpose.parse(purpose), grant)
        if received.status != 200:
            raise self.refusal(received, None)
        try:
            return msgspec.json.decode(received.body, type=dict[str, object])
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise AnswerUnusable(
                gateway=self.gateway, status=received.status, reason=str(problem)[:200]
            ) from problem

    def acknowledge(self) -> Flow[int]:
        """Countersign the receipts of the answers so far; returns how many the gateway took."""
        taken = 0
        while batch := self._receipts():
            try:
                signed = [msgspec.to_builtins(receipt) for receipt in batch[1]]
                received, _ = yield from self._signed(
                    "/v1/evidence/ack", {"receipts": signed}, OWN_EVIDENCE, None
                )
                if received.status != 200:
                    raise self.refusal(received, None)
                taken += self.decoded(received, _Acknowledged).acknowledged
            except BaseException:
                with self._lock:
                    self._known.receipts.extendleft(reversed(batch[0]))
                raise
        return taken

    def due(self) -> bool:
        """Whether a batch of receipts is full and wants to be acknowledged."""
        with self._lock:
            return self.options.acknowledge and len(self._known.receipts) >= ACK_BATCH

    def _remember(self, evidence: Evidence) -> None:
        if self.options.acknowledge:
            with self._lock:
                self._known.receipts.append(evidence)

    def _receipts(self) -> tuple[list[Evidence], list[Acknowledgement]] | None:
        with self._lock:
            waiting = self._known.receipts
            batch = [waiting.popleft() for _ in range(min(ACK_BATCH, len(waiting)))]
        return (batch, [evidence.acknowledge(self.key) for evidence in batch]) if batch else None

    def proven(
        self, ask: Ask, purpose: Purpose, grant: str | None, *, status: int = 200
    ) -> Flow[tuple[Received, Evidence]]:
        """Ask, and take only an answer of that status that its evidence proves."""
        received, sent = yield from self.signed(ask, purpose, grant)
        if received.status != status:
            raise self.refusal(received, sent)
        return received, self._evidence(received, sent)

    def evidence_of(self, received: Received, sent: OutgoingRequest) -> Evidence | None:
        """The evidence of an answer that need not have any, checked. Raises: EvidenceInvalid."""
        return self._evidence(received, sent) if "yw-evidence" in received.headers else None

    def _evidence(self, received: Received, sent: OutgoingRequest) -> Evidence:
        request_id = received.headers.get("yw-request-id", "")
        trust, anchor = self.trusted(request_id)
        evidence = check_answer(
            sent, self.key.public, status=received.status, body=received.body,
            header=received.headers.get("yw-evidence"), trust=trust, anchor=anchor, request_id=request_id,
        )  # fmt: skip
        agree(evidence, request_id=request_id)
        return evidence

    def refusal(self, received: Received, sent: OutgoingRequest | None) -> GatewayRefused:
        """What the gateway said no with, with its evidence where it left some."""
        problem = problem_of(received)
        if problem is None:
            said = received.body[:120].decode("utf-8", "replace")
            raise AnswerUnusable(gateway=self.gateway, status=received.status, reason=said)
        evidence = None
        if sent is not None and "yw-evidence" in received.headers:
            evidence = self._evidence(received, sent)
            agree(evidence, kind="refusal", code=_code(problem))
        family = FAMILIES.get(received.status, GatewayRefused)
        return family(problem, evidence=evidence, retry_after=retry_after(received))

    def _signed(
        self, target: str, asked: Mapping[str, object] | None, purpose: Purpose, grant: str | None
    ) -> Flow[tuple[Received, OutgoingRequest]]:
        """Sign and send JSON; GET where nothing is asked."""
        ask = Ask("GET", target) if asked is None else Ask("POST", target, body=msgspec.json.encode(asked))
        return (yield from self.signed(replace(ask, headers=JSON), purpose, grant))

    def signed(self, ask: Ask, purpose: Purpose, grant: str | None) -> Flow[tuple[Received, OutgoingRequest]]:
        """Sign and send until there is an answer that repeating would not change."""
        node = yield from self.node_name()
        key = secrets.token_urlsafe(18)
        attempt, corrected = 0, False
        while True:
            send, sent = self.sign(ask, node, purpose, grant, key)
            event = yield send
            if isinstance(event, Received):
                if event.status == 401 and not corrected and self.correct_clock(event):
                    corrected = True
                    continue
                if event.status not in RETRIED:
                    return event, sent
            attempt += 1
            wait = self.wait(event, attempt)
            if wait is None:
                return self.received(event, attempt), sent
            yield Pause(wait)

    def now(self) -> int:
        """Unix seconds by the gateway's clock, as far as it is known."""
        with self._lock:
            return int(self.options.clock() + self._known.skew)

    def trusted(self, request_id: str = "") -> tuple[Trust, Anchor]:
        """Whose heads are believed, and why. Raises: EvidenceInvalid, before anything was asked of the gateway."""
        with self._lock:
            trust, anchor = self._known.trust, self._known.anchor
        if trust is None:
            raise EvidenceInvalid(
                findings="∅", findings_en="∅", request_id=request_id, codes=["head-key-unknown"]
            )
        return trust, anchor

    def sign(
        self, ask: Ask, node: str, purpose: Purpose, grant: str | None, idempotency_key: str
    ) -> tuple[Send, OutgoingRequest]:
        """One signed attempt, as it goes out."""
        created = self.now()
        sent = sign_request(
            self.key, method=ask.method, path=self.base + ask.path, query=ask.query, body=ask.body, node=node,
            purpose=purpose, created=created, grant=grant, idempotency_key=idempotency_key, digest=ask.digest,
        )  # fmt: skip
        target = f"{ask.path}?{ask.query}" if ask.query else ask.path
        return Send(ask.method, target, {**ask.headers, **sent.http_headers()}, ask.body), sent

    def node_name(self) -> Flow[str]:
        """The node's name: given, of the trust file, or asked of the gateway."""
        with self._lock:
            node = self._known.node if self._known.trust is not None else None
        if node is not None:
            return node
        attempt = 0
        while True:
            event = yield Send("GET", "/.well-known/yiwang", {"Accept": "application/json"}, b"")
            attempt += 1
            wait = (
                None
                if isinstance(event, Received) and event.status not in RETRIED
                else self.wait(event, attempt)
            )
            if wait is None:
                return self._learn(self.received(event, attempt))
            yield Pause(wait)

    def _learn(self, received: Received) -> str:
        """Take node and key from what the gateway says of itself, where nothing better is known."""
        try:
            if received.status != 200:
                raise ValueError("/.well-known/yiwang")
            told = msgspec.json.decode(received.body, type=WellKnown)
            trust = told.trust()
        except (ValueError, EvidenceError) as problem:
            raise AnswerUnusable(
                gateway=self.gateway, status=received.status, reason=str(problem)[:200]
            ) from problem
        with self._lock:
            if self._known.trust is None:
                self._known.trust = trust
            if self._known.node is None:
                self._known.node = told.node
            return self._known.node

    def wait(self, event: object, attempt: int) -> float | None:
        """Seconds to the next attempt, or None when there shall be none."""
        if attempt > self.options.retries or not isinstance(event, Received | Lost):
            return None
        wait = min(0.2 * 2.0 ** (attempt - 1), self.options.longest_wait) * (0.5 + self.options.chance() / 2)
        if isinstance(event, Received):
            asked = retry_after(event)
            if asked is not None and asked > self.options.longest_wait:
                return None
            wait = max(wait, asked or 0.0)
        return wait

    def received(self, event: object, attempts: int) -> Received:
        """What came. Raises: AnswerTooLarge, GatewaySlow, GatewayUnreachable."""
        if isinstance(event, Received):
            return event
        if isinstance(event, TooLarge):
            raise AnswerTooLarge(gateway=self.gateway, status=event.status, limit=self.options.max_answer)
        if isinstance(event, Lost) and event.slow:
            raise GatewaySlow(gateway=self.gateway, seconds=str(self.options.timeout), attempts=attempts)
        reason = event.reason if isinstance(event, Lost) else ""
        raise GatewayUnreachable(gateway=self.gateway, reason=reason, attempts=attempts)

    def correct_clock(self, received: Received) -> bool:
        """Take the server's time from a refusal for staleness; False when it is none or cannot be believed."""
        problem = problem_of(received)
        if problem is None or problem.get("code") != "signature-stale":
            return False
        theirs = server_time(problem.get("server_time"), received.headers.get("date"))
        if theirs is None:
            return False
        skew = theirs - self.options.clock()
        if abs(skew) > LARGEST_SKEW:
            return False
        with self._lock:
            self._known.skew = skew
        return True

    def decoded(self, received: Received, kind: type[S]) -> S:
        """A body as the type it should have. Raises: AnswerUnusable."""
        try:
            return msgspec.json.decode(received.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise AnswerUnusable(
                gateway=self.gateway, status=received.status, reason=str(problem)[:200]
            ) from problem


def _code(problem: dict[str, Fact]) -> str | None:
    code = problem.get("code")
    return code if isinstance(code, str) else None


def query_ask(
    code: str, *, where: Where | None, fields: Sequence[str] | None, limit: int | None, cursor: str | None
) -> Ask:
    """What a query sends."""
    asked: dict[str, object] = {"where": where or {}}
    asked |= {"fields": list(fields)} if fields is not None else {}
    asked |= {"limit": limit} if limit is not None else {}
    asked |= {"cursor": cursor} if cursor is not None else {}
    return Ask("POST", _target(code, "query"), body=msgspec.json.encode(asked), headers=JSON)


def verify_ask(code: str, *, subject: Mapping[str, Scalar], claims: Mapping[str, Scalar]) -> Ask:
    """What a verification sends."""
    asked = {"subject": dict(subject), "claims": dict(claims)}
    return Ask("POST", _target(code, "verify"), body=msgspec.json.encode(asked), headers=JSON)


def _target(code: str, verb: str) -> str:
    return f"/v1/resources/{quote(code, safe='')}/{verb}"
