"""Whether the evidence of the next node proves the answer that came with it."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from typing import Final

import msgspec

from yiwang.gateway.cascade.errors import PeerTurnedAway, PeerUnproven
from yiwang.gateway.cascade.table import HeldPeer
from yiwang.gateway.cascade.wire import Answer
from yiwang.gateway.digests import digest_of
from yiwang.gateway.verification.pool import Verifiers
from yiwang.vocabulary.crypto import SUITES, PublicKey
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.evidence import Leaf, Receipt, Upstream, parse_head, parse_instant, parse_leaf
from yiwang.vocabulary.evidence.errors import EvidenceError
from yiwang.vocabulary.merkle import leaf_hash, verify_inclusion

_HEADS: Final = 4096
"""Heads whose signature was looked at and found right: all answers of a batch come under one."""
_CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,60}")


class Prover:
    """Checks receipts of other nodes."""

    def __init__(self, verifiers: Verifiers) -> None:
        """`verifiers` look at signatures of heads."""
        self._verifiers = verifiers
        self._looks: OrderedDict[tuple[str, str], asyncio.Task[bool]] = OrderedDict()

    async def prove(
        self, peer: HeldPeer, answer: Answer, request: str, *, owner: str
    ) -> tuple[Leaf, Upstream]:
        """The leaf that proves the answer to the request of this digest; `owner` is the node whose resource it is.

        Raises: PeerUnproven; PeerTurnedAway, where the peer refuses this node without evidence.
        """
        name = peer.peer.name

        def unproven(reason: str) -> PeerUnproven:
            return PeerUnproven(peer=name, reason=reason)

        header = answer.headers.get("yw-evidence")
        if header is None:
            raise _turned_away(name, answer) if answer.status >= 400 else unproven("none")
        try:
            receipt = Receipt.from_header(header)
            leaf, head = parse_leaf(receipt.leaf), parse_head(receipt.head)
        except EvidenceError as problem:
            raise unproven(problem.code) from problem
        suite = SUITES[head.suite]
        if (leaf.node, head.node, leaf.log) != (name, name, head.log):
            raise unproven("node")
        if leaf.request != request or leaf.status != answer.status:
            raise unproven("request")
        if leaf.code is None and name != owner and not leaf.upstream:
            raise unproven("upstream")  # whoever passes an answer on names the evidence it had for it
        if leaf.response != await digest_of(suite, answer.body):
            raise unproven("answer")
        hashed = leaf_hash(suite, receipt.leaf.encode("utf-8"))
        proof = tuple(bytes.fromhex(one) for one in receipt.proof)
        if not verify_inclusion(
            suite, hashed, receipt.index, head.size, proof=proof, root=bytes.fromhex(head.root)
        ):
            raise unproven("proof")
        held = peer.heads.get(head.key)
        if held is None or not held[0].valid_at(parse_instant(head.time).timestamp()):
            raise unproven("key")
        if not await self._is_right(held[1], receipt, f"peer {name}"):
            raise unproven("signature")
        return leaf, Upstream(
            head=receipt.head, index=receipt.index, leaf_hash=hashed.hex(), log=head.log, node=name,
            proof=receipt.proof, signature=receipt.signature,
        )  # fmt: skip

    async def _is_right(self, key: PublicKey, receipt: Receipt, origin: str) -> bool:
        """Whether the head's signature fits; answers that come under one head wait for one look at it."""
        mark = (receipt.head, receipt.signature)
        look = self._looks.get(mark)
        if look is None:
            signature = bytes.fromhex(receipt.signature)
            look = asyncio.create_task(
                self._verifiers.verify(key, receipt.head.encode("utf-8"), signature, origin)
            )
            self._looks[mark] = look
            if len(self._looks) > _HEADS:
                self._looks.popitem(last=False)
        try:
            right = await asyncio.shield(look)
        except YwError:
            self._looks.pop(mark, None)
            raise
        if not right:
            self._looks.pop(mark, None)
        return right


class _Problem(msgspec.Struct):
    code: str = ""


def _turned_away(peer: str, answer: Answer) -> PeerTurnedAway:
    try:
        code = msgspec.json.decode(answer.body, type=_Problem).code
    except (msgspec.MsgspecError, UnicodeDecodeError):
        code = ""
    return PeerTurnedAway(peer=peer, reason=code if _CODE.fullmatch(code) else str(answer.status))
