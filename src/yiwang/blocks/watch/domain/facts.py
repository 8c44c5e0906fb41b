"""What the rules look at: plain values that others collect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from yiwang.blocks.watch.domain.rules import LEAST_CALLS, Finding, Limit


@dataclass(frozen=True)
class SourceSeen:
    """A source as it stands: since when it failed its test, or since when gateways leave it alone."""

    id: str
    name: str
    agency: str
    down_since: datetime | None
    resting_since: datetime | None


@dataclass(frozen=True)
class GrantSeen:
    """A grant in force with the calls of today: all, refused by rule, and answered, which the quota counts."""

    id: str
    title: str
    provider: str
    consumer: str
    not_after: datetime
    calls_per_day: int
    calls: int
    refused: int
    answered: int
    code: str = ""
    """Of the resource, by which a page finds its name in other languages."""


@dataclass(frozen=True)
class Overdue:
    """A request whose answer is late."""

    id: str
    title: str
    provider: str
    due_at: datetime
    code: str = ""


@dataclass(frozen=True)
class Drifted:
    """A mount whose table has changed."""

    id: str
    title: str
    agency: str
    code: str = ""


@dataclass(frozen=True)
class Stale:
    """A published entry whose data are older than its update cycle allows, since a moment."""

    code: str
    title: str
    agency: str
    agency_name: str
    since: datetime


@dataclass(frozen=True)
class Judged:
    """A resource with the level of its rows' quality, 1 to 5."""

    code: str
    title: str
    agency: str
    level: int


@dataclass(frozen=True)
class LateTicket:
    """A ticket of quality whose day has passed."""

    id: str
    title: str
    agency: str
    due_at: datetime


@dataclass(frozen=True)
class StoppedJob:
    """A table job that stands until its consumer acts."""

    id: str
    name: str
    agency: str
    title: str
    code: str = ""


@dataclass(frozen=True)
class NodeSeen:
    """The node itself: processes and since when they stand still, complaints of the gateway, disk in per cent."""

    stopped: tuple[str, ...] = ()
    gateway: str = ""
    doubtful_logs: tuple[str, ...] = ()
    disk_percent: int = 0
    resting: tuple[str, ...] = ()
    """Ids of sources that a gateway leaves alone."""


@dataclass(frozen=True)
class Seen:
    """Everything at one moment."""

    sources: tuple[SourceSeen, ...] = ()
    grants: tuple[GrantSeen, ...] = ()
    overdue: tuple[Overdue, ...] = ()
    drifted: tuple[Drifted, ...] = ()
    judged: tuple[Judged, ...] = ()
    late_tickets: tuple[LateTicket, ...] = ()
    stale: tuple[Stale, ...] = ()
    node: NodeSeen = NodeSeen()
    stopped: tuple[StoppedJob, ...] = ()


def findings(seen: Seen, limits: Iterable[Limit], now: datetime) -> tuple[Finding, ...]:
    """What the rules in force find."""
    on: Mapping[str, int] = {one.kind: one.limit for one in limits if one.enabled}
    found = [
        *_sources(seen.sources, on, now), *_grants(seen.grants, on, now), *_overdue(seen.overdue, on, now),
        *_stale(seen.stale, on, now), *_quality(seen, on, now), *_node(seen.node, on),
    ]  # fmt: skip
    if "mount-drifted" in on:
        found += [
            Finding(
                "mount-drifted",
                one.id,
                one.agency,
                f"mount:{one.id}",
                {"resource": one.title, "code": one.code},
            )
            for one in seen.drifted
        ]
    if "table-job-stopped" in on:
        for job in seen.stopped:
            known = {"name": job.name, "resource": job.title, "code": job.code}
            for agency in (job.agency, ""):
                found.append(Finding("table-job-stopped", job.id, agency, f"job:{job.id}", known))
    return tuple(found)


def _sources(rows: Sequence[SourceSeen], on: Mapping[str, int], now: datetime) -> Iterator[Finding]:
    for row in rows:
        for kind, since in (("source-down", row.down_since), ("source-resting", row.resting_since)):
            if kind in on and since is not None and now - since >= timedelta(minutes=on[kind]):
                minutes = str(int((now - since).total_seconds() // 60))
                for agency in (row.agency, ""):
                    yield Finding(
                        kind, row.id, agency, f"source:{row.id}", {"source": row.name, "n": minutes}
                    )


def _grants(rows: Sequence[GrantSeen], on: Mapping[str, int], now: datetime) -> Iterator[Finding]:
    for row in rows:
        known = {"grant": row.id, "resource": row.title, "code": row.code}
        if "refusals" in on and row.calls >= LEAST_CALLS:
            share = 100 * row.refused // row.calls
            if share >= on["refusals"]:
                for agency in (row.consumer, row.provider):
                    yield Finding("refusals", row.id, agency, f"grant:{row.id}", {**known, "n": str(share)})
        used = 100 * row.answered // row.calls_per_day if row.calls_per_day else 0
        if "quota-full" in on and used >= on["quota-full"]:
            yield Finding("quota-full", row.id, row.consumer, f"grant:{row.id}", known)
        elif "quota" in on and used >= on["quota"]:
            yield Finding("quota", row.id, row.consumer, f"grant:{row.id}", {**known, "n": str(used)})
        left = row.not_after - now
        if "grant-expiring" in on and timedelta() < left <= timedelta(days=on["grant-expiring"]):
            yield Finding(
                "grant-expiring", row.id, row.consumer, f"grant:{row.id}", {**known, "n": str(left.days)}
            )


def _overdue(rows: Sequence[Overdue], on: Mapping[str, int], now: datetime) -> Iterator[Finding]:
    for row in rows:
        if "request-overdue" in on and now - row.due_at > timedelta(days=on["request-overdue"]):
            days = str((now - row.due_at).days)
            for agency in (row.provider, ""):
                yield Finding(
                    "request-overdue",
                    row.id,
                    agency,
                    f"request:{row.id}",
                    {"resource": row.title, "code": row.code, "n": days},
                )


def _quality(seen: Seen, on: Mapping[str, int], now: datetime) -> Iterator[Finding]:
    if "quality-low" in on:
        for row in seen.judged:
            if row.level <= on["quality-low"]:
                params = {"resource": row.title, "n": str(row.level)}
                yield Finding("quality-low", row.code, row.agency, f"quality:{row.code}", params)
    if "ticket-overdue" in on:
        for late in seen.late_tickets:
            if now - late.due_at > timedelta(days=on["ticket-overdue"]):
                params = {"resource": late.title, "ticket": late.id, "n": str((now - late.due_at).days)}
                for agency in (late.agency, ""):
                    yield Finding("ticket-overdue", late.id, agency, f"ticket:{late.id}", params)


def _stale(rows: Sequence[Stale], on: Mapping[str, int], now: datetime) -> Iterator[Finding]:
    """Each entry to its provider; to the bureau one alert a department, since it answers for thousands of them."""
    if "data-stale" in on:
        for row in rows:
            days = (now - row.since).days
            if days >= on["data-stale"]:
                known = {"resource": row.title, "n": str(days)}
                yield Finding("data-stale", row.code, row.agency, f"resource:{row.code}", known)
    if "department-stale" in on:
        names = {row.agency: row.agency_name for row in rows}
        for agency, count in Counter(row.agency for row in rows).items():
            if count >= on["department-stale"]:
                known = {"agency": names[agency], "n": str(count)}
                yield Finding("department-stale", agency, "", f"standing:{agency}", known)


def _node(node: NodeSeen, on: Mapping[str, int]) -> Iterator[Finding]:
    if "process-down" in on:
        for name in node.stopped:
            yield Finding("process-down", name, "", "node:", {"name": name})
    if "gateway-unwell" in on and node.gateway:
        yield Finding("gateway-unwell", "gateway", "", "node:", {"name": node.gateway})
    if "evidence-doubtful" in on:
        for name in node.doubtful_logs:
            yield Finding("evidence-doubtful", name, "", "node:", {"name": name})
    if "disk-full" in on and node.disk_percent >= on["disk-full"]:
        yield Finding("disk-full", "disk", "", "node:", {"n": str(node.disk_percent)})
