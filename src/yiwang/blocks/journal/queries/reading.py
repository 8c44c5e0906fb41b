"""Reading the journal for pages. Everything about exchanges is filtered by who asks; heads are for everybody."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from django.db.models import Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from yiwang.blocks.journal.domain.access import Reader, may_read, sees_all
from yiwang.blocks.journal.domain.calls import FAILED_CLASS
from yiwang.blocks.journal.domain.reading import Consistency, at_once, consistency_of, receipt_of
from yiwang.blocks.journal.domain.rollup import percentile_ms
from yiwang.blocks.journal.domain.views import (
    Acknowledged,
    CallView,
    DayView,
    EvidenceView,
    FailureView,
    HeatView,
    OutageView,
    ResourceView,
    ServiceView,
    UsageView,
)
from yiwang.blocks.journal.store.models import Ack, Leaf, Log, Recent, Rollup, Usage
from yiwang.blocks.journal.store.reading import Rows
from yiwang.vocabulary.evidence import SignedHead, parse_leaf


def evidence(actor: Reader, log: str, index: int) -> EvidenceView | None:
    """A leaf with its proof; None when there is none, or none for this person."""
    text = Leaf.objects.filter(log=log, index=index).values_list("leaf", flat=True).first()
    if text is None or not may_read(actor, parse_leaf(text)):
        return None
    receipt = at_once(receipt_of(Rows(), log, index))
    if receipt is None:
        return None
    row = Ack.objects.filter(log=log, index=index).first()
    acknowledged = Acknowledged(row.client, row.kid, row.time) if row else None
    return EvidenceView(log, index, parse_leaf(text), receipt, acknowledged)


def evidence_by_request(actor: Reader, request_id: str) -> list[EvidenceView]:
    """The leaves of a request or event that this person may read."""
    places = Leaf.objects.filter(request_id=request_id).order_by("log", "index").values_list("log", "index")
    found = (evidence(actor, log, index) for log, index in places[:10])
    return [one for one in found if one is not None]


def recent(
    actor: Reader, *, grant: str | None = None, refused: bool = False, limit: int = 50
) -> list[CallView]:
    """The latest leaves that the person may read, newest first: of a grant, else of the agency (or of all).

    At most 100 of each are listed, about a second after they were made. `refused` gives refusals only.
    """
    if grant is not None:
        scopes = [("grant", grant)]
    elif sees_all(actor):
        scopes = [("node", "")]
    else:
        scopes = [("consumer", actor.agency), ("provider", actor.agency)]
    if refused:
        scopes = [(f"refused-{scope}", name) for scope, name in scopes]
    places = {
        (log, index)
        for row in Recent.objects.filter(pk__in=scopes)
        for log, index in zip(row.logs, row.indexes, strict=True)
    }
    calls = [one for one in call_views(sorted(places)) if may_read(actor, one.leaf)]
    return sorted(calls, key=lambda one: one.leaf.time, reverse=True)[:limit]


def call_views(places: Sequence[tuple[str, int]]) -> list[CallView]:
    """The leaves at these places, whoever asks, in no order."""
    acked = set(Ack.objects.filter(pk__in=places).values_list("log", "index"))
    rows = Leaf.objects.filter(pk__in=places).only("log", "index", "leaf", "took_us")
    return [
        CallView(row.log, row.index, parse_leaf(row.leaf), row.took_us / 1000, (row.log, row.index) in acked)
        for row in rows
    ]


def daily(
    actor: Reader, since: date, until: date, *, grant: str | None = None, resource: str | None = None,
    kinds: Collection[str] | None = None,
) -> list[DayView]:  # fmt: skip
    """Calls by day from `since` to `until` (both included) that concern the person's agency, or all; of some kinds."""
    rows = _sums(actor, since, until)
    if grant is not None:
        rows = rows.filter(grant_id=grant)
    if resource is not None:
        rows = rows.filter(resource=resource)
    if kinds is not None:
        rows = rows.filter(kind__in=kinds)
    days: dict[date, list[int]] = {}
    histograms: dict[date, list[int]] = {}
    for day, kind, calls, found, histogram in rows.values_list("day", "kind", "calls", "rows", "histogram"):
        sums = days.setdefault(day, [0, 0, 0])
        sums[0] += calls
        sums[1] += calls if kind == "refusal" else 0
        sums[2] += found
        known = histograms.setdefault(day, [0] * len(histogram))
        histograms[day] = [one + more for one, more in zip(known, histogram, strict=True)]
    return [
        DayView(day, sums[0], sums[1], sums[2], percentile_ms(histograms[day], 0.95))
        for day, sums in sorted(days.items())
    ]


def heat(actor: Reader, since: date, until: date) -> list[HeatView]:
    """Calls by consumer and day."""
    rows = _sums(actor, since, until).exclude(consumer="").values("day", "consumer")
    return [
        HeatView(row["day"], row["consumer"], row["total"], row["refusals"])
        for row in rows.annotate(total=Sum("calls"), refusals=_refusals()).order_by("day", "consumer")
    ]


def by_resource(actor: Reader, since: date, until: date) -> list[ResourceView]:
    """Calls by resource and consumer, most called first."""
    rows = _sums(actor, since, until).exclude(resource="").values("resource", "provider", "consumer")
    return [
        ResourceView(row["resource"], row["provider"], row["consumer"], row["total"], row["refusals"])
        for row in rows.annotate(total=Sum("calls"), refusals=_refusals()).order_by(
            "-total", "resource", "consumer"
        )
    ]


def services(actor: Reader, since: date, until: date) -> list[ServiceView]:
    """How each resource answered, the slowest first."""
    counts: dict[tuple[str, str], list[int]] = {}
    histograms: dict[tuple[str, str], list[int]] = {}
    rows = _sums(actor, since, until).exclude(resource="")
    for resource, provider, kind, status, calls, histogram in rows.values_list(
        "resource", "provider", "kind", "status_class", "calls", "histogram"
    ):
        key = (resource, provider)
        sums = counts.setdefault(key, [0, 0, 0])
        failed = status >= FAILED_CLASS
        sums[0] += calls
        sums[1] += calls if kind == "refusal" and not failed else 0
        sums[2] += calls if failed else 0
        known = histograms.setdefault(key, [0] * len(histogram))
        histograms[key] = [one + more for one, more in zip(known, histogram, strict=True)]
    found = [
        ServiceView(key[0], key[1], sums[0], sums[1], sums[2], percentile_ms(histograms[key], 0.95))
        for key, sums in counts.items()
    ]
    return sorted(found, key=lambda one: (-(one.p95_ms or 0), -one.calls, one.resource))


def outages(actor: Reader, since: date, until: date) -> list[OutageView]:
    """Calls that failed because a source did not answer, by day, consumer and resource, latest first."""
    rows = _sums(actor, since, until).filter(status_class__gte=FAILED_CLASS)
    counted = rows.values("day", "consumer", "provider", "resource").annotate(total=Sum("calls"))
    return [
        OutageView(row["day"], row["consumer"], row["provider"], row["resource"], row["total"])
        for row in counted.order_by("-day", "-total", "resource", "consumer")
    ]


def failures(actor: Reader, since: date, until: date, *, grant: str | None = None) -> list[FailureView]:
    """Refusals by error code, most frequent first."""
    rows = _sums(actor, since, until).exclude(code="")
    if grant is not None:
        rows = rows.filter(grant_id=grant)
    counted = rows.values("code").annotate(total=Sum("calls"), last=Max("day")).order_by("-total", "code")
    return [FailureView(row["code"], row["total"], row["last"]) for row in counted]


def usage(actor: Reader, grant: str, day: date, *, parties: Sequence[str]) -> UsageView | None:
    """What a grant used on a day of the node's calendar; `parties` are its agencies. None for everybody else."""
    if not sees_all(actor) and actor.agency not in parties:
        return None
    row = Usage.objects.filter(grant_id=grant, day=day).first()
    return UsageView(row.calls, row.subjects) if row else UsageView(0, 0)


def heads() -> list[SignedHead]:
    """The latest signed head of every log: for everybody, the more keep them the better."""
    rows = Rows()
    found = [
        at_once(rows.head(name, None)) for name in Log.objects.order_by("name").values_list("name", flat=True)
    ]
    return [one for one in found if one is not None]


def consistency(log: str, old: int, new: int | None = None) -> Consistency | None:
    """The proof that the head of size `new` (None: the latest) continues that of size `old`."""
    return at_once(consistency_of(Rows(), log, old, new))


def _sums(actor: Reader, since: date, until: date) -> QuerySet[Rollup]:
    rows = Rollup.objects.filter(day__gte=since, day__lte=until)
    return rows if sees_all(actor) else rows.filter(Q(consumer=actor.agency) | Q(provider=actor.agency))


def _refusals() -> Coalesce:
    return Coalesce(Sum("calls", filter=Q(kind="refusal")), 0)
