"""What the worker does for watching. Safe to repeat, and to run in two workers at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connection
from django.utils import timezone

from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import AUDITOR, OPERATOR, Actor, acting
from yiwang.blocks.journal import public as journal
from yiwang.blocks.quality import public as quality
from yiwang.blocks.watch.domain import rules
from yiwang.blocks.watch.domain.facts import (
    Drifted,
    GrantSeen,
    Judged,
    LateTicket,
    NodeSeen,
    Overdue,
    Seen,
    SourceSeen,
    Stale,
    StoppedJob,
    findings,
)
from yiwang.blocks.watch.domain.rules import KINDS, Changes, Limit, Standing, compare
from yiwang.blocks.watch.queries.seeing import rules as rules_in_force
from yiwang.blocks.watch.store.models import Alert, SourceState
from yiwang.blocks.watch.store.seeing import SYSTEM

EYE = Actor(0, "watch", "平台", "", "", "", frozenset({AUDITOR}), True)
"""Counts every call."""
LOCK = 7302
"""Of the database: one worker looks at a time."""


def look(node: NodeSeen, now: datetime) -> Changes:
    """Look at everything once: keep the states of sources, raise, keep and close alerts, tell of new ones."""
    watched = exchange.watched(now)
    with acting(SYSTEM):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        since = _states(watched, node, now)
        found = findings(_seen(watched, node, since, now), _limits(), now)
        standing = tuple(
            Standing(*row)
            for row in Alert.objects.exclude(state="closed").values_list("id", "kind", "subject", "agency")
        )
        changes = compare(found, standing)
        _apply(changes, found, standing, now)
    return changes


def _limits() -> tuple[Limit, ...]:
    return tuple(Limit(one.kind.name, one.enabled, one.limit) for one in rules_in_force())


def _seen(
    watched: exchange.Watched, node: NodeSeen, since: Mapping[tuple[str, str], datetime], now: datetime
) -> Seen:
    today = timezone.localtime(now).date()
    sums = {one.key: one for one in journal.usage_sums(EYE, journal.Scope(), today, today).by["grant"]}
    return Seen(
        tuple(
            SourceSeen(
                row.id, row.name, row.agency, since.get((row.id, "check")), since.get((row.id, "gateway"))
            )
            for row in watched.sources
        ),
        tuple(
            GrantSeen(
                row.id, row.resource_title, row.provider, row.consumer, row.not_after, row.calls_per_day,
                sums[row.id].calls if row.id in sums else 0, sums[row.id].refused if row.id in sums else 0,
                sums[row.id].answered if row.id in sums else 0, row.resource,
            )
            for row in watched.grants
        ),
        tuple(Overdue(row.id, row.resource_title, row.provider, row.due_at, row.resource) for row in watched.late),
        tuple(Drifted(row.id, row.resource_title, row.agency, row.resource) for row in watched.drifted),
        tuple(Judged(*one) for one in quality.levels()),
        tuple(
            LateTicket(one.id, one.resource_title, one.agency, one.due.at)
            for one in quality.late_tickets(now)
            if one.due is not None
        ),
        tuple(
            Stale(row.code, row.title, row.agency, row.agency_name, row.since) for row in watched.stale
        ),
        node,
        tuple(
            StoppedJob(one.id, one.name, one.consumer, one.resource_title, one.resource)
            for one in delivery.stopped_jobs()
        ),
    )  # fmt: skip


def _states(watched: exchange.Watched, node: NodeSeen, now: datetime) -> dict[tuple[str, str], datetime]:
    """Keep what changed of each source; returns since when those that are not well are so."""
    last = {(row.source, row.eye): row for row in SourceState.objects.filter(until__isnull=True)}
    failing: dict[tuple[str, str], datetime] = {}
    for source in watched.sources:
        views = {
            "check": ("failing", source.problem) if source.ok is False else ("well", ""),
            "gateway": ("resting", "") if source.id in node.resting else ("well", ""),
        }
        for eye, (state, code) in views.items():
            row = last.pop((source.id, eye), None)
            if row is None or (row.state, row.code) != (state, code):
                began = now
                if row is not None:
                    row.until = now
                    row.save(update_fields=["until"])
                    # another reason of the same failure does not make it younger
                    began = row.since if row.state == state != "well" else now
                row = SourceState.objects.create(
                    source=source.id, agency=source.agency, eye=eye, state=state, code=code, since=began
                )
            if state != "well":
                failing[source.id, eye] = row.since
    for row in last.values():  # suspended or removed: nobody looks at it any more
        row.until = now
        row.save(update_fields=["until"])
    return failing


def _apply(
    changes: Changes, found: tuple[rules.Finding, ...], standing: tuple[Standing, ...], now: datetime
) -> None:
    known = {one.id: one.key for one in standing}
    params = {one.key: dict(one.params) for one in found}
    for number in changes.kept:
        Alert.objects.filter(pk=number).update(seen_at=now, params=params[known[number]])
    Alert.objects.filter(pk__in=changes.closed).update(state="closed", closed_at=now)
    for one in changes.opened:
        kind = KINDS[one.kind]
        roles = _told(kind, one.agency)
        Alert.objects.create(
            kind=one.kind, subject=one.subject, agency=one.agency, roles=roles, link=one.link,
            params=dict(one.params), opened_at=now, seen_at=now,
        )  # fmt: skip
        if one.kind in rules.TOLD_ALREADY:
            continue
        exchange.announce(
            f"alert-{one.kind}", now, agency=one.agency, roles=roles, link=one.link, params=one.params
        )


def _told(kind: rules.Kind, agency: str) -> list[str]:
    """An agency's officers; of what concerns no single agency those who run the node, or the bureau."""
    if agency:
        return list(rules.OFFICE)
    return list(kind.roles) if kind.roles != rules.OFFICE else [OPERATOR]
