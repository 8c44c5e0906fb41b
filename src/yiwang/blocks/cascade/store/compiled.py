"""Writing what gateways load of the cascade, in the transaction of the change."""

from __future__ import annotations

import msgspec

from yiwang.blocks.cascade.domain.compiled import CompiledPeer, ForeignTerms
from yiwang.blocks.cascade.store.here import card_of
from yiwang.blocks.cascade.store.models import Compiled, Peer
from yiwang.blocks.journal.public import next_epoch


def store_peer(peer: Peer) -> None:
    """Make the compiled row of a peer say what the peer says."""
    doc = CompiledPeer(name=peer.name, relation=peer.relation, gateway=peer.gateway, keys=card_of(peer).keys)
    _store(f"peer:{peer.name}", "peer", "active" if peer.state == "active" else peer.state, doc)


def store_terms(state: str, terms: ForeignTerms) -> None:
    """Make the compiled row of a grant that crosses nodes say what the grant says."""
    _store(f"grant:{terms.owner}:{terms.number}", "grant", state, terms)


def _store(row: str, kind: str, state: str, doc: msgspec.Struct) -> None:
    Compiled.objects.update_or_create(
        id=row,
        defaults={
            "kind": kind, "epoch": next_epoch(), "state": state, "doc": msgspec.json.encode(doc).decode("utf-8"),
        },
    )  # fmt: skip
