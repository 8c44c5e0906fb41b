"""Peers, alarms and figures, for operators and those who watch."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Max

from yiwang.blocks.cascade.domain.errors import CascadeNotAllowed, PeerUnknown
from yiwang.blocks.cascade.queries.views import AlarmView, FigureView, HereView, NodeView, PeerView
from yiwang.blocks.cascade.store.here import card_of, level, node, own_card, signing_key
from yiwang.blocks.cascade.store.models import Alarm, Figure, Held, KnownHead, Node, Outgoing, Peer
from yiwang.blocks.identity.public import AUDIT_ADMIN, AUDITOR, OPERATOR, REVIEWER, Actor
from yiwang.vocabulary.kept_errors import kept_error

MOST = 200


def here(now: datetime) -> HereView:
    """This node, with its fingerprint."""
    card = own_card(now)
    return HereView(node(), card.title, level(), card.zone, signing_key(now).kid)


def peers(actor: Actor) -> tuple[PeerView, ...]:
    """Every peer, the parent first. Raises: CascadeNotAllowed."""
    check_watcher(actor)
    queued = dict(Outgoing.objects.values_list("peer").annotate(many=Count("id")))
    held = dict(Held.objects.values_list("via").annotate(last=Max("until")))
    heads = dict(KnownHead.objects.values_list("node").annotate(many=Count("size")))
    rows = sorted(
        Peer.objects.all(), key=lambda row: (row.state == "left", row.relation != "parent", row.name)
    )
    return tuple(
        PeerView(
            row.name, row.title, row.level, row.relation, row.state, row.url, row.gateway, _kid(row),
            row.joined_at, row.seen_at, kept_error(row.problem_code, row.problem_facts) if row.problem_code else None,
            row.problem, row.problem_at, row.got,
            max(0, row.sealed - row.taken) + queued.get(row.name, 0), heads.get(row.name, 0), held.get(row.name),
        )
        for row in rows
    )  # fmt: skip


def peer(actor: Actor, name: str) -> PeerView:
    """One of them. Raises: CascadeNotAllowed, PeerUnknown."""
    found = next((one for one in peers(actor) if one.name == name), None)
    if found is None:
        raise PeerUnknown(node=name[:63])
    return found


def nodes() -> tuple[NodeView, ...]:
    """Every other node that is known: peers, and those behind them."""
    found = [NodeView(row.name, row.title, row.level, row.name) for row in Peer.objects.exclude(state="left")]
    found += [NodeView(row.name, row.title, row.level, row.via) for row in Node.objects.all()]
    return tuple(sorted(found, key=lambda one: one.name))


def joined() -> bool:
    """Whether this node has peers at all."""
    return Peer.objects.exclude(state="left").exists()


def has_parent() -> bool:
    """Whether a node stands above this one."""
    return Peer.objects.filter(relation="parent").exclude(state="left").exists()


def active_peers() -> tuple[str, ...]:
    """Names of the peers that are asked."""
    return tuple(Peer.objects.filter(state="active").order_by("name").values_list("name", flat=True))


def alarms(actor: Actor) -> tuple[AlarmView, ...]:
    """Alarms, the latest first. Raises: CascadeNotAllowed."""
    check_watcher(actor)
    return tuple(
        AlarmView(
            row.node, row.log, row.kind, row.start, row.stop, row.index, row.zh, row.en, row.found_by,
            row.raised_at,
        )
        for row in Alarm.objects.order_by("-raised_at", "-id")[:MOST]
    )  # fmt: skip


def figures(actor: Actor) -> tuple[FigureView, ...]:
    """The latest figures of other nodes. Raises: CascadeNotAllowed."""
    check_watcher(actor)
    rows = Figure.objects.order_by("node", "name", "-day").distinct("node", "name")
    return tuple(FigureView(row.node, row.name, row.day.isoformat(), row.value) for row in rows)


def _kid(row: Peer) -> str:
    keys = [key for key in card_of(row).keys if key.purpose == "cascade" and key.not_after is None]
    return keys[-1].kid if keys else ""


def check_watcher(actor: Actor) -> None:
    """Raises: CascadeNotAllowed, for who does not watch the node."""
    if not actor.has(OPERATOR, AUDITOR, AUDIT_ADMIN, REVIEWER):
        raise CascadeNotAllowed(
            needs_zh="运维、审计或数据主管部门的角色",
            needs_en="a role of operation, audit or the data bureau",
        )
