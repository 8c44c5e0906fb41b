"""A session as flows: open, call, countersign, prove, close. No input or output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from yiwang.client.caller import RETRIED, Caller, QueryBody, S, VerifyBody, query_ask, verify_ask
from yiwang.client.errors import AnswerUnusable, EvidenceInvalid
from yiwang.client.evidence import agree, refuse
from yiwang.client.problems import problem_of
from yiwang.client.protocol import Ask, Flow, Lost, Pause, Received, Send
from yiwang.client.sessions.answers import Call, SessionAnswer, SessionChecked, SessionEvidence
from yiwang.client.sessions.state import State
from yiwang.client.where import Scalar, Where
from yiwang.vocabulary.crypto import CryptoError, ephemeral
from yiwang.vocabulary.envelope import OWN_EVIDENCE, OutgoingRequest, Purpose, sign_request
from yiwang.vocabulary.evidence import (
    Bundle,
    EvidenceError,
    Head,
    Receipt,
    SignedHead,
    bundle_of,
    compare_heads,
    parse_head,
    parse_leaf,
    verify_head,
)
from yiwang.vocabulary.sessions import (
    HEAD_HEADER,
    SESSION_FORMAT,
    Countersignature,
    Opened,
    Opening,
    SessionBundle,
    SessionTextMalformed,
    derive,
    read_head_header,
    read_share,
    share_text,
    verify_session_bundle,
)

SESSIONS = "/v1/sessions"
OVER = frozenset(("session-unknown", "session-ended"))
PATIENCE = 50
"""How often a call waits for another thread's countersignature, 20 ms at a time."""


class _CallProof(msgspec.Struct, frozen=True):
    receipt: Receipt
    countersignature: Countersignature
    opening: Bundle


class _Heads(msgspec.Struct, frozen=True):
    heads: list[SignedHead]


class _Consistency(msgspec.Struct, frozen=True):
    proof: list[str]


class SessionCaller:
    """The caller's side of one session after another: a session that is over is opened anew by the next call."""

    def __init__(self, caller: Caller, *, grants: Sequence[str] | None, seconds: int) -> None:
        """Nothing is sent before `open`."""
        self._caller = caller
        self._grants = None if grants is None else tuple(grants)
        self._seconds = seconds
        self._state: State | None = None

    @property
    def state(self) -> State:
        """The session. Raises: RuntimeError, before it was opened."""
        if self._state is None:
            raise RuntimeError("the session is not open")
        return self._state

    def open(self) -> Flow[None]:
        """Shake hands. Raises: GatewayRefused, EvidenceInvalid, AnswerUnusable, as for any signed request."""
        caller = self._caller
        side = ephemeral(caller.key.suite)
        asked = Opening(share_text(side.share), self._grants, self._seconds)
        ask = Ask("POST", SESSIONS, body=msgspec.json.encode(asked))
        received, evidence = yield from caller.proven(ask, OWN_EVIDENCE, None, status=201)
        agree(evidence, kind="event")
        opened = caller.decoded(received, Opened)
        leaf = evidence.leaf
        if (leaf.event, (leaf.detail or {}).get("session"), leaf.log, leaf.node) != (
            "session-opened", opened.session, opened.log, opened.node,
        ):  # fmt: skip
            raise self._unusable(received, "session-opened")
        try:
            secret = side.agree(read_share(opened.share))
        except (CryptoError, SessionTextMalformed) as problem:
            raise self._unusable(received, str(problem)) from problem
        keys = derive(
            caller.key.suite, secret, opening=bytes.fromhex(leaf.request or ""), answer=received.body
        )
        self._state = State(caller.key, opened, keys, evidence.bundle())

    def query(
        self, code: str, *, where: Where | None, fields: Sequence[str] | None, limit: int | None,
        cursor: str | None, purpose: str, grant: str | None,
    ) -> Flow[SessionAnswer]:  # fmt: skip
        """Ask for rows."""
        ask = query_ask(code, where=where, fields=fields, limit=limit, cursor=cursor)
        call = yield from self._called(ask, Purpose.parse(purpose), grant)
        body = self._read(call, QueryBody)
        return SessionAnswer(body.resource, body.version, body.rows, body.next, call.request_id, call)

    def verify(
        self, code: str, *, subject: Mapping[str, Scalar], claims: Mapping[str, Scalar], purpose: str,
        grant: str | None,
    ) -> Flow[SessionChecked]:  # fmt: skip
        """Ask whether claims about a subject are true."""
        ask = verify_ask(code, subject=subject, claims=claims)
        call = yield from self._called(ask, Purpose.parse(purpose), grant)
        body = self._read(call, VerifyBody)
        return SessionChecked(body.resource, body.version, body.claims, call.request_id, call)

    def countersign(self) -> Flow[int]:
        """Own up to the calls so far; returns how many are still open, as where another thread is about it.

        Raises: GatewayRefused, EvidenceInvalid, GatewayUnreachable.
        """
        state = self.state
        while state.open and state.begin():
            try:
                before = state.open
                yield from self._countersign(state)
                if state.open >= before:
                    break
            finally:
                state.finish()
        return state.open

    def prove(self, call: Call) -> Flow[SessionEvidence]:
        """The evidence of a call, which is countersigned first. Raises: EvidenceInvalid; as `countersign`."""
        state = self.state
        if call.session == state.opened.session and state.is_open(call.index):
            yield from self.countersign()
        ask = Ask("GET", f"{SESSIONS}/{call.session}/calls/{call.index}")
        received, _ = yield from self._caller.signed(ask, OWN_EVIDENCE, None)
        if received.status != 200:
            raise self._caller.refusal(received, None)
        found = self._caller.decoded(received, _CallProof)
        bundle = SessionBundle(
            format=SESSION_FORMAT,
            call=bundle_of(call.sent, None, call.status, call.answer, found.receipt),
            countersignature=found.countersignature,
            opening=found.opening,
        )
        trust, anchor = self._caller.trusted(call.request_id)
        refuse(verify_session_bundle(bundle, trust), call.request_id)
        receipt = found.receipt
        return SessionEvidence(
            parse_leaf(receipt.leaf), receipt.index, parse_head(receipt.head), anchor, bundle
        )

    def close(self) -> Flow[None]:
        """Countersign what is left and end the session. Raises: as `countersign`."""
        if self._state is None:
            return
        yield from self.countersign()
        ask = Ask("DELETE", f"{SESSIONS}/{self.state.opened.session}")
        received = yield from self._within(ask, OWN_EVIDENCE, None)
        self._state = None
        if received.status != 200:
            raise self._caller.refusal(received, None)

    def _called(self, ask: Ask, purpose: Purpose, grant: str | None) -> Flow[Call]:
        """Send within the session until there is an answer that its code proves."""
        reopened, waited, attempt = False, 0, 0
        while True:
            state = self.state
            if state.due():
                yield from self.countersign()
            event, sent = yield from self._sent(state, ask, purpose, grant)
            call = state.accept(sent, event) if isinstance(event, Received) else None
            if call is not None and isinstance(event, Received):
                self._take_head(state, event)
                if event.status != 200:
                    raise self._caller.refusal(event, None)
                return call
            state.lose(sent)
            code = (problem_of(event) or {}).get("code") if isinstance(event, Received) else None
            if code == "session-suspended" and waited < PATIENCE:
                waited += 1
                if (yield from self.countersign()):
                    yield Pause(0.02)
                continue
            if code in OVER and not reopened:
                reopened = True
                yield from self.open()
                continue
            attempt += 1
            wait = self._caller.wait(event, attempt)
            if wait is None or (isinstance(event, Received) and event.status not in RETRIED):
                received = self._caller.received(event, attempt)
                if received.status == 200:
                    raise EvidenceInvalid(
                        findings="答复没有会话校验码，或校验码不符",
                        findings_en="the answer has no code of the session, or a wrong one",
                        request_id=received.headers.get("yw-request-id", ""),
                        codes=["session-code-wrong"],
                    )
                raise self._caller.refusal(received, None)
            yield Pause(wait)

    def _sent(
        self, state: State, ask: Ask, purpose: Purpose, grant: str | None
    ) -> Flow[tuple[object, OutgoingRequest]]:
        caller, opened = self._caller, state.opened
        sent = sign_request(
            state.signer, method=ask.method, path=caller.base + ask.path, body=ask.body, node=opened.node,
            purpose=purpose, created=caller.now(), grant=grant, nonce=state.nonce(), alg=opened.alg,
        )  # fmt: skip
        event = yield Send(
            ask.method, ask.path, {**ask.headers, **sent.http_headers()}, ask.body, opened.gateway
        )
        return event, sent

    def _within(self, ask: Ask, purpose: Purpose, grant: str | None) -> Flow[Received]:
        """An address of the session itself, tried again where no answer comes."""
        attempt = 0
        while True:
            event, _ = yield from self._sent(self.state, ask, purpose, grant)
            attempt += 1
            wait = self._caller.wait(event, attempt)
            if wait is None or (isinstance(event, Received) and event.status not in RETRIED):
                return self._caller.received(event, attempt)
            yield Pause(wait)

    def _countersign(self, state: State) -> Flow[None]:
        head = state.covering()
        if head is None:
            head = yield from self._newest(state)
        yield from self._grew(state, head)
        given = state.countersign(head)
        if not given.indexes and not given.lost:
            return
        ask = Ask(
            "POST", f"{SESSIONS}/{state.opened.session}/countersignatures", body=msgspec.json.encode(given)
        )
        received = yield from self._within(ask, OWN_EVIDENCE, None)
        if received.status != 200:
            raise self._caller.refusal(received, None)
        state.settle(head, given)

    def _newest(self, state: State) -> Flow[Head]:
        """The log's latest head, of the gateway's public list."""
        event: object = Lost("")
        for attempt in range(1, self._caller.options.retries + 2):
            event = yield Send("GET", "/v1/heads", {"Accept": "application/json"}, b"", state.opened.gateway)
            if isinstance(event, Received) and event.status == 200:
                break
            yield Pause(self._caller.wait(event, attempt) or 0.0)
        received = self._caller.received(event, self._caller.options.retries + 1)
        for signed in self._caller.decoded(received, _Heads).heads:
            head = self._verified(signed)
            if head.log == state.opened.log:
                state.take(head, signed.signature)
                return head
        raise self._unusable(received, "/v1/heads")

    def _grew(self, state: State, head: Head) -> Flow[None]:
        """The log has only grown since the last countersigned head. Raises: EvidenceInvalid."""
        before = state.signed
        if before is None or before.size == head.size:
            return
        target = f"/v1/heads/{head.log}/consistency?from={before.size}&to={head.size}"
        event = yield Send("GET", target, {"Accept": "application/json"}, b"", state.opened.gateway)
        received = self._caller.received(event, 1)
        if received.status != 200:
            raise self._caller.refusal(received, None)
        proof = self._caller.decoded(received, _Consistency).proof
        refuse(compare_heads(before, head, tuple(bytes.fromhex(part) for part in proof)), "")

    def _take_head(self, state: State, received: Received) -> None:
        value = received.headers.get(HEAD_HEADER.lower())
        if value is not None:
            signed = read_head_header(value)
            head = self._verified(signed)
            if head.log == state.opened.log:
                state.take(head, signed.signature)

    def _verified(self, signed: SignedHead) -> Head:
        trust, _ = self._caller.trusted()
        try:
            head = parse_head(signed.head)
        except EvidenceError as problem:
            raise EvidenceInvalid(
                findings=problem.text("zh"), findings_en=problem.text("en"), request_id="", codes=[problem.code]
            ) from problem  # fmt: skip
        refuse(verify_head(head, signed.signature, trust), "")
        return head

    def _read(self, call: Call, kind: type[S]) -> S:
        return self._caller.decoded(Received(call.status, {}, call.answer), kind)

    def _unusable(self, received: Received, reason: str) -> AnswerUnusable:
        return AnswerUnusable(gateway=self._caller.gateway, status=received.status, reason=reason[:200])
