"""The evidence writer of one log: commits whatever is pending when the last commit ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from yiwang.blocks.journal.domain.prepared import Prepared, Receipt


class Signer(Protocol):
    """Signs tree heads with the node's evidence key, away from the event loop's thread."""

    kid: str
    suite: str

    async def sign(self, data: bytes) -> bytes:
        """The signature over `data`. Raises: SignerUnavailable."""


def _now() -> datetime:
    return datetime.now(UTC)


class EvidenceWriter:
    """Sole writer of one log of a node.

    `subject_key` gives the secret key of a period ("2026-11") for subject tokens; `high_water` is the folder
    of the external head files (YW_DATA/journal).
    """

    def __init__(
        self,
        dsn: str,
        *,
        node: str,
        log: str,
        signer: Signer,
        subject_key: Callable[[str], bytes],
        high_water: Path,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        """Nothing is opened before `start`."""
        self.node = node
        self.log = log
        self.suite = signer.suite

    async def start(self) -> None:
        """Take the lease, load the tree, notice a restore. Raises: LogTaken, JournalUnavailable."""

    async def stop(self) -> None:
        """Finish what is under way, give the lease back."""

    async def commit(self, prepared: Prepared) -> Receipt:
        """Store the leaf; returns after the transaction of its batch is durable.

        Raises: NonceReplayed, RequestBeforeFloor, GrantChanged, ClientChanged, QuotaExhausted,
            SubjectsExhausted, AttemptsExhausted, LeaseLost (all CommitRefused); JournalUnavailable.
        """
        raise NotImplementedError
