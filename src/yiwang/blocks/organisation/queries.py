"""Reads of the organisation block. Regions and agencies are public knowledge; people are not."""

from __future__ import annotations

from datetime import date

import msgspec
from django.db.models import Q, QuerySet

from yiwang.blocks.organisation.domain.boundaries import Boundary as Shape
from yiwang.blocks.organisation.domain.boundaries import BoundaryMap, Ring
from yiwang.blocks.organisation.domain.errors import UnknownAgency, UnknownPerson, UnknownRegion
from yiwang.blocks.organisation.domain.facts import (
    AgencyFacts,
    AppointmentFacts,
    PersonFacts,
    PostFacts,
    RegionFacts,
)
from yiwang.blocks.organisation.domain.lines import LINES
from yiwang.blocks.organisation.domain.regions import prefix
from yiwang.blocks.organisation.store.models import Agency, Appointment, Boundary, Person, Post, Region


def region_facts(row: Region) -> RegionFacts:
    """A region's row as facts."""
    return RegionFacts(row.code, row.name_zh, row.name_en, row.parent_id, row.level)


def agency_facts(row: Agency) -> AgencyFacts:
    """An agency's row as facts; its region must be selected with it."""
    return AgencyFacts(
        row.uscc, row.slug, row.name_zh, row.name_en, row.short_zh, row.short_en,
        region_facts(row.region), LINES.get(row.line, LINES["general"]), row.active,
    )  # fmt: skip


def person_facts(row: Person) -> PersonFacts:
    """A person's row as facts."""
    return PersonFacts(row.pk, row.name, row.agency_id, row.staff_number)


def post_facts(row: Post) -> PostFacts:
    """A post's row as facts."""
    return PostFacts(row.pk, row.agency_id, row.name_zh, row.name_en)


def boundaries(within: str, digits: int) -> BoundaryMap:
    """Boundaries of the divisions in one region whose codes have so many significant digits.

    `within` is a code, or digits that codes begin with.
    """
    rows = list(Boundary.objects.filter(code__startswith=within))
    fit = [row for row in rows if len(prefix(row.code)) == digits]
    return BoundaryMap(
        tuple(Shape(row.code, msgspec.convert(row.rings, tuple[Ring, ...])) for row in fit),
        tuple(dict.fromkeys(filter(None, (row.source for row in fit)))),
        tuple(dict.fromkeys(filter(None, (row.review for row in fit)))),
    )


def region(code: str) -> RegionFacts:
    """One region by its code. Raises: UnknownRegion."""
    row = Region.objects.filter(code=code).first()
    if row is None:
        raise UnknownRegion(region=code)
    return region_facts(row)


def regions(within: str | None = None) -> list[RegionFacts]:
    """All regions, or one region with everything in it, in the order of their codes."""
    rows = Region.objects.all()
    if within is not None:
        rows = rows.filter(code__startswith=prefix(within))
    return [region_facts(row) for row in rows]


def _agencies() -> QuerySet[Agency]:
    return Agency.objects.select_related("region")


def agency(uscc: str) -> AgencyFacts:
    """One agency by its 统一社会信用代码. Raises: UnknownAgency."""
    row = _agencies().filter(uscc=uscc).first()
    if row is None:
        raise UnknownAgency(agency=uscc)
    return agency_facts(row)


def agency_by_slug(slug: str) -> AgencyFacts:
    """One agency by its slug. Raises: UnknownAgency."""
    row = _agencies().filter(slug=slug).first()
    if row is None:
        raise UnknownAgency(agency=slug)
    return agency_facts(row)


def agencies(within: str | None = None, *, closed: bool = False) -> list[AgencyFacts]:
    """Agencies of the node, or of one region and everything in it; dissolved ones only when `closed`."""
    rows = _agencies()
    if within is not None:
        rows = rows.filter(region__code__startswith=prefix(within))
    if not closed:
        rows = rows.filter(active=True)
    return [agency_facts(row) for row in rows]


def agencies_by_uscc(usccs: set[str]) -> dict[str, AgencyFacts]:
    """Several agencies in one read; unknown codes are left out."""
    return {row.uscc: agency_facts(row) for row in _agencies().filter(uscc__in=usccs)}


def person(person_id: int) -> PersonFacts:
    """One person. Raises: UnknownPerson."""
    row = Person.objects.filter(pk=person_id).first()
    if row is None:
        raise UnknownPerson()
    return person_facts(row)


def posts(agency_uscc: str) -> list[PostFacts]:
    """The posts of an agency by name."""
    return [post_facts(row) for row in Post.objects.filter(agency_id=agency_uscc).order_by("name_zh")]


def appointments(agency_uscc: str, on: date) -> list[AppointmentFacts]:
    """Who holds which post of the agency on a day."""
    rows = Appointment.objects.filter(post__agency_id=agency_uscc, since__lte=on)
    rows = rows.filter(Q(until__isnull=True) | Q(until__gte=on)).select_related("post", "person")
    return [
        AppointmentFacts(row.pk, post_facts(row.post), person_facts(row.person), row.since, row.until)
        for row in rows.order_by("post__name_zh", "person__name")
    ]
