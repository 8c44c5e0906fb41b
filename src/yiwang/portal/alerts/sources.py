"""How sources are: for the provider its own, for those who watch the node all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SourceRow
from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.public import Actor
from yiwang.blocks.journal import public as journal
from yiwang.blocks.journal.public import Scope
from yiwang.blocks.watch import public as watch
from yiwang.portal.account.access import actor, requires
from yiwang.portal.alerts import words
from yiwang.portal.navigation import OFFICERS
from yiwang.portal.problems import explained
from yiwang.portal.refusals import refusal_words

DAYS = 7
SEERS = tuple(sorted(OFFICERS | {identity.OPERATOR}))


@dataclass(frozen=True)
class Health:
    """A source with what was seen of it. `states` are those that last, by who saw them."""

    row: SourceRow
    states: tuple[watch.StateView, ...]
    calls: int
    p95_ms: float | None
    errors: tuple[tuple[str, str, int], ...]
    """Codes `source-…` of the last days with their words and how often."""

    @property
    def well(self) -> bool:
        """Whether nobody complains."""
        return self.row.ok is not False and all(one.state == "well" for one in self.states)


@require_GET
@requires(*SEERS)
@explained
def listing(request: HttpRequest) -> HttpResponse:
    """Every source, those that are not well first."""
    me = actor(request)
    rows = sorted(_healths(me), key=lambda one: (one.well, one.row.agency_name, one.row.name))
    facts = {"rows": [(one, _state_words(one)) for one in rows], "days": DAYS}
    return _draw(request, "alerts/sources.html", facts)


@require_GET
@requires(*SEERS)
@explained
def page(request: HttpRequest, source_id: str) -> HttpResponse:
    """One source: tests, gateway, errors by kind, and what it was before."""
    me = actor(request)
    found = next((one for one in _healths(me) if one.row.id == source_id), None)
    if found is None:
        raise Http404
    history = [
        (one, words.EYES[one.eye], words.SOURCE_STATES[one.state])
        for one in watch.source_states(me, source=source_id)
    ]
    own = found.row.agency == me.agency and me.has(*OFFICERS)
    facts = {"one": found, "states": _state_words(found), "history": history, "own": own, "days": DAYS}
    return _draw(request, "alerts/source.html", facts)


def _state_words(one: Health) -> list[tuple[watch.StateView, object, object]]:
    return [(state, words.EYES[state.eye], words.SOURCE_STATES[state.state]) for state in one.states]


def _healths(me: Actor) -> list[Health]:
    """Sources with the sums of the resources that they carry."""
    carried: dict[str, list[str]] = {}
    for mount in exchange.mounts(me):
        carried.setdefault(mount.source, []).append(mount.resource)
    lasting = watch.source_states(me, open_only=True)
    today = timezone.localdate()
    found = []
    for row in exchange.sources(me):
        codes: Counter[str] = Counter()
        calls, slowest = 0, []
        for code in carried.get(row.id, ()):
            sums = journal.usage_sums(me, Scope(resource=code), today - timedelta(days=DAYS - 1), today)
            calls += sums.total.calls
            slowest.append(sums.latency.p95 or 0.0)
            codes.update({one.key: one.calls for one in sums.by["code"] if one.key.startswith("source-")})
        errors = tuple((code, refusal_words(code), times) for code, times in codes.most_common())
        p95 = max(slowest, default=0.0) or None
        states = tuple(sorted((one for one in lasting if one.source == row.id), key=lambda one: one.eye))
        found.append(Health(row, states, calls, p95, errors))
    return found


def _draw(request: HttpRequest, template: str, facts: dict[str, object]) -> HttpResponse:
    frame = {"tab": "sources", "unread": exchange.unread_count(actor(request)), "now": timezone.now()}
    return render(request, template, frame | facts)
