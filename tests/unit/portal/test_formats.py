"""Numbers and dates as both languages write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone, translation

from yiwang.portal import formats


def test_tables_write_dates_the_long_way_in_the_zone_of_the_node() -> None:
    late = datetime(2026, 11, 19, 17, 30, tzinfo=UTC)
    assert formats.day(late) == "2026-11-20"
    assert formats.minute(late) == "2026-11-20 01:30"
    assert formats.day(None) == "—"


def test_prose_names_the_weekday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda: date(2026, 11, 1))
    with translation.override("zh-hans"):
        assert formats.day_words(date(2026, 11, 20)) == "11月20日 周五"
        assert formats.day_words(date(2027, 1, 4)) == "2027年1月4日 周一"
    with translation.override("en"):
        assert formats.day_words(date(2026, 11, 20)) == "Fri 20 Nov"


@pytest.mark.parametrize(
    ("language", "value", "shown"),
    [
        ("zh-hans", 9999, ("9,999", "")),
        ("zh-hans", 12345, ("1.23", "万")),
        ("zh-hans", 126_000_000, ("1.26", "亿")),
        ("en", 3_482_906, ("3.48", "million")),
        ("en", 12_300, ("12.3", "k")),
    ],
)
def test_large_figures_are_counted_as_the_language_counts(
    language: str, value: int, shown: tuple[str, str]
) -> None:
    with translation.override(language):
        assert tuple(formats.figure(value)) == shown


def test_numbers_have_commas_and_hours_two_digits() -> None:
    assert formats.number(3482906) == "3,482,906"
    assert formats.number(96.4) == "96.4"
    assert formats.minutes_of_day((480, 1200)) == "08:00–20:00"
