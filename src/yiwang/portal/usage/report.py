"""What a page of usage says about a scope and a period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext

from yiwang.blocks.catalogue.public import resources_by_code
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import Actor
from yiwang.blocks.journal import public as journal
from yiwang.blocks.journal.public import Scope, Tally, UsageSums
from yiwang.portal import formats
from yiwang.portal.evidence.words import agency, resource_name
from yiwang.portal.purposes import granted_purposes
from yiwang.portal.refusals import refusal_words
from yiwang.portal.usage import charts
from yiwang.portal.usage.charts import Chart
from yiwang.portal.usage.period import Span

SHOWN = 10
"""Bars of a chart and rows of a list on the page; the export holds all."""


@dataclass(frozen=True)
class Quota:
    """A grant with the most it answered on a day, of what it may."""

    grant: exchange.GrantRow
    most: int

    @property
    def percent(self) -> int:
        """How much of a day's quota the busiest day took."""
        return 100 * self.most // self.grant.calls_per_day if self.grant.calls_per_day else 0


@dataclass(frozen=True)
class Report:
    """Everything on the page. `before` are the sums of as many days before."""

    scope: Scope
    span: Span
    sums: UsageSums
    before: UsageSums
    charts: tuple[Chart, ...]
    users: tuple[tuple[str, Tally], ...]
    """Consumers, the most active first."""
    services: tuple[tuple[str, Tally], ...]
    quotas: tuple[Quota, ...]
    idle_grants: tuple[exchange.GrantRow, ...]
    """Grants in force under which nobody called."""
    idle_resources: tuple[exchange.MountRow, ...]
    """Connected entries of the agency that nobody called."""

    @property
    def change(self) -> str:
        """Calls against the days before, in per cent with its sign; empty without a comparison."""
        now, then = self.sums.total.calls, self.before.total.calls
        return f"{100 * (now - then) / then:+.1f}" if now and then else ""

    @property
    def answered(self) -> str:
        """Share of calls that did not fail, in per cent."""
        total = self.sums.total
        return formats.percent(total.calls - total.failed, total.calls)


def report(me: Actor, scope: Scope, span: Span) -> Report:
    """Count; nobody sees a number of calls that do not concern their agency, but the bureau and those who watch."""
    sums = journal.usage_sums(me, scope, span.since, span.until)
    before = journal.usage_sums(me, scope, span.before.since, span.before.until)
    used = {one.key for one in sums.by["grant"]}
    called = {one.key for one in sums.by["resource"]}
    grants = [
        row for row in exchange.grants(me, resource=scope.resource, state="active") if _within(row, scope)
    ]
    most = journal.busiest_days(me, scope, span.since, span.until)
    quotas = sorted(
        (Quota(row, most[row.id]) for row in grants if row.id in most), key=lambda one: -one.percent
    )
    mounts = exchange.mounts(me) if not scope.grant and not scope.resource else ()
    return Report(
        scope,
        span,
        sums,
        before,
        _charts(me, scope, span, sums, before),
        tuple((one.key, one) for one in sums.by["consumer"]),
        tuple((one.key, one) for one in sums.by["resource"]),
        tuple(quotas),
        tuple(row for row in grants if row.id not in used),
        tuple(
            row
            for row in mounts
            if row.resource not in called and (not scope.agency or row.agency == scope.agency)
        ),
    )


def items_of(me: Actor, scope: Scope, sums: UsageSums) -> tuple[tuple[str, Tally], ...]:
    """Items of the resource with the answered calls that held them, the most used first; granted ones never asked for last."""
    granted = exchange.granted_terms(me, resource=scope.resource)
    counted = {one.key: one for one in sums.by["item"]}
    never = {
        name: Tally(name, 0, 0, 0, 0, 0)
        for number, terms in granted.items()
        if not scope.grant or number == scope.grant
        for name in _names(terms)
        if name not in counted
    }
    return (*counted.items(), *sorted(never.items()))


def _names(terms: exchange.Terms) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*(one.name for one in terms.fields), *terms.claims]))


def _within(row: exchange.GrantRow, scope: Scope) -> bool:
    return (not scope.grant or row.id == scope.grant) and (
        not scope.agency or scope.agency in (row.consumer, row.provider)
    )


def _charts(me: Actor, scope: Scope, span: Span, sums: UsageSums, before: UsageSums) -> tuple[Chart, ...]:
    if not sums.total.calls:
        return ()
    purposes = granted_purposes(me, scope.resource)
    found = [charts.by_day(sums, before, span)]
    if not scope.resource:
        found.append(
            charts.by_word(
                gettext("Calls by resource"),
                gettext("Resource"),
                [
                    (resource_name(one.key), one, _resource_url(one.key, span))
                    for one in sums.by["resource"][:SHOWN]
                ],
            )
        )
    if not scope.grant:
        found.append(
            charts.by_word(
                gettext("Calls by consumer"),
                gettext("Consumer"),
                [(agency(one.key), one, "") for one in sums.by["consumer"][:SHOWN]],
            )
        )
    found.append(
        charts.by_word(
            gettext("Answered calls by purpose"),
            gettext("Purpose"),
            [(purposes.get(one.key, one.key), one, "") for one in sums.by["purpose"][:SHOWN]],
            gettext("as the grant names it"),
        )
    )
    if scope.resource:
        titles = _titles(scope.resource)
        found.append(
            charts.by_word(
                gettext("Items"),
                gettext("Item"),
                [(titles.get(name, name), tally, "") for name, tally in items_of(me, scope, sums)[:SHOWN]],
                _counted_since(span),
            )
        )
    if sums.by["code"]:
        found.append(
            charts.by_word(
                gettext("Refusals and failures"),
                gettext("Why"),
                [
                    (refusal_words(one.key), one, f"{reverse('console:lookup')}?code={one.key}")
                    for one in sums.by["code"][:SHOWN]
                ],
            )
        )
    found.append(charts.latency_by_day(sums, span))
    return tuple(one for one in found if one.lines)


def _counted_since(span: Span) -> str:
    """What the counts by item stand for; a node counts them from some day on."""
    first = journal.items_counted_since()
    if first is None or first > span.since:
        day = first.isoformat() if first is not None else gettext("the next call")
        return gettext("answered calls that held the item, counted since %(day)s") % {"day": day}
    return gettext("answered calls that held the item")


def _resource_url(code: str, span: Span) -> str:
    return f"{reverse('usage:resource', args=[code])}?{span.query}"


def _titles(code: str) -> Mapping[str, str]:
    entry = resources_by_code({code}).get(code)
    return {item.wire: item.title for item in entry.items} if entry else {}
