"""Passwords of sources and secrets of old clients sealed anew by the present generation of their key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from yiwang.blocks.exchange.actions.edges import store_edge
from yiwang.blocks.exchange.actions.sources import recompile
from yiwang.blocks.exchange.domain.sealing import password_generation
from yiwang.blocks.exchange.store.integration_models import Edge
from yiwang.blocks.exchange.store.models import Source
from yiwang.blocks.exchange.store.rows import SYSTEM
from yiwang.blocks.exchange.store.sealing import renewed_password
from yiwang.blocks.identity.public import acting


def sealed_passwords() -> Mapping[int, int]:
    """How many passwords and secrets are of each generation."""
    with acting(SYSTEM):
        return dict(Counter(password_generation(one) for one in _all() if one))


def reseal_passwords() -> int:
    """Seal those of older generations anew, each in its own transaction, and tell the gateways; gives how many.

    It can be repeated. Raises: KeysNotWired, KeyMissing, KeyRetired, SealBroken.
    """
    done = 0
    with acting(SYSTEM):
        sources = list(Source.objects.order_by("id").values_list("id", flat=True))
        edges = list(Edge.objects.order_by("id").values_list("id", flat=True))
    for key in sources:
        with acting(SYSTEM):
            source = Source.objects.select_for_update().get(pk=key)
            sealed = renewed_password(source.id, source.sealed_password)
            if sealed != source.sealed_password:
                source.sealed_password = sealed
                source.save(update_fields=["sealed_password"])
                recompile(source)
                done += 1
    for key in edges:
        with acting(SYSTEM):
            edge = Edge.objects.select_for_update().get(pk=key)
            secret = renewed_password(edge.id, edge.sealed_secret)
            private = renewed_password(f"{edge.id}/key", edge.sealed_key)
            changed = (secret != edge.sealed_secret) + (private != edge.sealed_key)
            if changed:
                edge.sealed_secret, edge.sealed_key = secret, private
                edge.save(update_fields=["sealed_secret", "sealed_key"])
                if edge.state == "active":
                    store_edge(edge)
                done += changed
    return done


def _all() -> Iterator[str]:
    yield from Source.objects.values_list("sealed_password", flat=True)
    for pair in Edge.objects.values_list("sealed_secret", "sealed_key"):
        yield from pair
