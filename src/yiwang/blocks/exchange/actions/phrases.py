"""Texts that an agency keeps for its decisions."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.exchange.domain import bundle_errors, errors
from yiwang.blocks.exchange.domain.phrasing import check_phrase
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.bundle_models import Phrase
from yiwang.blocks.identity.public import APPROVER, DATA_OFFICER, REVIEWER, Actor


@as_actor
def keep_phrase(
    actor: Actor,
    step: str,
    title: str,
    text: str,
    now: datetime,
    *,
    basis: str = "",
    phrase: int | None = None,
) -> int:
    """Keep a text, or another wording of one; its number. Raises: NotAllowed, FormInvalid, PhraseUnknown, PhraseTaken."""
    _office(actor)
    check_phrase(step, title, text, basis)
    mine = Phrase.objects.filter(agency=actor.agency)
    row = mine.filter(pk=phrase).first() if phrase is not None else Phrase(agency=actor.agency)
    if row is None:
        raise bundle_errors.PhraseUnknown()
    same = mine.filter(step=step, title=title.strip())
    if any(other.pk != row.pk for other in same):
        raise bundle_errors.PhraseTaken(title=title.strip())
    row.step, row.title, row.text, row.basis = step, title.strip(), text.strip(), basis.strip()
    row.updated_at, row.updated_by = now, actor.name
    row.save()
    return row.pk


@as_actor
def drop_phrase(actor: Actor, phrase: int) -> None:
    """Keep it no longer; decisions that used it keep their words. Raises: NotAllowed, PhraseUnknown."""
    _office(actor)
    if not Phrase.objects.filter(agency=actor.agency, pk=phrase).delete()[0]:
        raise bundle_errors.PhraseUnknown()


def _office(actor: Actor) -> None:
    if not actor.agency or not actor.has(DATA_OFFICER, APPROVER, REVIEWER):
        raise errors.NotAllowed(
            needs_zh="本部门的数据专员、审批人或审查员",
            needs_en="an officer, approver or reviewer of your agency",
        )
