"""What stands in a form while it is written: kept for its writer alone, and no window writes over another unasked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction

from tests.store.exchange.cast import CLERK, HE_QING, NOW, WANG_MIN, ZHAO_JING, ZHOU_HANG, person
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.actions import keeping
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.domain.keeping_errors import KeptElsewhere, KeptTooMuch
from yiwang.blocks.identity.public import acting

pytestmark = pytest.mark.django_db

FORM = "resource:306001003/1"
COLLEAGUE = person(22, "孙丽", ZHOU_HANG.agency, "市民政局", "data_officer")


def kept(subject: str = FORM) -> exchange.KeptView:
    found = exchange.kept_form(ZHOU_HANG, subject)
    assert found is not None
    return found


def test_what_is_written_stands_there_again_right_or_wrong() -> None:
    written = {"reason": ["  核对"], "calls_per_day": ["很多"], "fields": ["名称", "法人"]}
    assert exchange.keep_form(ZHOU_HANG, FORM, written, NOW, known=0, seen=3) == 1
    assert (kept().values, kept().revision, kept().seen) == (written, 1, 3)
    assert exchange.keep_form(ZHOU_HANG, FORM, {}, NOW, known=1) == 2
    assert (kept().values, kept().seen) == ({}, None)


def test_a_second_window_is_told_and_writes_over_nothing() -> None:
    exchange.keep_form(ZHOU_HANG, FORM, {"reason": ["一"]}, NOW, known=0)
    for known in (0, 2, 7):
        with pytest.raises(KeptElsewhere) as told:
            exchange.keep_form(ZHOU_HANG, FORM, {"reason": ["二"]}, NOW + timedelta(minutes=5), known=known)
        assert "09:00" in str(told.value)
    assert kept().values == {"reason": ["一"]}


def test_what_a_page_sends_on_its_way_out_is_not_taken_for_another_windows() -> None:
    first, second = exchange.FormWindow("a" * 32, 1), exchange.FormWindow("a" * 32, 2)
    exchange.keep_form(ZHOU_HANG, FORM, {"reason": ["一"]}, NOW, known=0, window=first)
    # it has not heard yet that its first saving is kept
    assert exchange.keep_form(ZHOU_HANG, FORM, {"reason": ["一二"]}, NOW, known=0, window=second) == 2
    assert (kept().values, kept().window) == ({"reason": ["一二"]}, "a" * 32)
    # what it sent first comes last, and changes nothing
    assert exchange.keep_form(ZHOU_HANG, FORM, {"reason": ["一"]}, NOW, known=0, window=first) == 2
    assert kept().values == {"reason": ["一二"]}
    # the page that is opened next in the same tab has taken the text over
    heir = exchange.FormWindow("b" * 32, 1, before="a" * 32)
    assert exchange.keep_form(ZHOU_HANG, FORM, {"reason": ["一二三"]}, NOW, known=1, window=heir) == 3
    # from now on the page before is another window, and so is one without a name
    for outrun in (exchange.FormWindow("a" * 32, 3), exchange.FormWindow(), exchange.FormWindow("c" * 32, 9)):
        with pytest.raises(KeptElsewhere):
            exchange.keep_form(ZHOU_HANG, FORM, {"reason": ["四"]}, NOW, known=2, window=outrun)
    assert kept().values == {"reason": ["一二三"]}


def test_pages_without_a_name_are_told_apart_by_what_they_know() -> None:
    exchange.keep_form(ZHOU_HANG, FORM, {"reason": ["一"]}, NOW, known=0)
    with pytest.raises(KeptElsewhere):
        exchange.keep_form(
            ZHOU_HANG, FORM, {"reason": ["二"]}, NOW, known=0, window=exchange.FormWindow("a" * 32, 1)
        )
    assert kept().values == {"reason": ["一"]}


def test_a_window_left_open_does_not_bring_back_what_was_handed_in() -> None:
    exchange.keep_form(ZHOU_HANG, FORM, {"reason": ["一"]}, NOW, known=0)
    exchange.forget_form(ZHOU_HANG, FORM)
    with pytest.raises(KeptElsewhere):
        exchange.keep_form(ZHOU_HANG, FORM, {"reason": ["二"]}, NOW, known=1)
    assert exchange.kept_form(ZHOU_HANG, FORM) is None


def test_it_is_the_writers_alone_also_among_colleagues() -> None:
    exchange.keep_form(ZHOU_HANG, FORM, {"reason": ["私下写的"]}, NOW, known=0)
    for other in (COLLEAGUE, WANG_MIN, ZHAO_JING, HE_QING):
        assert exchange.kept_form(other, FORM) is None
        assert exchange.begun_requests(other) == ()
        exchange.forget_form(other, FORM)
    assert exchange.keep_form(COLLEAGUE, FORM, {"reason": ["另写"]}, NOW, known=0) == 1
    assert kept().values == {"reason": ["私下写的"]}


def test_the_database_itself_hides_it_from_everybody_else() -> None:
    exchange.keep_form(ZHOU_HANG, FORM, {"reason": ["私下写的"]}, NOW, known=0)
    with connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN CREATE ROLE kept_app; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        cursor.execute("GRANT SELECT, UPDATE ON exchange_kept_form TO kept_app")
    for actor, seen in ((COLLEAGUE, 0), (HE_QING, 0), (ZHOU_HANG, 1)):
        with acting(actor), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE kept_app")
            cursor.execute("SELECT count(*) FROM exchange_kept_form")
            assert cursor.fetchone() == (seen,), actor.name
            cursor.execute("UPDATE exchange_kept_form SET revision = 9")
            assert cursor.rowcount == seen
            cursor.execute("RESET ROLE")


def test_only_a_data_officer_begins_a_form() -> None:
    for other in (CLERK, HE_QING):
        with pytest.raises(errors.NotAllowed):
            exchange.keep_form(other, FORM, {}, NOW, known=0)


def test_neither_endless_texts_nor_endless_forms_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeptTooMuch):
        exchange.keep_form(ZHOU_HANG, FORM, {"reason": ["字" * keeping.LARGEST]}, NOW, known=0)
    monkeypatch.setattr(keeping, "MOST", 2)
    for n in (1, 2):
        exchange.keep_form(ZHOU_HANG, f"resource:306001003/{n}", {}, NOW, known=0)
    with pytest.raises(KeptTooMuch):
        exchange.keep_form(ZHOU_HANG, "resource:306001003/3", {}, NOW, known=0)
    # those that were begun can still be written on
    assert exchange.keep_form(ZHOU_HANG, FORM, {"reason": ["改"]}, NOW, known=1) == 2


def test_begun_requests_are_listed_the_latest_first() -> None:
    for minutes, subject in ((0, FORM), (5, "basket"), (9, "resource:306001003/2"), (9, "request:R-2026-1")):
        exchange.keep_form(ZHOU_HANG, subject, {}, NOW + timedelta(minutes=minutes), known=0)
    assert [row.resource for row in exchange.begun_requests(ZHOU_HANG)] == ["306001003/2", "306001003/1"]
