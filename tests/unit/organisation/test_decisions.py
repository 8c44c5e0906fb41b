"""Who keeps the organisation, and when people hold posts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from yiwang.blocks.organisation.domain.decisions import (
    Period,
    decide_appointment,
    decide_keep,
    decide_line,
    decide_region,
)
from yiwang.blocks.organisation.domain.errors import (
    AppointmentOverlaps,
    BadPeriod,
    BadRegionCode,
    NotYourOffice,
    UnknownLine,
)
from yiwang.blocks.organisation.domain.lines import LINES


@dataclass(frozen=True)
class Someone:
    roles: frozenset[str]
    region: str = "290100"
    user_id: int = 1
    agency: str = ""


def test_a_system_administrator_keeps_the_own_region_and_what_lies_in_it() -> None:
    decide_keep(Someone(frozenset({"system_admin"})), "290102")
    with pytest.raises(NotYourOffice):
        decide_keep(Someone(frozenset({"system_admin"})), "290200")


def test_nobody_else_keeps_the_organisation() -> None:
    with pytest.raises(NotYourOffice):
        decide_keep(Someone(frozenset({"security_admin", "data_officer"})), "290100")


def test_a_region_is_registered_below_its_parent() -> None:
    assert decide_region("290102000000", "290100") == ("290102", 3)
    for parent in ("290200", "290102"):
        with pytest.raises(BadRegionCode):
            decide_region("290102", parent)


def test_a_line_is_one_of_the_list() -> None:
    decide_line("market")
    with pytest.raises(UnknownLine):
        decide_line("astrology")


def test_every_line_has_a_colour_of_its_own() -> None:
    assert len({line.colour for line in LINES.values()}) == len(LINES)


def test_a_person_holds_a_post_once_at_a_time() -> None:
    held = [Period(date(2026, 1, 1), date(2026, 6, 30))]
    assert decide_appointment(held, Period(date(2026, 7, 1))) == Period(date(2026, 7, 1))
    with pytest.raises(AppointmentOverlaps):
        decide_appointment(held, Period(date(2026, 6, 30)))
    with pytest.raises(AppointmentOverlaps):
        decide_appointment([Period(date(2026, 1, 1))], Period(date(2030, 1, 1)))


def test_an_appointment_does_not_end_before_it_begins() -> None:
    with pytest.raises(BadPeriod):
        decide_appointment([], Period(date(2026, 7, 1), date(2026, 6, 30)))
