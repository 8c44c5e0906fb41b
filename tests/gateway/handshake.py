"""A caller's side of a session made by hand, so that tests can get every step wrong on purpose."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import msgspec

from benchmarks._node import NODE, Gateway
from tests.gateway.stage import CODE, ITEM, Answer, Stage
from yiwang.client.protocol import Received
from yiwang.client.sessions.state import State
from yiwang.vocabulary.crypto import SigningKey, ephemeral
from yiwang.vocabulary.envelope import OWN_EVIDENCE, OutgoingRequest, Purpose, sign_request
from yiwang.vocabulary.evidence import Head, bundle_of, parse_head
from yiwang.vocabulary.sessions import Countersigning, Opened, derive, nonce_of, read_share, share_text

PATH = f"/v1/resources/{quote(CODE, safe='')}/query"


@dataclass
class HandMade:
    """A session whose numbers, codes and countersignatures the test chooses."""

    stage: Stage
    state: State
    key: SigningKey
    gateway: Gateway
    number: int = 0
    calls: list[Answer] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.state.opened.session

    def request(
        self, path: str, body: bytes, *, number: int | None = None, purpose: str = ITEM,
        grant: str | None = None, method: str = "POST", created: int | None = None,
    ) -> OutgoingRequest:  # fmt: skip
        """A request with its code; the next number by default."""
        self.number = self.number + 1 if number is None else number
        return sign_request(
            self.state.signer, method=method, path=path, body=body, node=NODE, purpose=Purpose.parse(purpose),
            created=int(time.time()) if created is None else created, grant=grant,
            nonce=nonce_of(self.number), alg=self.state.opened.alg,
        )  # fmt: skip

    def query(self, where: dict[str, Any], *, to: Gateway | None = None, **more: Any) -> Answer:
        """Ask for rows; the answer waits for its countersignature."""
        body = json.dumps({"where": where}, ensure_ascii=False).encode()
        answer = self.stage.send(self.request(PATH, body, **more), to=to or self.gateway)
        self.accepts(answer)
        return answer

    def accepts(self, answer: Answer) -> bool:
        """Whether the session's code proves an answer."""
        call = self.state.accept(answer.sent, received(answer))
        return call is not None

    def own(self, suffix: str = "", body: bytes = b"", method: str = "GET", **more: Any) -> Answer:
        """An address of the session itself."""
        path = f"/v1/sessions/{self.id}{suffix}"
        sent = self.request(path, body, purpose="evidence:own", method=method, **more)
        return self.stage.send(sent, to=self.gateway)

    def head(self) -> Head:
        """The newest head of the log."""
        return head_of(self.stage, self.gateway)

    def countersign(self, given: Countersigning | None = None, head: Head | None = None) -> Answer:
        """Own up to the calls so far, or send what is given."""
        covering = head or self.head()
        signed = given or self.state.countersign(covering)
        answer = self.own("/countersignatures", msgspec.json.encode(signed), "POST")
        if answer.status == 200:
            self.state.settle(covering, signed)
        return answer


def head_of(stage: Stage, gateway: Gateway) -> Head:
    """The newest head of a gateway's log."""
    heads = stage.http.get(f"{gateway.url}/v1/heads").json()["heads"]
    return next(head for one in heads if (head := parse_head(one["head"])).log == gateway.log)


def received(answer: Answer) -> Received:
    headers = {name.lower(): value for name, value in answer.response.headers.items()}
    return Received(answer.status, headers, answer.response.content)


def handshake(
    stage: Stage,
    key: SigningKey | None = None,
    *,
    to: Gateway | None = None,
    body: dict[str, Any] | None = None,
) -> tuple[Answer, HandMade | None]:
    """Ask for a session."""
    key, gateway = key or stage.key, to or stage.one
    side = ephemeral(key.suite)
    asked = {"share": share_text(side.share), **(body or {})}
    sent = stage.sign("/v1/sessions", json.dumps(asked).encode(), key=key, purpose=str(OWN_EVIDENCE.text))
    answer = stage.send(sent, to=gateway)
    if answer.status != 201:
        return answer, None
    opened = msgspec.json.decode(answer.response.content, type=Opened)
    secret = side.agree(read_share(opened.share))
    keys = derive(key.suite, secret, opening=key.suite.digest(sent.base), answer=answer.response.content)
    bundle = bundle_of(sent, key.public, 201, answer.response.content, answer.receipt)
    return answer, HandMade(stage, State(key, opened, keys, bundle), key, gateway)


def session(stage: Stage, key: SigningKey | None = None, **more: Any) -> HandMade:
    """A session that is open."""
    answer, made = handshake(stage, key, **more)
    assert made is not None, answer.json
    return made


def share_of(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
