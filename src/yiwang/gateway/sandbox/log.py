"""Receipts of the sandbox: of the same form as evidence, by another node name, another key and a log nobody keeps.

A verifier that pins the real node's keys refuses them; they are there so that a client's own checks have something
to check. The log lives in memory and begins anew with the process, under a new name each time.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from yiwang.gateway.authentication import Authenticated
from yiwang.vocabulary.crypto import SigningKey
from yiwang.vocabulary.evidence.head import Head, Receipt, sign_head
from yiwang.vocabulary.evidence.leaf import Leaf, SuiteName, instant_text
from yiwang.vocabulary.merkle import Frontier


class SandboxLog:
    """An append-only log of which only the frontier is kept."""

    def __init__(self, node: str, key: SigningKey) -> None:
        """`node`: the sandbox's own node name; `key`: its own key, of the purpose `sandbox`."""
        self.log = f"sandbox-{secrets.token_hex(4)}"
        self.key = key
        self._node = node
        self._suite: SuiteName = "sm2-sm3" if key.suite.name == "sm2-sm3" else "ed25519"
        self._frontier = Frontier(key.suite)
        self._previous: str | None = None

    def add(self, leaf: Leaf) -> Receipt:
        """Append a leaf and sign the head that includes it."""
        grown = self._frontier.grow([leaf.hash(self.key.suite)])
        index = self._frontier.size
        self._frontier = grown.frontier
        head = Head(
            epoch=1, key=self.key.kid, log=self.log, node=self._node, previous=self._previous,
            root=self._frontier.root().hex(), size=self._frontier.size, suite=self._suite, time=leaf.time,
        )  # fmt: skip
        self._previous = head.digest()
        signed = sign_head(head, self.key)
        proof = tuple(step.hex() for step in grown.proofs[0])
        return Receipt(leaf.canonical().decode("utf-8"), index, proof, signed.head, signed.signature)

    def leaf(self, proven: Authenticated, request_id: str, status: int, body: bytes) -> Leaf:
        """What every leaf here says; the caller adds the rest."""
        return Leaf(
            kind="refusal",
            node=self._node,
            log=self.log,
            epoch=1,
            time=instant_text(datetime.now(UTC)),
            request_id=request_id,
            status=status,
            consumer=proven.caller.client.agency,
            client=proven.caller.client.id,
            key=proven.request.kid,
            purpose=proven.request.purpose.text,
            request=proven.digest,
            request_alg=proven.alg,
            response=self.key.suite.digest(body).hex(),
        )
