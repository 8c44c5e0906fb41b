"""Needs through their life: each function is one action of a person, in one transaction.

`seen` is the revision that the person's page showed; when the need has moved on since, nothing is done and they are
told (`NeedChanged`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import msgspec

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.demand.actions.deciding import locked_need, take_step, tell_agencies, write_step
from yiwang.blocks.demand.domain import errors, need
from yiwang.blocks.demand.domain.matching import Match, holders
from yiwang.blocks.demand.domain.stating import Statement, problems
from yiwang.blocks.demand.queries.matching import matches_for, words_of
from yiwang.blocks.demand.store import models
from yiwang.blocks.demand.store.rows import statement_of
from yiwang.blocks.exchange.public import SYSTEM, as_actor, next_number, zone
from yiwang.blocks.identity.public import DATA_OFFICER, Actor, acting
from yiwang.blocks.organisation.public import agencies_by_uscc
from yiwang.vocabulary.forms import Problem


@as_actor
def state_need(actor: Actor, said: Statement, now: datetime) -> str:
    """Keep a need of the actor's agency as a draft; returns its number. Raises: NeedNotAllowed, NeedInvalid."""
    if not (actor.agency and actor.has(DATA_OFFICER)):
        raise errors.NeedNotAllowed(needs_zh="部门的数据专员", needs_en="a data officer of an agency")
    row = models.Need(
        id=next_number("N", now), agency=actor.agency, agency_name=actor.agency_name, region=actor.region,
        author=actor.user_id, author_name=actor.name, askers=[actor.agency], created_at=now, updated_at=now,
    )  # fmt: skip
    _fill(row, said, now)
    row.save()
    models.Contact.objects.create(need=row, post=said.contact_post.strip(), phone=said.contact_phone.strip())
    write_step(row, need.Step("created"), actor, now)
    return row.pk


@as_actor
def edit_need(actor: Actor, need_id: str, said: Statement, now: datetime, *, seen: int | None = None) -> None:
    """Change a draft. Raises: NeedUnknown, NeedChanged, NeedNotAllowed, NeedStateWrong, NeedInvalid."""
    row = locked_need(actor, need_id, seen)
    _fill(row, said, now)
    take_step(row, need.Edit(), actor, now)
    models.Contact.objects.filter(need=row).update(
        post=said.contact_post.strip(), phone=said.contact_phone.strip()
    )


@as_actor
def submit_need(actor: Actor, need_id: str, now: datetime, *, seen: int | None = None) -> None:
    """Hand a need in: it goes to the agencies that the search finds most likely, or else to the data bureau.

    Raises: NeedUnknown, NeedChanged, NeedNotAllowed, NeedStateWrong, NeedInvalid.
    """
    row = locked_need(actor, need_id, seen)
    said = statement_of(row)
    _refuse(said, now)
    found = matches_for(actor, said)
    if found:
        first = found[0]
        row.best, row.best_title, row.best_score = first.code, first.title, first.score
        row.best_agency, row.best_agency_name = first.agency, first.agency_name
    likely = {one.agency: one for one in holders(found)}
    take_step(row, need.Submit(tuple(likely)), actor, now)
    _keep_matches(row, likely)


@as_actor
def answer_need(
    actor: Actor, need_id: str, answer: need.Answer, now: datetime, *, seen: int | None = None
) -> None:
    """Answer as a likely holder.

    Raises: NeedUnknown, NeedChanged, NeedNotAllowed, NeedStateWrong, NeedInvalid, AnsweredAlready, ResourceNotYours.
    """
    row = locked_need(actor, need_id, seen)
    if answer.kind == "have" and answer.resource:
        entry = catalogue.resources_by_code({answer.resource}).get(answer.resource)
        if entry is None or entry.state != "published" or entry.provider != actor.agency:
            raise errors.ResourceNotYours(resource=answer.resource)
    hint = answer.hint if answer.hint in agencies_by_uscc({answer.hint}) else ""
    take_step(row, replace(answer, today=now.astimezone(zone()).date(), hint=hint), actor, now)


@as_actor
def join_need(actor: Actor, need_id: str, now: datetime) -> None:
    """Ask for the same in the name of the actor's agency.

    Raises: NeedUnknown, NeedNotAllowed, NeedStateWrong, JoinedAlready.
    """
    take_step(locked_need(actor, need_id, None), need.Join(), actor, now)


@as_actor
def route_need(
    actor: Actor,
    need_id: str,
    agencies: tuple[str, ...],
    text: str,
    now: datetime,
    *,
    seen: int | None = None,
) -> None:
    """The bureau sends it to agencies of its choice, with a new deadline.

    Raises: NeedUnknown, NeedChanged, NeedNotAllowed, OwnNeed, NeedStateWrong, NeedInvalid.
    """
    row = locked_need(actor, need_id, seen)
    known = agencies_by_uscc(set(agencies))
    take_step(row, need.Route(tuple(one for one in agencies if one in known), text), actor, now)


@as_actor
def assign_need(
    actor: Actor, need_id: str, agency: str, by: date, text: str, now: datetime, *, seen: int | None = None
) -> None:
    """The bureau finds who is the source and has to catalogue it by a day.

    Raises: NeedUnknown, NeedChanged, NeedNotAllowed, OwnNeed, NeedStateWrong, NeedInvalid.
    """
    row = locked_need(actor, need_id, seen)
    if agency not in agencies_by_uscc({agency}):
        raise errors.NeedInvalid((Problem("agency", "请选择部门。", "Choose an agency."),))
    take_step(row, need.Assign(agency, by, now.astimezone(zone()).date(), text), actor, now)


@as_actor
def meet_need(
    actor: Actor,
    need_id: str,
    resources: tuple[str, ...],
    text: str,
    now: datetime,
    *,
    seen: int | None = None,
) -> None:
    """The bureau finds that published entries meet it.

    Raises: NeedUnknown, NeedChanged, NeedNotAllowed, OwnNeed, NeedStateWrong, NeedInvalid.
    """
    row = locked_need(actor, need_id, seen)
    known = catalogue.resources_by_code(set(resources))
    wrong = [one for one in resources if one not in known or known[one].state != "published"]
    if wrong:
        raise errors.NeedInvalid(
            (
                Problem(
                    "resources",
                    f"目录中没有已发布的“{wrong[0]}”。",
                    f"There is no published entry {wrong[0]}.",
                ),
            )
        )
    take_step(row, need.Meet(resources, text), actor, now)


@as_actor
def decline_need(
    actor: Actor, need_id: str, ground: need.DeclineGround, text: str, basis: str, now: datetime, *,
    seen: int | None = None,
) -> None:  # fmt: skip
    """The bureau ends it with a reasoned no.

    Raises: NeedUnknown, NeedChanged, NeedNotAllowed, OwnNeed, NeedStateWrong, NeedInvalid.
    """
    take_step(locked_need(actor, need_id, seen), need.Decline(ground, text, basis), actor, now)


@as_actor
def dispute_need(actor: Actor, need_id: str, text: str, now: datetime, *, seen: int | None = None) -> None:
    """The author says that the outcome does not meet the need; the bureau decides.

    Raises: NeedUnknown, NeedChanged, NeedNotAllowed, NeedStateWrong, NeedInvalid.
    """
    take_step(locked_need(actor, need_id, seen), need.Dispute(text), actor, now)


@as_actor
def withdraw_need(
    actor: Actor, need_id: str, now: datetime, *, text: str = "", seen: int | None = None
) -> None:
    """Take a need back. Raises: NeedUnknown, NeedChanged, NeedNotAllowed, NeedStateWrong."""
    take_step(locked_need(actor, need_id, seen), need.Withdraw(text), actor, now)


@as_actor
def start_entry(actor: Actor, need_id: str, classification: str, now: datetime) -> str:
    """Start the draft of the entry that the actor's agency promised; returns its code.

    Publishing it closes the need. Raises: NeedUnknown, NeedNotAllowed, and what `catalogue.create_resource` raises.
    """
    row = locked_need(actor, need_id, None)
    mine = row.candidates.filter(agency=actor.agency, answer="will").first()
    if row.state != "promised" or mine is None:
        raise errors.NeedNotAllowed(
            needs_zh="承诺编目的部门", needs_en="the agency that promised to catalogue it"
        )
    if mine.resource:
        return mine.resource
    said = statement_of(row)
    items = tuple(
        catalogue.ItemDraft(
            item.name,
            item.name,
            type=next((one for one in catalogue.ITEM_TYPES if one == item.type), "text"),
            description=item.meaning,
        )
        for item in said.items
    )
    draft = catalogue.ResourceDraft(
        title=said.title, classification=classification, summary=said.reason, items=items,
        share_condition=f"用于{said.purpose_title}",
    )  # fmt: skip
    mine.resource = catalogue.create_resource(actor, draft, now)
    mine.save(update_fields=["resource"])
    return mine.resource


def entry_published(code: str, agency: str, now: datetime) -> None:
    """An entry stands in the catalogue: the need it was promised for is met, in the same transaction."""
    with acting(SYSTEM):
        waiting = models.Candidate.objects.filter(resource=code, agency=agency, answer="will")
        for row in models.Need.objects.select_for_update().filter(
            state="promised", pk__in=waiting.values("need_id")
        ):
            take_step(row, need.Published(code), SYSTEM, now)
            tell_agencies("need-closed", row, now, tuple(row.holders), text="")


def _fill(row: models.Need, said: Statement, now: datetime) -> None:
    _refuse(said, now)
    kept = replace(said, title=said.title.strip(), contact_post="", contact_phone="")
    row.title, row.statement = kept.title, msgspec.to_builtins(kept)
    row.words = sorted(words_of(kept).title)


def _refuse(said: Statement, now: datetime) -> None:
    found = problems(said, now.astimezone(zone()).date())
    if found:
        raise errors.NeedInvalid(found)


def _keep_matches(row: models.Need, likely: dict[str, Match]) -> None:
    with acting(SYSTEM):
        for candidate in row.candidates.all():
            if candidate.agency in likely:
                candidate.match = msgspec.to_builtins(likely[candidate.agency])
                candidate.save(update_fields=["match"])
