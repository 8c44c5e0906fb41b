"""A node in miniature: checks envelopes and issues real evidence, and misbehaves on demand."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import unquote

import httpx

from yiwang.vocabulary.canonical import Json, canonical
from yiwang.vocabulary.crypto import PublicKey, SigningKey, generate
from yiwang.vocabulary.envelope import (
    EnvelopeError,
    SignatureStale,
    SignedRequest,
    header_source,
    parse_request,
)
from yiwang.vocabulary.evidence import (
    Head,
    Leaf,
    Receipt,
    Trust,
    TrustKey,
    instant_text,
    parse_leaf,
    sign_head,
)
from yiwang.vocabulary.merkle import Frontier, leaf_hash

ENTERPRISES: list[dict[str, Json]] = [
    {"统一社会信用代码": f"9137010096470901{n}M", "企业名称": f"澜州第{n}机械厂", "注册资本": str(1000 + n)}
    for n in range(7)
]
PROVIDER, CONSUMER = "11370000MB28000001", "11370100MB28000002"


@dataclass
class Reply:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


Fault = Callable[[Reply], Reply]
"""Changes a finished reply on its way out; raise `httpx.ConnectError` to lose it."""


class FakeNode:
    def __init__(
        self, suite: str = "sm2-sm3", *, node: str = "lanzhou", clock: Callable[[], float] = time.time
    ) -> None:
        self.node = node
        self.clock = clock
        self.key: SigningKey = generate(suite)
        self.clients: dict[str, PublicKey] = {}
        self.tree = Frontier(self.key.suite)
        self.previous: str | None = None
        self.seen: list[SignedRequest] = []
        self.bodies: list[bytes] = []
        self.nonces: set[str] = set()
        self.acknowledged: list[Mapping[str, Json]] = []
        self.faults: list[Fault] = []
        self.leaf_changes: dict[str, Json] = {}
        self.refuse: list[tuple[int, str, dict[str, Json]]] = []
        self.lock = threading.Lock()

    @property
    def suite(self) -> Literal["sm2-sm3", "ed25519"]:
        return "sm2-sm3" if self.key.suite.name == "sm2-sm3" else "ed25519"

    def welcome(self, key: SigningKey) -> SigningKey:
        self.clients[key.kid] = key.public
        return key

    def trust(self) -> Trust:
        key = self.key.public
        pinned = TrustKey(
            key.kid, self.suite, base64.b64encode(key.spki_der).decode(), "evidence", datetime(2020, 1, 1, tzinfo=UTC), None
        )  # fmt: skip
        return Trust("yiwang-trust/1", self.node, (pinned,))

    def receipt(self, leaf: Leaf, *, others: int = 3) -> Receipt:
        """Store the leaf between a few others of its batch and sign the tree."""
        noise = [leaf_hash(self.key.suite, b"other %d" % (self.tree.size + n)) for n in range(others)]
        index = self.tree.size + others // 2
        hashes = [*noise[: others // 2], leaf.hash(self.key.suite), *noise[others // 2 :]]
        grown = self.tree.grow(hashes)
        self.tree = grown.frontier
        head = Head(
            epoch=1, key=self.key.kid, log="gw1", node=self.node, previous=self.previous, root=grown.root.hex(),
            size=self.tree.size, suite=self.suite, time=instant_text(self.now()),
        )  # fmt: skip
        self.previous = head.digest()
        signed = sign_head(head, self.key)
        proof = tuple(part.hex() for part in grown.proofs[others // 2])
        return Receipt(leaf.canonical().decode(), index, proof, signed.head, signed.signature)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def handle(self, method: str, path: str, query: str, pairs: list[tuple[str, str]], body: bytes) -> Reply:
        with self.lock:
            reply = self._handle(method, path, query, pairs, body)
            fault = self.faults.pop(0) if self.faults else None
        return fault(reply) if fault else reply

    def _handle(self, method: str, path: str, query: str, pairs: list[tuple[str, str]], body: bytes) -> Reply:
        if path == "/.well-known/yiwang":
            key = self.trust().keys[0]
            told: dict[str, Json] = {
                "node": self.node, "time": instant_text(self.now()), "suites": ["sm2-sm3", "ed25519"], "version": "0.1.0",
                "evidence_key": {"kid": key.kid, "suite": key.suite, "spki": key.spki},
            }  # fmt: skip
            return Reply(200, json.dumps(told).encode(), {"content-type": "application/json"})
        try:
            request = parse_request(method, path, query, header_source(pairs))
            request.check_body(body)
            request.check_node(self.node)
            request.check_window(self.now())
            request.check_signature(self.clients[request.kid])
        except SignatureStale as stale:
            return self._problem(401, stale.code, dict(stale.facts), None)
        except (EnvelopeError, KeyError) as problem:
            return self._problem(401, getattr(problem, "code", "key-unknown"), {"detail": str(problem)}, None)
        if request.nonce in self.nonces:
            return self._problem(409, "nonce-replayed", {}, request)
        self.nonces.add(request.nonce)
        self.seen.append(request)
        self.bodies.append(body)
        if self.refuse:
            status, code, facts = self.refuse.pop(0)
            return self._problem(status, code, facts, request if status in (403, 409, 429) else None)
        if path == "/v1/evidence/ack":
            given = json.loads(body)["receipts"]
            self.acknowledged.extend(given)
            return Reply(200, json.dumps({"acknowledged": len(given)}).encode())
        return self._serve(request, json.loads(body))

    def _serve(self, request: SignedRequest, asked: dict[str, Json]) -> Reply:
        code, verb = unquote(request.path.split("/")[3]), request.path.split("/")[4]
        content: dict[str, Json] = {"resource": code, "version": 3}
        rows = None
        if verb == "query":
            start = int(str(asked.get("cursor") or 0))
            limit = int(str(asked.get("limit") or 100))
            found = ENTERPRISES[start : start + limit]
            end = start + limit
            rows = len(found)
            content |= {"rows": found, "next": str(end) if end < len(ENTERPRISES) else None}
        else:
            claims = asked["claims"]
            assert isinstance(claims, dict)
            content["claims"] = {name: "match" if value else "unknown" for name, value in claims.items()}
        body = json.dumps(content, ensure_ascii=False).encode()
        return self._prove(
            Reply(200, body), request, verb, rows=rows, resource=code, version=3, grant="G-2026-000001"
        )

    def _problem(
        self, status: int, code: str, facts: Mapping[str, Json], request: SignedRequest | None
    ) -> Reply:
        told: dict[str, Json] = {
            "type": f"urn:yiwang:error:{code}", "title": code, "status": status, "code": code, "detail": "被拒绝。",
            "detail_en": "Refused.", "mend": "请改正。", "mend_en": "Mend it.", "request_id": "req-refused",
        }  # fmt: skip
        told.update(facts)
        reply = Reply(
            status,
            json.dumps(told, ensure_ascii=False).encode(),
            {"content-type": "application/problem+json"},
        )
        if "retry_after" in facts:
            reply.headers["retry-after"] = str(facts["retry_after"])
        return self._prove(reply, request, "refusal", code=code) if request is not None else reply

    def _prove(self, reply: Reply, request: SignedRequest, kind: str, **more: Json) -> Reply:
        members: dict[str, Json] = {
            "v": 1, "time": instant_text(self.now()), "node": self.node, "log": "gw1", "epoch": 1, "kind": kind,
            "direction": "provide", "consumer": CONSUMER, "client": "lan-minzheng-1", "key": request.kid, "provider": PROVIDER,
            "resource": None, "version": None, "grant": None, "grant_version": 1, "purpose": request.purpose.text,
            "request_id": "req-01jd8yk3v5wq0000000000001", "request": request.digest().hex(),
            "request_alg": request.alg, "response": self.key.suite.digest(reply.body).hex(), "rows": None,
            "status": reply.status, "code": None, "event": None, "subjects": [], "upstream": [], "detail": None,
        }  # fmt: skip
        members.update({**more, **self.leaf_changes})
        receipt = self.receipt(parse_leaf(canonical(members)))
        reply.headers |= {"yw-evidence": receipt.header(), "yw-request-id": str(members["request_id"])}
        reply.headers.setdefault("content-type", "application/json")
        return reply

    def transport(self) -> httpx.MockTransport:
        """For a client in the same process, without sockets."""

        def handler(request: httpx.Request) -> httpx.Response:
            raw = request.url.raw_path.decode("ascii")
            path, _, query = raw.partition("?")
            pairs = [(name, value) for name, value in request.headers.multi_items()]
            reply = self.handle(request.method, path, query, pairs, request.content)
            return httpx.Response(reply.status, headers=reply.headers, stream=httpx.ByteStream(reply.body))

        return httpx.MockTransport(handler)

    @contextmanager
    def served(self) -> Iterator[str]:
        """On a real socket of the loopback, for commands of other processes; gives the base address."""
        node = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                path, _, query = self.path.partition("?")
                reply = node.handle(self.command, path, query, list(self.headers.items()), body)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_POST

            def log_message(self, format: str, *args: object) -> None:
                del format, args

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
