"""Needs as pages and commands show them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from statistics import median

import msgspec
from django.db.models import F, Q, QuerySet

from yiwang.blocks.demand.domain import errors
from yiwang.blocks.demand.domain.matching import Match
from yiwang.blocks.demand.domain.need import OPEN, AnswerKind, NeedState, Why, allowed
from yiwang.blocks.demand.domain.stating import Statement
from yiwang.blocks.demand.queries.matching import words_of
from yiwang.blocks.demand.queries.views import (
    AgencyDemand,
    CandidateView,
    NeedPage,
    NeedRow,
    NeedStep,
    NeedView,
)
from yiwang.blocks.demand.store import clock, models
from yiwang.blocks.demand.store.rows import by_of, is_party, need_of, needs_in_reach, statement_of
from yiwang.blocks.exchange.public import SYSTEM, DueView, as_actor, remaining, zone
from yiwang.blocks.identity.public import AUDITOR, DATA_OFFICER, OPERATOR, REVIEWER, Actor, acting
from yiwang.blocks.organisation.public import agencies_by_uscc

SIMILAR_READ, MOST_SIMILAR, ALIKE = 200, 5, 0.5
"""Open needs that are compared, shown at most, and the share of words from which they are alike."""
TABS = ("open", "mine", "routed", "bureau", "done")


@as_actor
def needs(
    actor: Actor, now: datetime, *, tab: str = "open", text: str = "", page: int = 1, per_page: int = 20
) -> NeedPage:
    """Needs in the actor's reach.

    `tab`: `open` (all that go on), `mine` (the actor's agency asks), `routed` (to the actor's agency), `bureau` (to be
    arbitrated), `done` (ended). `text` is looked for in titles and numbers. First due first, ended ones latest first.
    """
    reach = needs_in_reach(actor)
    if text:
        reach = reach.filter(Q(title__icontains=text) | Q(pk__iexact=text))
    sets = {name: _tab(actor, reach, name) for name in TABS}
    rows = sets.get(tab, sets["open"])
    order = ("-ended_at", "-pk") if tab == "done" else (F("due_at").asc(nulls_last=True), "-updated_at", "pk")
    total = rows.count()
    pages = max(1, -(-total // per_page))
    shown = min(max(1, page), pages)
    start = (shown - 1) * per_page
    found = list(rows.order_by(*order)[start : start + per_page])
    waiting = _waiting(actor, found)
    listed = tuple(row_of(actor, row, now, waiting) for row in found)
    return NeedPage(listed, total, shown, pages, {name: one.count() for name, one in sets.items()})


@as_actor
def need(actor: Actor, need_id: str, now: datetime) -> NeedView:
    """One need, as much of it as the actor may see. Raises: NeedUnknown."""
    row = needs_in_reach(actor).filter(pk=need_id).first()
    if row is None:
        raise errors.NeedUnknown(need=need_id)
    party = is_party(actor, row)
    said = statement_of(row)
    contact = models.Contact.objects.filter(need=row).first() if party else None
    if contact is not None:
        said = msgspec.convert(
            {**msgspec.to_builtins(said), "contact_post": contact.post, "contact_phone": contact.phone},
            Statement,
        )
    candidates = tuple(_candidate(one) for one in row.candidates.all()) if party else ()
    with acting(SYSTEM):
        may = allowed(need_of(row), by_of(actor))
    names = agencies_by_uscc(set(row.askers))
    return NeedView(
        row=row_of(actor, row, now, _waiting(actor, [row])), said=said, author_name=row.author_name if party else "",
        joined=tuple(names[one].name_zh if one in names else one for one in row.askers if one != row.agency),
        party=party, candidates=candidates,
        steps=tuple(
            NeedStep(one.step, one.at, one.person, one.agency_name, one.text, one.basis) for one in row.steps.all()
        ) if party else (),
        answer=row.answer, answer_basis=row.answer_basis, revision=row.revision, allowed=may,
        mine=next((one for one in candidates if one.agency == actor.agency), None),
    )  # fmt: skip


@as_actor
def similar(actor: Actor, said: Statement, now: datetime, *, but: str = "") -> tuple[NeedRow, ...]:
    """Open needs whose titles share at least half of the words of this one's, the nearest first."""
    wanted = set(words_of(said).title)
    reach = needs_in_reach(actor).filter(state__in=OPEN, words__overlap=sorted(wanted))
    near = [
        (len(wanted & set(row.words)) / len(wanted), row)
        for row in reach.exclude(pk=but).order_by("-updated_at")[:SIMILAR_READ]
    ]
    near.sort(key=lambda one: (-one[0], one[1].pk))
    rows = [row for share, row in near if share >= ALIKE][:MOST_SIMILAR]
    waiting = _waiting(actor, rows)
    return tuple(row_of(actor, row, now, waiting) for row in rows)


@as_actor
def standing(actor: Actor, now: datetime) -> tuple[AgencyDemand, ...]:
    """Figures by the agency that asks: all of them for bureau, operators and auditors, their own for others."""
    wide = actor.has(REVIEWER, AUDITOR, OPERATOR)
    with acting(SYSTEM):
        rows = models.Need.objects.filter(submitted_at__isnull=False)
        rows = rows if wide else rows.filter(agency=actor.agency)
        told = list(
            rows.order_by("agency_name", "pk").values_list(
                "agency", "agency_name", "state", "submitted_at", "ended_at", "due_at"
            )
        )
    by_agency: dict[tuple[str, str], list[tuple[str, datetime, datetime | None, datetime | None]]] = (
        defaultdict(list)
    )
    for agency, name, state, begun, ended, due in told:
        if begun is not None:
            by_agency[agency, name].append((state, begun, ended, due))
    return tuple(_figures(agency, name, listed, now) for (agency, name), listed in by_agency.items())


def row_of(actor: Actor, row: models.Need, now: datetime, waiting: frozenset[str]) -> NeedRow:
    """A need in a list."""
    return NeedRow(
        id=row.pk, title=row.title, agency=row.agency, agency_name=row.agency_name,
        purpose=statement_of(row).purpose_title, state=msgspec.convert(row.state, NeedState),
        why=msgspec.convert(row.why, Why), due=due_of(row, now), best=row.best, best_title=row.best_title,
        best_agency=row.best_agency, best_agency_name=row.best_agency_name, best_score=row.best_score,
        resources=tuple(row.resources), askers=len(row.askers), submitted_at=row.submitted_at,
        updated_at=row.updated_at, mine=bool(actor.agency) and actor.agency in row.askers,
        to_answer=row.pk in waiting,
    )  # fmt: skip


def due_of(row: models.Need, now: datetime) -> DueView | None:
    """The running deadline of a need, if any; that of a promise has no rule but the promise."""
    if row.due_at is None or row.clock_from is None:
        return None
    source_zh = source_en = ""
    if row.clock in {"reply", "arbitration"}:
        found = clock.rule(row.clock, row.region, row.clock_from)
        source_zh = found.basis.text("zh") if found.basis else found.source
        source_en = found.basis.text("en") if found.basis else found.source
    return DueView(
        start=row.clock_from, at=row.due_at, total=row.due_days,
        remaining=remaining(row.due_at, now, row.region, zone()), rule=row.clock, rule_source_zh=source_zh,
        rule_source_en=source_en, certain=row.due_certain, escalated=row.escalated_at is not None, extended=False,
    )  # fmt: skip


def _tab(actor: Actor, reach: QuerySet[models.Need], name: str) -> QuerySet[models.Need]:
    match name:
        case "mine":
            return reach.filter(askers__contains=[actor.agency]) if actor.agency else reach.none()
        case "routed":
            asked = models.Candidate.objects.filter(agency=actor.agency, answer="").values("need_id")
            return (
                reach.filter(state__in=("routed", "promised"), pk__in=asked) if actor.agency else reach.none()
            )
        case "bureau":
            return reach.filter(state="arbitration") if actor.has(REVIEWER) else reach.none()
        case "done":
            return reach.filter(state__in=("met", "declined", "withdrawn")).filter(submitted_at__isnull=False)
        case _:
            return reach.filter(state__in=OPEN)


def _waiting(actor: Actor, rows: list[models.Need]) -> frozenset[str]:
    if not actor.agency or not actor.has(DATA_OFFICER):
        return frozenset()
    found = models.Candidate.objects.filter(
        need__in=rows, agency=actor.agency, answer="", need__state__in=("routed", "promised")
    )
    return frozenset(found.values_list("need_id", flat=True))


def _candidate(row: models.Candidate) -> CandidateView:
    return CandidateView(
        row.agency, row.agency_name, msgspec.convert(row.match, Match) if row.match else None,
        msgspec.convert(row.answer, AnswerKind),
        row.text, row.basis, row.hint, row.resource, row.promised_on, row.answered_at,
    )  # fmt: skip


def _figures(
    agency: str, name: str, rows: list[tuple[str, datetime, datetime | None, datetime | None]], now: datetime
) -> AgencyDemand:
    met = sum(state == "met" for state, *_ in rows)
    declined = sum(state == "declined" for state, *_ in rows)
    days = [(ended - begun).days for state, begun, ended, _ in rows if ended and state in {"met", "declined"}]
    return AgencyDemand(
        agency, name, len(rows), sum(state in OPEN for state, *_ in rows), met, declined,
        sum(state in OPEN and due is not None and due < now for state, _, _, due in rows),
        round(100 * met / (met + declined)) if met + declined else None, float(median(days)) if days else None,
    )  # fmt: skip
