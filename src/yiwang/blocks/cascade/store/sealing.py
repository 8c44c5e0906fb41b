"""Numbering and sealing what waits for a peer, and finding the runs that follow a number."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yiwang.blocks.cascade.domain.events import MAX_PAGE, RUN, Run, read_seal, seal_run
from yiwang.blocks.cascade.store.here import node, signing_key
from yiwang.blocks.cascade.store.models import Outgoing, Peer, Sealed


@transaction.atomic
def seal_waiting(name: str, now: datetime) -> int:
    """Seal one run of what waits for a peer; returns how many events it has."""
    peer = Peer.objects.select_for_update().get(pk=name)
    waiting = list(Outgoing.objects.filter(peer=name).order_by("id")[:RUN])
    if not waiting:
        return 0
    run = seal_run(
        signing_key(now), source=node(), target=name, first=peer.sealed + 1, previous=peer.sent_hash,
        texts=[row.text for row in waiting], time=int(now.timestamp()),
    )  # fmt: skip
    seal = read_seal(run.seal)
    Sealed.objects.create(
        peer=name, first=seal.first, last=seal.last, seal=run.seal, signature=run.signature,
        events=list(run.events),
    )  # fmt: skip
    Outgoing.objects.filter(pk__in=[row.pk for row in waiting]).delete()
    peer.sealed, peer.sent_hash = seal.last, seal.hash
    peer.save(update_fields=["sealed", "sent_hash"])
    return len(waiting)


def runs_after(name: str, got: int, most: int) -> list[Run]:
    """Sealed runs that hold events after number `got`, until about `most` events or a page's bytes are reached."""
    found: list[Run] = []
    events = size = 0
    for row in Sealed.objects.filter(peer=name, last__gt=got).order_by("first").iterator(chunk_size=4):
        run = Run(row.seal, row.signature, tuple(row.events))
        size += sum(len(text.encode("utf-8")) for text in run.events)
        if found and (events >= most or size > MAX_PAGE):
            break
        found.append(run)
        events += len(run.events)
    return found


def waiting(name: str) -> bool:
    """Whether anything waits to be sealed for a peer."""
    return Outgoing.objects.filter(peer=name).exists()
