"""The same gateway with evidence off, for the benchmark alone: nothing in the product can be set to do this."""

from __future__ import annotations

import sys
from collections.abc import Callable

import uvloop

from yiwang.blocks.journal.domain.prepared import Prepared
from yiwang.gateway.assembly import Gateway
from yiwang.gateway.calls import Committer
from yiwang.gateway.config import Config
from yiwang.gateway.evidence.writer import EvidenceWriter
from yiwang.gateway.serving import serve
from yiwang.gateway.sessions import held
from yiwang.vocabulary.evidence.head import Receipt


class Nothing:
    """Commits nothing and gives a receipt of the usual size."""

    def __init__(self, writer: EvidenceWriter) -> None:
        self._writer = writer
        self._receipt = Receipt("x" * 900, 1, ("0" * 64,) * 20, "x" * 380, "0" * 142)

    @property
    def suite(self) -> str:
        return self._writer.suite

    async def commit(self, prepared: Prepared) -> Receipt:
        if prepared.kind == "event":  # a session is opened with evidence, and served without
            return await self._writer.commit(prepared)
        return self._receipt


async def _run() -> None:
    held.EXPOSED_SECONDS = float("inf")  # type: ignore[misc]
    off: Callable[[EvidenceWriter], Committer] = Nothing
    await serve(Gateway(Config.from_environment(), writer=off))


if __name__ == "__main__":
    uvloop.run(_run())
    sys.exit(0)
