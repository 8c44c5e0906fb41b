"""One step of a need, whoever takes it: locked, decided, written to the ledger, told and recorded."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.demand.domain import errors
from yiwang.blocks.demand.domain.need import Answer, Assign, By, Command, Decision, Need, Step, decide
from yiwang.blocks.demand.store import clock, models
from yiwang.blocks.demand.store.rows import by_of, need_of, needs_in_reach
from yiwang.blocks.exchange.public import OFFICERS, REVIEWERS, SYSTEM, tell, zone
from yiwang.blocks.identity.public import Actor, acting
from yiwang.blocks.journal.public import record_event
from yiwang.blocks.organisation.public import agencies_by_uscc
from yiwang.vocabulary.working_days import working_calendar

_TELLS: dict[str, tuple[tuple[str, str], ...]] = {
    "unmatched": (("need-arbitration", "bureau"),),
    "joined": (("need-joined", "askers"),),
    "answered-none": (("need-answered", "askers"),),
    "answered-cannot": (("need-answered", "askers"),),
    "answered-have": (("need-met", "askers"),),
    "answered-will": (("need-promised", "askers"),),
    "assigned": (("need-promised", "askers"), ("need-assigned", "promiser")),
    "met": (("need-met", "askers"), ("need-closed", "holders")),
    "published": (("need-met", "askers"),),
    "declined": (("need-declined", "askers"), ("need-closed", "holders")),
    "disputed": (("need-arbitration", "bureau"),),
    "withdrawn": (("need-withdrawn", "holders"),),
    "escalated-silent": (("need-overdue", "bureau"), ("need-overdue", "silent"), ("need-overdue", "askers")),
    "escalated-broken": (("need-overdue", "bureau"), ("need-overdue", "promiser"), ("need-overdue", "askers")),
    "overdue": (("need-arbitration", "bureau"),),
}  # fmt: skip


def locked_need(actor: Actor, need_id: str, seen: int | None) -> models.Need:
    """The need, locked until the transaction ends.

    Raises: NeedUnknown, NeedChanged.
    """
    row = needs_in_reach(actor).select_for_update().filter(pk=need_id).first()
    if row is None:
        raise errors.NeedUnknown(need=need_id)
    if seen is not None and row.revision != seen:
        with acting(SYSTEM):
            last = row.steps.order_by("-revision").first()
        raise errors.NeedChanged(need=need_id, person=last.agency_name if last else "")
    return row


def take_step(row: models.Need, command: Command, actor: Actor, now: datetime) -> None:
    """Decide the command and write everything that follows, as the platform: answers of others are not the actor's.

    Raises: what `decide` raises.
    """
    with acting(SYSTEM):
        by = By(0, "", frozenset({"system"})) if actor == SYSTEM else by_of(actor)
        decision = decide(need_of(row), command, by)
        write_decision(row, decision, command, actor, now)


def write_decision(
    row: models.Need, decision: Decision, command: Command, actor: Actor, now: datetime
) -> None:
    """Write a decision to the need, its candidates and the ledger; start or stop the clock; tell people."""
    need = decision.need
    row.state, row.why, row.updated_at = need.state, need.why, now
    row.askers, row.resources = list(need.askers), list(need.resources)
    row.holders = [one.agency for one in need.candidates]
    _write_candidates(row, need, command, now)
    _set_clock(row, decision, now)
    last = decision.steps[0]
    if last.name == "submitted":
        row.submitted_at = now
    if last.name in {"met", "declined"}:
        row.answer, row.answer_basis = last.text, last.basis
    if last.name == "disputed":
        row.answer = row.answer_basis = ""
    if last.name.startswith("escalated") or last.name == "overdue":
        row.escalated_at = now
    row.ended_at = now if need.state in {"met", "declined", "withdrawn"} else None
    for step in decision.steps:
        row.revision += 1
        write_step(row, step, SYSTEM if step.automatic else actor, now)
    row.save()
    if row.submitted_at is None:
        return
    for step in decision.steps:
        if step.name in {"routed", "rerouted"}:
            tell_agencies("need-routed", row, now, decision.asked)
        for kind, to in _TELLS.get(step.name, ()):
            _tell(kind, to, row, step, actor, now)
        if need.state == "arbitration" and step.name.startswith("answered"):
            _tell("need-arbitration", "bureau", row, step, actor, now)
        record_event(
            f"need-{step.name}", now, consumer=row.agency, provider=actor.agency if "answered" in step.name else "",
            resource=need.resources[0] if need.resources else "", detail={"need": row.pk, "revision": row.revision},
        )  # fmt: skip


def write_step(row: models.Need, step: Step, actor: Actor, now: datetime) -> None:
    """Add one entry to the ledger under the need's revision."""
    models.Step.objects.create(
        need=row, revision=row.revision, step=step.name, at=now, person=actor.name, agency=actor.agency,
        agency_name=actor.agency_name, text=step.text, basis=step.basis,
    )  # fmt: skip


def tell_agencies(
    kind: str, row: models.Need, now: datetime, agencies: tuple[str, ...], who: str = "", text: str = ""
) -> None:
    """Leave a notice with the officers of agencies."""
    for agency in dict.fromkeys(agencies):
        tell(
            kind, now, agency=agency, roles=OFFICERS, link=f"need:{row.pk}", need=row.pk, title=row.title,
            consumer=row.agency_name, who=who, text=text,
        )  # fmt: skip


def _tell(kind: str, to: str, row: models.Need, step: Step, actor: Actor, now: datetime) -> None:
    who, text = actor.agency_name or "平台", step.text[:300]
    if to == "bureau":
        tell(
            kind, now, roles=REVIEWERS, link=f"need:{row.pk}", need=row.pk, title=row.title,
            consumer=row.agency_name, who=who, text=text,
        )  # fmt: skip
        return
    rows = row.candidates.all()
    match to:
        case "askers":
            whom = tuple(one for one in row.askers if one != actor.agency)
        case "promiser":
            whom = tuple(one.agency for one in rows if one.answer == "will")
        case "silent":
            whom = tuple(one.agency for one in rows if not one.answer)
        case _:
            whom = tuple(row.holders)
    tell_agencies(kind, row, now, whom, who=who, text=text)


def _write_candidates(row: models.Need, need: Need, command: Command, now: datetime) -> None:
    known = {one.agency: one for one in row.candidates.all()}
    names = agencies_by_uscc({one.agency for one in need.candidates} - set(known))
    for place, candidate in enumerate(need.candidates):
        kept = known.get(candidate.agency)
        if kept is None:
            facts = names.get(candidate.agency)
            kept = models.Candidate(
                need=row, agency=candidate.agency, agency_name=facts.name_zh if facts else candidate.agency
            )
        changed = kept.answer != candidate.answer
        kept.place, kept.answer = place, candidate.answer
        kept.resource = candidate.resource
        if changed:
            kept.answered_at = now if candidate.answer else None
            kept.text = kept.basis = kept.hint = ""
            kept.promised_on = None
        if changed and isinstance(command, Answer) and candidate.answer == command.kind:
            kept.text, kept.basis, kept.hint = command.text.strip(), command.basis.strip(), command.hint
            kept.promised_on = command.by if command.kind == "will" else None
        if isinstance(command, Assign) and candidate.agency == command.agency:
            kept.promised_on, kept.text = command.by, command.text.strip()
        kept.save()


def _set_clock(row: models.Need, decision: Decision, now: datetime) -> None:
    match decision.clock:
        case "keep":
            return
        case "stop":
            row.clock, row.clock_from, row.due_at, row.due_days = "", None, None, 0
            promised = row.candidates.filter(answer="will").exclude(promised_on=None).first()
            if row.state == "promised" and promised is not None and promised.promised_on is not None:
                today = now.astimezone(zone()).date()
                days = working_calendar(row.region).workdays_between(today, promised.promised_on)
                row.clock, row.clock_from, row.due_at = "promise", now, clock.end_of(promised.promised_on)
                row.due_days = max(1, days)
        case running:
            due = clock.start(running, row.region, now)
            row.clock, row.clock_from = running, now
            row.due_at, row.due_days, row.due_certain = due.at, due.days, due.certain
    row.escalated_at = None
