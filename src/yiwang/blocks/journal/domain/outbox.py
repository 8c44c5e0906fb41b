"""An event on its way into the office log, as it stands in `journal_outbox`."""

from __future__ import annotations

from datetime import datetime

import msgspec

from yiwang.blocks.journal.domain.prepared import Prepared
from yiwang.vocabulary.canonical import canonical

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """The members of a leaf that an event gives."""

    event: str
    request_id: str
    consumer: str | None = None
    provider: str | None = None
    client: str | None = None
    resource: str | None = None
    version: int | None = None
    grant: str | None = None
    grant_version: int | None = None
    purpose: str | None = None
    detail: dict[str, object] | None = None


def entry_of(entry: Entry) -> str:
    """The stored text. Raises: NotCanonical, when the detail has no canonical text."""
    if entry.detail is not None:
        canonical(msgspec.to_builtins(entry.detail))
    return msgspec.json.encode(entry).decode()


def prepared_of(text: str, row: int) -> Prepared:
    """The leaf to be of an outbox row. Raises: msgspec.DecodeError."""
    entry = msgspec.json.decode(text, type=Entry)
    return Prepared(
        kind="event", request_id=entry.request_id, status=0, event=entry.event, consumer=entry.consumer,
        provider=entry.provider, client=entry.client, resource=entry.resource, version=entry.version,
        grant=entry.grant, grant_version=entry.grant_version, purpose=entry.purpose, detail=entry.detail, outbox=row,
    )  # fmt: skip


def request_id_of(now: datetime, noise: bytes) -> str:
    """`evt-` and 26 characters that grow with time: 48 bits of milliseconds, 80 bits of `noise` (ULID)."""
    number = int(now.timestamp() * 1000) << 80 | int.from_bytes(noise[:10], "big")
    return "evt-" + "".join(_DIGITS[number >> shift & 31] for shift in range(125, -1, -5))
