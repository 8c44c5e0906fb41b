"""Regions, agencies, posts and people in posts, in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection

from tests.store.identity.cast import CITY, ELSEWHERE, MARKET, OTHER_CITY, PROVINCE, city, uscc
from yiwang.blocks.identity.public import node_actor
from yiwang.blocks.organisation import public as organisation

pytestmark = pytest.mark.django_db
HAND = node_actor(PROVINCE)


def register(code: str, slug: str, *, region: str = CITY, line: str = "health") -> organisation.AgencyFacts:
    return organisation.register_agency(
        HAND, uscc=code, slug=slug, name_zh="卫健委", name_en="Health", short_zh="卫健", short_en="Health",
        region=region, line=line,
    )  # fmt: skip


def test_an_agency_is_found_by_its_code_and_its_slug() -> None:
    city()
    found = organisation.agency(MARKET)
    assert found == organisation.agency_by_slug("lan-shichang")
    assert (found.region.code, found.line.key, found.name("zh-hans")) == (
        CITY,
        "market",
        "澜州市市场监督管理局",
    )


def test_agencies_are_listed_by_region() -> None:
    city()
    assert {one.uscc for one in organisation.agencies(PROVINCE)} >= {MARKET, ELSEWHERE}
    assert [one.uscc for one in organisation.agencies(OTHER_CITY)] == [ELSEWHERE]
    assert [one.code for one in organisation.regions(CITY)] == [CITY]


@pytest.mark.parametrize("code", ["11290100MB00000010", "1129", "", "王" * 18])
def test_a_code_that_does_not_pass_is_refused(code: str) -> None:
    city()
    with pytest.raises(organisation.BadUscc):
        register(code, "lan-weijian")


def test_a_code_is_kept_in_its_normal_form() -> None:
    city()
    assert register(f" {uscc(9).lower()} ", "lan-weijian").uscc == uscc(9)


def test_codes_and_slugs_are_given_once() -> None:
    city()
    with pytest.raises(organisation.AgencyExists):
        register(MARKET, "other")
    with pytest.raises(organisation.AgencyExists):
        register(uscc(9), "lan-shichang")
    with pytest.raises(organisation.BadSlug):
        register(uscc(9), "Lan Weijian")


def test_an_agency_needs_a_region_and_a_line_that_exist() -> None:
    city()
    with pytest.raises(organisation.UnknownRegion):
        register(uscc(9), "lan-weijian", region="290300")
    with pytest.raises(organisation.UnknownLine):
        register(uscc(9), "lan-weijian", line="astrology")
    with pytest.raises(organisation.UnknownRegion):
        organisation.register_region(HAND, code="290301", name_zh="区", name_en="x", parent="290300")


def test_a_dissolved_agency_leaves_the_lists_and_keeps_its_name() -> None:
    city()
    organisation.change_agency(
        HAND,
        ELSEWHERE,
        name_zh="旧",
        name_en="old",
        short_zh="旧",
        short_en="old",
        line="transport",
        active=False,
    )
    assert organisation.agencies(OTHER_CITY) == []
    assert organisation.agency(ELSEWHERE).active is False
    assert [one.uscc for one in organisation.agencies(OTHER_CITY, closed=True)] == [ELSEWHERE]


def test_the_keeper_of_one_city_does_not_touch_another() -> None:
    city()
    keeper = node_actor(CITY)
    with pytest.raises(organisation.NotYourOffice):
        organisation.create_post(keeper, ELSEWHERE, name_zh="科长", name_en="Head")
    with pytest.raises(organisation.NotYourOffice):
        organisation.register_person(keeper, ELSEWHERE, name="某人")


def test_a_person_holds_a_post_for_a_time() -> None:
    city()
    post = organisation.create_post(HAND, MARKET, name_zh="科长", name_en="Head of section")
    person = organisation.register_person(HAND, MARKET, name="李维", staff_number="0042")
    number = organisation.appoint(HAND, post=post.id, person=person.id, since=date(2026, 1, 1))
    held = organisation.appointments(MARKET, date(2026, 11, 21))
    assert [(one.person.name, one.post.name("en")) for one in held] == [("李维", "Head of section")]
    with pytest.raises(organisation.AppointmentOverlaps):
        organisation.appoint(HAND, post=post.id, person=person.id, since=date(2026, 6, 1))
    organisation.end_appointment(HAND, number, until=date(2026, 6, 30))
    assert organisation.appointments(MARKET, date(2026, 7, 1)) == []
    assert len(organisation.appointments(MARKET, date(2026, 6, 30))) == 1
    with pytest.raises(organisation.BadPeriod):
        organisation.end_appointment(HAND, number, until=date(2025, 1, 1))


def test_nobody_is_registered_twice_and_nobody_takes_a_post_elsewhere() -> None:
    city()
    organisation.register_person(HAND, MARKET, name="李维", staff_number="0042")
    with pytest.raises(organisation.PersonExists):
        organisation.register_person(HAND, MARKET, name="李薇", staff_number="0042")
    post = organisation.create_post(HAND, MARKET, name_zh="科长", name_en="Head")
    with pytest.raises(organisation.PostExists):
        organisation.create_post(HAND, MARKET, name_zh="科长", name_en="Chief")
    stranger = organisation.register_person(HAND, ELSEWHERE, name="赵静")
    with pytest.raises(organisation.UnknownPerson):
        organisation.appoint(HAND, post=post.id, person=stranger.id, since=date(2026, 1, 1))


def test_changes_leave_events_without_names_of_people() -> None:
    city()
    organisation.register_person(HAND, MARKET, name="李维", staff_number="0042")
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(entry::text, ' ') FROM journal_outbox")
        written = cursor.fetchone()[0]
    assert "person-registered" in written
    assert "agency-registered" in written
    assert "李维" not in written
    assert "0042" not in written


BORDER = organisation.Boundary(CITY, (((104.0, 35.0), (105.0, 35.0), (105.0, 36.0), (104.0, 35.0)),))


def test_boundaries_are_kept_by_level_and_replaced_by_later_ones() -> None:
    city()
    district = replace(BORDER, code="290102")
    assert organisation.load_boundaries(HAND, [BORDER, district], "测绘院", "甲S(2026)001号") == 2
    found = organisation.boundaries("2901", 6)
    assert ([one.code for one in found.boundaries], found.reviews) == (["290102"], ("甲S(2026)001号",))
    assert found.boundaries[0].rings == district.rings
    organisation.load_boundaries(HAND, [district], "另一家")
    assert organisation.boundaries("2901", 6).sources == ("另一家",)
    assert [one.code for one in organisation.boundaries("29", 4).boundaries] == [CITY]


def test_nobody_loads_boundaries_of_another_region_and_nothing_of_the_file_is_kept() -> None:
    city()
    with pytest.raises(organisation.NotYourOffice):
        organisation.load_boundaries(node_actor(CITY), [BORDER, replace(BORDER, code="370102")], "测绘院")
    with pytest.raises(organisation.NotYourOffice):
        organisation.load_boundaries(replace(HAND, roles=frozenset()), [BORDER], "测绘院")
    assert organisation.boundaries("", 6).boundaries == ()
