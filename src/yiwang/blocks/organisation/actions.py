"""Writes of the organisation block, one transaction each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from yiwang.blocks.journal.public import record_event
from yiwang.blocks.organisation.domain.boundaries import Boundary as Shape
from yiwang.blocks.organisation.domain.decisions import (
    SLUG,
    Period,
    decide_appointment,
    decide_keep,
    decide_line,
    decide_region,
)
from yiwang.blocks.organisation.domain.errors import (
    AgencyExists,
    BadPeriod,
    BadSlug,
    BadUscc,
    PersonExists,
    PostExists,
    UnknownAgency,
    UnknownPerson,
    UnknownPost,
    UnknownRegion,
)
from yiwang.blocks.organisation.domain.facts import AgencyFacts, Doer, PersonFacts, PostFacts, RegionFacts
from yiwang.blocks.organisation.queries import agency_facts, person_facts, post_facts, region_facts
from yiwang.blocks.organisation.store.models import Agency, Appointment, Boundary, Person, Post, Region
from yiwang.vocabulary.identifiers import IdentifierError
from yiwang.vocabulary.uscc import parse_uscc


@transaction.atomic
def register_region(
    doer: Doer, *, code: str, name_zh: str, name_en: str, parent: str | None = None
) -> RegionFacts:
    """Register a division of the node, or change the names of one that is there.

    Raises: NotYourOffice, BadRegionCode, UnknownRegion.
    """
    normal, level = decide_region(code, parent)
    decide_keep(doer, normal)
    if parent is not None and not Region.objects.filter(code=parent).exists():
        raise UnknownRegion(region=parent)
    row, _ = Region.objects.update_or_create(
        code=normal, defaults={"name_zh": name_zh, "name_en": name_en, "parent_id": parent, "level": level}
    )
    _record("region-registered", doer, region=normal)
    return region_facts(row)


@transaction.atomic
def load_boundaries(doer: Doer, found: Sequence[Shape], source: str, review: str = "") -> int:
    """Keep boundaries in place of those that there are of the same divisions; gives how many.

    `source` is who drew them, `review` the review number 审图号 of the map. Raises: NotYourOffice, for a division that
    does not lie in the doer's region.
    """
    for one in found:
        decide_keep(doer, one.code)
    now = timezone.now()
    Boundary.objects.bulk_create(
        [Boundary(code=one.code, rings=one.rings, source=source, review=review, loaded_at=now) for one in found],
        update_conflicts=True, unique_fields=["code"], update_fields=["rings", "source", "review", "loaded_at"],
    )  # fmt: skip
    _record("boundaries-loaded", doer, divisions=len(found), source=source, review=review)
    return len(found)


@transaction.atomic
def register_agency(
    doer: Doer,
    *,
    uscc: str,
    slug: str,
    name_zh: str,
    name_en: str,
    short_zh: str,
    short_en: str,
    region: str,
    line: str,
) -> AgencyFacts:
    """Register an agency under its 统一社会信用代码.

    Raises: NotYourOffice, BadUscc, BadSlug, UnknownLine, UnknownRegion, AgencyExists.
    """
    decide_keep(doer, region)
    decide_line(line)
    try:
        uscc = parse_uscc(uscc).normalised
    except IdentifierError as error:
        raise BadUscc(uscc=uscc[:40]) from error
    if not SLUG.fullmatch(slug) or len(slug) > 40:
        raise BadSlug(slug=slug)
    if not Region.objects.filter(code=region).exists():
        raise UnknownRegion(region=region)
    for value, taken in ((uscc, Agency.objects.filter(uscc=uscc)), (slug, Agency.objects.filter(slug=slug))):
        if taken.exists():
            raise AgencyExists(value=value)
    row = Agency.objects.create(
        uscc=uscc, slug=slug, name_zh=name_zh, name_en=name_en, short_zh=short_zh, short_en=short_en,
        region_id=region, line=line,
    )  # fmt: skip
    _record("agency-registered", doer, row.uscc, region=region)
    return agency_facts(row)


@transaction.atomic
def change_agency(
    doer: Doer,
    uscc: str,
    *,
    name_zh: str,
    name_en: str,
    short_zh: str,
    short_en: str,
    line: str,
    active: bool = True,
) -> AgencyFacts:
    """Change the names, the line or the standing of an agency; its code and its slug never change.

    Raises: UnknownAgency, NotYourOffice, UnknownLine.
    """
    row = _agency(doer, uscc)
    decide_line(line)
    row.name_zh, row.name_en, row.short_zh, row.short_en = name_zh, name_en, short_zh, short_en
    row.line, row.active = line, active
    row.save()
    _record("agency-changed", doer, uscc, line=line, active=active)
    return agency_facts(row)


@transaction.atomic
def create_post(doer: Doer, agency: str, *, name_zh: str, name_en: str) -> PostFacts:
    """Set up a post in an agency. Raises: UnknownAgency, NotYourOffice, PostExists."""
    _agency(doer, agency)
    if Post.objects.filter(agency_id=agency, name_zh=name_zh).exists():
        raise PostExists(post=name_zh)
    row = Post.objects.create(agency_id=agency, name_zh=name_zh, name_en=name_en)
    _record("post-created", doer, agency, post=row.pk)
    return post_facts(row)


@transaction.atomic
def register_person(doer: Doer, agency: str, *, name: str, staff_number: str = "") -> PersonFacts:
    """Register a person of an agency. Raises: UnknownAgency, NotYourOffice, PersonExists."""
    _agency(doer, agency)
    try:
        with transaction.atomic():
            row = Person.objects.create(agency_id=agency, name=name, staff_number=staff_number)
    except IntegrityError as error:
        raise PersonExists(staff_number=staff_number) from error
    _record("person-registered", doer, agency, person=row.pk)
    return person_facts(row)


@transaction.atomic
def appoint(doer: Doer, *, post: int, person: int, since: date, until: date | None = None) -> int:
    """Put a person into a post of their agency; returns the appointment's number.

    Raises: UnknownPost, UnknownPerson, NotYourOffice, BadPeriod, AppointmentOverlaps.
    """
    place = Post.objects.filter(pk=post).first()
    if place is None:
        raise UnknownPost()
    _agency(doer, place.agency_id)
    # the row lock makes two simultaneous appointments of one person wait for each other
    holder = Person.objects.select_for_update().filter(pk=person, agency_id=place.agency_id).first()
    if holder is None:
        raise UnknownPerson()
    held = [Period(row.since, row.until) for row in Appointment.objects.filter(post=place, person=holder)]
    period = decide_appointment(held, Period(since, until))
    row = Appointment.objects.create(post=place, person=holder, since=period.since, until=period.until)
    _record("person-appointed", doer, place.agency_id, appointment=row.pk, post=post, person=person)
    return row.pk


@transaction.atomic
def end_appointment(doer: Doer, appointment: int, *, until: date) -> None:
    """Let an appointment end with a day. Raises: UnknownPost, NotYourOffice, BadPeriod."""
    row = Appointment.objects.select_for_update().select_related("post").filter(pk=appointment).first()
    if row is None:
        raise UnknownPost()
    _agency(doer, row.post.agency_id)
    if until < row.since:
        raise BadPeriod()
    row.until = until
    row.save(update_fields=["until"])
    _record("appointment-ended", doer, row.post.agency_id, appointment=row.pk)


def _agency(doer: Doer, uscc: str) -> Agency:
    row = Agency.objects.select_related("region").filter(uscc=uscc).first()
    if row is None:
        raise UnknownAgency(agency=uscc)
    decide_keep(doer, row.region_id)
    return row


def _record(event: str, doer: Doer, agency: str | None = None, **facts: str | int | bool | None) -> None:
    """Leave the change in the node's evidence; people and accounts appear by their numbers only."""
    record_event(event, timezone.now(), consumer=agency, detail={"by": doer.user_id or None, **facts})
