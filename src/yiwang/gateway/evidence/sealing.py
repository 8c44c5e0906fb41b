"""Which heads of a log are signed at once, and which carry a code until a signature follows (docs/adr/0337).

A batch of sessions' calls hands out no proof: its callers countersign heads later. So its head may wait for its signature,
for 20 ms or 128 leaves at most; meanwhile a code keeps the database from being rewritten. A batch that hands out a proof
is signed before it is stored, as ever.
"""

from __future__ import annotations

import asyncio
from typing import Final, NamedTuple

from yiwang.blocks.journal.domain.coding import HeadCoder
from yiwang.blocks.journal.domain.errors import JournalUnavailable, LeaseLost
from yiwang.gateway.evidence.batch import Batch
from yiwang.gateway.evidence.faults import FAULTS
from yiwang.gateway.evidence.signing import Signer
from yiwang.gateway.evidence.storing import Statements
from yiwang.vocabulary.evidence import SignedHead, parse_head

SEAL_SECONDS: Final = 0.02
SEAL_LEAVES: Final = 128


class Ready(NamedTuple):
    """A batch whose head is signed, or carries a code in the place of its signature."""

    batch: Batch
    signature: bytes
    coded: bool

    @property
    def head(self) -> SignedHead:
        """The head as it is stored."""
        return SignedHead(self.batch.head.decode(), self.signature.hex())


class Sealing:
    """The newest signed head, what has been stored since, and who waits for a signature over it."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, signer: Signer, coder: HeadCoder | None, wake: asyncio.Event
    ) -> None:
        """Without a `coder` every head is signed. `wake` is set when one is due."""
        self.signed: SignedHead | None = None
        self.coded: SignedHead | None = None
        """The last stored head, where it has no signature yet."""
        self._signer = signer
        self._coder = coder
        self._loop = loop
        self._wake = wake
        self._built = 0
        self._due = False
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def needed(self) -> bool:
        """Whether the last head is to be signed now."""
        return self.coded is not None and (self._due or bool(self._waiting))

    async def sign(self, batch: Batch) -> Ready:
        """The batch with the signature of its head, or with what stands in its place. Raises: JournalUnavailable."""
        code = self._code(batch)
        signature = await self._signer.sign(batch.head) if code is None else code
        if FAULTS:
            FAULTS.reach("signed")
        return Ready(batch, signature, code is not None)

    async def follow(self, statements: Statements, log: str, term: int) -> SignedHead:
        """Sign the last head, which carries a code. Raises: JournalUnavailable, LeaseLost; what the driver raises."""
        if self.coded is None:
            raise JournalUnavailable(reason="no head waits for its signature")
        text = self.coded.head
        signature = await self._signer.sign(text.encode())
        if FAULTS:
            FAULTS.reach("sealing")
        if not await statements.seal(log, term, parse_head(text).size, signature):
            raise LeaseLost(log=log)
        if FAULTS:
            FAULTS.reach("sealed")
        return SignedHead(text, signature.hex())

    def _code(self, batch: Batch) -> bytes | None:
        self._built += len(batch.items)
        if (
            self._coder is None
            or self.signed is None
            or self._due
            or self._waiting
            or self._built > SEAL_LEAVES
            or any(item.prepared.proving for item in batch.items)
        ):
            self._built = 0
            return None
        return self._coder.code(batch.head, batch.suite)

    def stored(self, head: SignedHead, *, coded: bool) -> None:
        """A head is durable, by its batch or by the signature that followed."""
        if coded:
            self.coded = head
            if self._timer is None:
                self._timer = self._loop.call_later(SEAL_SECONDS, self._fall_due)
            return
        self.signed, self.coded, self._due = head, None, False
        self._release()

    def resume(self, signed: SignedHead | None, coded: SignedHead | None) -> None:
        """A log was opened; `coded` is its last head where a signature is still to follow, at once."""
        self.signed, self.coded, self._due, self._built = signed, coded, coded is not None, 0

    def leave(self) -> None:
        """The log is no longer written: nobody waits any more."""
        self.signed = self.coded = None
        self._due = False
        self._release()

    async def sealed(self) -> None:
        """Wait until all that is stored now lies under a signed head."""
        if self.coded is not None:
            one = self._loop.create_future()
            self._waiting.append(one)
            self._wake.set()
            await one

    def _fall_due(self) -> None:
        self._timer = None
        self._due = True
        self._wake.set()

    def _release(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if not one.done():
                one.set_result(None)
