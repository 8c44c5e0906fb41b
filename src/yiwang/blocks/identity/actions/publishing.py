"""What the gateways know of a client, rewritten in the transaction of every change, under the next epoch."""

from __future__ import annotations

import base64
from datetime import datetime

import msgspec

from yiwang.blocks.identity.domain import compiled
from yiwang.blocks.identity.domain.clients import ACTIVE, Key
from yiwang.blocks.identity.store.models import ClientApplication, ClientKey, CompiledClient
from yiwang.blocks.journal.public import next_epoch


def key_of(row: ClientKey) -> Key:
    """A key's row as the rules see it."""
    return Key(row.kid, row.suite, row.not_before, row.not_after, row.state)


def publish(client: ClientApplication, now: datetime) -> int:
    """Compile a client with the keys that count now or later; returns the epoch."""
    keys = tuple(
        compiled.CompiledKey(
            kid=row.kid,
            suite=row.suite,
            spki=base64.b64encode(bytes(row.spki)).decode("ascii"),
            not_before=int(row.not_before.timestamp()),
            not_after=None if row.not_after is None else int(row.not_after.timestamp()),
        )
        for row in ClientKey.objects.filter(client=client, state=ACTIVE).order_by("kid")
        if key_of(row).usable(now)
    )
    document = compiled.CompiledClient(id=client.pk, agency=client.agency_id, keys=keys, kind=client.kind)
    epoch = next_epoch()
    CompiledClient.objects.update_or_create(
        id=client.pk,
        defaults={"epoch": epoch, "state": client.state, "doc": msgspec.json.encode(document).decode()},
    )
    return epoch
