"""Puts the parts of subscriptions together."""

from __future__ import annotations

import time
from datetime import timedelta

from yiwang.blocks.subscriptions.domain.cursors import PURPOSE
from yiwang.gateway.authentication import Authentication, Scope
from yiwang.gateway.bodies import Incoming
from yiwang.gateway.calls import Calls, Committer, Keeper, Reply
from yiwang.gateway.config import Config
from yiwang.gateway.files.permits import Permits
from yiwang.gateway.subscriptions.bell import Bell
from yiwang.gateway.subscriptions.door import SubscriptionDoor
from yiwang.gateway.subscriptions.ledger import Ledger
from yiwang.vocabulary.crypto import KeyProvider


class Subscriptions:
    """Subscriptions of one gateway process."""

    def __init__(
        self, config: Config, authentication: Authentication, calls: Calls, keeper: Keeper, writer: Committer,
        keys: KeyProvider,
    ) -> None:  # fmt: skip
        """Nothing is opened before `start`."""
        self._ledger = Ledger(config.database_url)
        self._bell = Bell(self._ledger)
        permits = Permits(calls, keeper, writer, time.time, mode="changes", unit="subscription")
        self._door = SubscriptionDoor(
            authentication, calls, keeper, self._ledger, permits, self._bell, lambda: keys.sealing_key(PURPOSE),
            timedelta(days=config.event_days),
        )  # fmt: skip

    async def start(self) -> None:
        """Raises: OSError, PostgresError."""
        await self._ledger.start()

    async def stop(self) -> None:
        """Answer what waits."""
        await self._bell.stop()
        await self._ledger.stop()

    async def answer(self, scope: Scope, incoming: Incoming, request_id: str) -> Reply:
        """Answer a request below `/v1/subscriptions`."""
        return await self._door.answer(scope, incoming, request_id)
