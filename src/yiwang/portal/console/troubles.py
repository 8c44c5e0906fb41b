"""Failures that somebody has to handle: what happened, since when, whom it affects, what the platform did already."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import APPROVER, DATA_OFFICER, OPERATOR, Actor
from yiwang.blocks.journal import public as journal
from yiwang.portal import formats
from yiwang.portal.console.health import processes
from yiwang.portal.console.period import Period
from yiwang.portal.evidence.words import agency, resource_name
from yiwang.portal.refusals import refusal_words

Tone = Literal["cinnabar", "gamboge"]
RECENT = 100
MOST = 12


@dataclass(frozen=True)
class Trouble:
    """One line of the list; `weight` orders it, by how many are affected."""

    tone: Tone
    what: str
    since: str
    affects: str
    done: str
    action: str = ""
    url: str = ""
    weight: int = 0


def troubles(me: Actor, period: Period, now: datetime) -> tuple[Trouble, ...]:
    """Everything that is wrong now or was refused in the period, what stands still first."""
    found = [*_processes(me), *_sources(me), *_drifts(me), *_refusals(me, period), *_outages(me, period)]
    order = {"cinnabar": 0, "gamboge": 1}
    del now
    return tuple(sorted(found, key=lambda one: (order[one.tone], -one.weight)))[:MOST]


def _processes(me: Actor) -> list[Trouble]:
    if not me.has(OPERATOR):
        return []
    return [
        Trouble(
            "cinnabar",
            gettext("The process %(name)s has stopped") % {"name": one.name},
            gettext("now"),
            gettext("everything that it serves"),
            gettext("restarted %(n)s times") % {"n": one.restarts},
            gettext("See the node"),
            reverse("console:node"),
            1000,
        )
        for one in processes()
        if not one.running
    ]


def _sources(me: Actor) -> list[Trouble]:
    rows = exchange.sources(me) if me.has(OPERATOR, DATA_OFFICER, APPROVER) else ()
    own = me.has(DATA_OFFICER, APPROVER)
    return [
        Trouble(
            "cinnabar",
            gettext("The source %(name)s does not answer") % {"name": row.name},
            formats.minute(row.checked_at),
            ngettext("%(n)s connected entry", "%(n)s connected entries", row.mount_count)
            % {"n": row.mount_count},
            gettext("calls are answered at once with the reason; the source is tried again"),
            gettext("See the source") if own and row.agency == me.agency else "",
            reverse("desk:source", args=[row.id]) if own and row.agency == me.agency else "",
            10 * row.mount_count,
        )
        for row in rows
        if row.ok is False and row.state == "active"
    ]


def _drifts(me: Actor) -> list[Trouble]:
    rows = exchange.mounts(me) if me.has(OPERATOR, DATA_OFFICER, APPROVER) else ()
    own = me.has(DATA_OFFICER, APPROVER)
    return [
        Trouble(
            "gamboge",
            gettext("The table behind %(title)s has changed") % {"title": row.resource_title},
            formats.minute(row.checked_at),
            agency(row.agency),
            gettext("paused where answers would be wrong; provider and consumers were told"),
            gettext("Compare") if own and row.agency == me.agency else "",
            reverse("desk:mount", args=[row.id]) if own and row.agency == me.agency else "",
            50,
        )
        for row in rows
        if row.state == "drifted"
    ]


def _refusals(me: Actor, period: Period) -> list[Trouble]:
    """Refusals by code, with the agencies that met them lately."""
    callers: dict[str, Counter[str]] = {}
    for call in journal.recent(me, refused=True, limit=RECENT):
        if call.leaf.code and call.leaf.consumer and call.leaf.status < 500:
            callers.setdefault(call.leaf.code, Counter())[call.leaf.consumer] += 1
    found = []
    for one in journal.failures(me, period.since, period.until):
        known = callers.get(one.code)
        if known is None:
            continue
        names = [agency(uscc) for uscc, _times in known.most_common(3)]
        found.append(
            Trouble(
                "gamboge",
                gettext("%(why)s, %(n)s refused")
                % {"why": refusal_words(one.code), "n": formats.number(one.calls)},
                gettext("last on %(day)s") % {"day": formats.day(one.last_day)},
                ("、" if formats.language() == "zh" else ", ").join(names),
                gettext("refused with what to do; each refusal is on record"),
                gettext("See the calls"),
                f"{reverse('console:lookup')}?code={one.code}",
                one.calls,
            )
        )
    return found


def _outages(me: Actor, period: Period) -> list[Trouble]:
    """Resources whose source failed calls, added up over the period."""
    failed: Counter[str] = Counter()
    last: dict[str, str] = {}
    affected: dict[str, set[str]] = {}
    for one in journal.outages(me, period.since, period.until):
        failed[one.resource] += one.failed
        last.setdefault(one.resource, formats.day(one.day))
        affected.setdefault(one.resource, set()).add(one.consumer)
    return [
        Trouble(
            "gamboge",
            gettext("%(title)s: %(n)s calls failed at the source")
            % {"title": resource_name(code), "n": formats.number(times)},
            gettext("last on %(day)s") % {"day": last[code]},
            ngettext("%(n)s consumer", "%(n)s consumers", len(affected[code])) % {"n": len(affected[code])},
            gettext("answered with the reason; tried again by itself"),
            weight=times,
        )
        for code, times in failed.items()
    ]
