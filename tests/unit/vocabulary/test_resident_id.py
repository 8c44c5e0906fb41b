"""公民身份号码: the vectors of the standard and of synthetic numbers, and what hypothesis finds beyond them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.vocabulary import resident_id as rid
from yiwang.vocabulary.identifiers import IdentifierEmpty, IdentifierError, mask

TODAY = dt.date(2026, 11, 21)
bodies = st.builds(
    lambda region, born, sequence: f"{region:06d}{born:%Y%m%d}{sequence:03d}",
    st.integers(110000, 699999),
    st.dates(dt.date(1800, 1, 1), TODAY),
    st.integers(0, 999),
)
numbers = bodies.map(lambda body: body + rid.check_character(body))


def parse(text: str) -> rid.ResidentId:
    return rid.parse_resident_id(text, today=TODAY)


@pytest.mark.parametrize(
    ("number", "sex", "born"),
    [
        ("11010519491231002X", rid.Sex.FEMALE, dt.date(1949, 12, 31)),
        ("440524188001010014", rid.Sex.MALE, dt.date(1880, 1, 1)),
        ("360426199101010071", rid.Sex.MALE, dt.date(1991, 1, 1)),
        ("110101199003070011", rid.Sex.MALE, dt.date(1990, 3, 7)),
        ("110101199003072033", rid.Sex.MALE, dt.date(1990, 3, 7)),
    ],
)
def test_the_vectors_of_the_standard_are_read(number: str, sex: rid.Sex, born: dt.date) -> None:
    found = parse(number)
    assert (found.kind, found.normalised) == (rid.IdKind.RESIDENT, number)
    assert (found.region, found.birth_date, found.sex) == (number[:6], born, sex)


@pytest.mark.parametrize("number", ["810000199101010016", "820000199202020020", "830000199303030035"])
def test_residence_permits_of_hong_kong_macao_and_taiwan_are_told_apart(number: str) -> None:
    found = rid.parse_resident_id(number, today=TODAY, known_region=lambda code: False)
    assert found.kind is rid.IdKind.RESIDENCE_PERMIT
    assert not found.warnings, "their address codes are fixed, so no list has to know them"


def test_an_old_number_becomes_the_present_one() -> None:
    found = parse("110105491231002")
    assert found.normalised == "11010519491231002X"
    assert rid.OLD_FORM in found.warnings
    assert rid.to_18("110105491231002") == "11010519491231002X"
    assert rid.to_15("11010519491231002X") == "110105491231002"


def test_a_centenarian_s_old_number_gets_the_century_eighteen() -> None:
    assert rid.to_18("440524800101999")[6:10] == "1880"
    assert rid.to_15(rid.to_18("440524800101999")) == "440524800101999"


def test_who_was_born_in_this_century_never_had_a_short_number() -> None:
    body = "11010120100307001"
    with pytest.raises(rid.ResidentIdNoShortForm):
        rid.to_15(body + rid.check_character(body))


@pytest.mark.parametrize(
    ("number", "error", "facts"),
    [
        ("110105194912310021", rid.ResidentIdCheck, {"expected": "X", "found": "1"}),
        ("110105199002300012", rid.ResidentIdDate, {"date": "19900230"}),
        ("110105209901010011", rid.ResidentIdFuture, {"date": "20990101"}),
        ("11010517490101001X", rid.ResidentIdDate, {"date": "17490101"}),
        ("1101051949123100", rid.ResidentIdLength, {"length": 16}),
        ("1101O519491231002X", rid.ResidentIdCharacter, {"position": 5, "found": "O"}),
        ("01010519491231002X", rid.ResidentIdCharacter, {"position": 1, "found": "0"}),
        ("11010519491231002Y", rid.ResidentIdCharacter, {"position": 18, "found": "Y"}),
        ("1101051949123100X1", rid.ResidentIdCharacter, {"position": 17, "found": "X"}),
        ("11010549123100X", rid.ResidentIdCharacter, {"position": 15, "found": "X"}),
        ("010105491231002", rid.ResidentIdCharacter, {"position": 1, "found": "0"}),
        ("110105490231002", rid.ResidentIdDate, {"date": "19490231"}),
        ("110105١94912310021", rid.ResidentIdCharacter, {"position": 7, "found": "١"}),
    ],
)
def test_each_fault_is_named_with_its_place(
    number: str, error: type[rid.ResidentIdError], facts: dict[str, object]
) -> None:
    with pytest.raises(error) as raised:
        parse(number)
    assert raised.value.facts == facts
    for language in ("zh", "en"):
        assert "—" not in raised.value.text(language), "every placeholder is filled"
        assert raised.value.mend(language)


def test_nothing_and_blanks_are_empty() -> None:
    for text in ("", "   ", "\u3000"):
        with pytest.raises(IdentifierEmpty):
            parse(text)


def test_full_width_small_x_and_blanks_are_normalised() -> None:
    assert parse(" １１０１０５１９４９１２３１００２ｘ ").normalised == "11010519491231002X"


def test_today_decides_what_lies_in_the_future() -> None:
    body = "11010120261122001"
    number = body + rid.check_character(body)
    assert rid.parse_resident_id(number, today=dt.date(2026, 11, 22)).birth_date == dt.date(2026, 11, 22)
    with pytest.raises(rid.ResidentIdFuture):
        rid.parse_resident_id(number, today=TODAY)


def test_an_unknown_region_or_a_great_age_is_a_warning_and_no_more() -> None:
    found = rid.parse_resident_id(
        "440524188001010014", today=dt.date(2040, 1, 1), known_region=lambda code: False
    )
    assert found.warnings == (rid.REGION_UNKNOWN, rid.VERY_OLD)


def test_a_permanent_resident_card_of_2023_begins_with_nine() -> None:
    body = "91184019900307001"
    found = parse(body + rid.check_character(body))
    assert found.kind is rid.IdKind.PERMANENT_RESIDENT
    assert (found.region, found.birth_date, found.sex) == (None, dt.date(1990, 3, 7), rid.Sex.MALE)
    assert rid.LAYOUT_UNVERIFIED in found.warnings
    wrong = next(c for c in rid.CHECK_CHARACTERS if c != rid.check_character(body))
    with pytest.raises(rid.ResidentIdCheck):
        parse(body + wrong)
    with pytest.raises(rid.ResidentIdNoShortForm):
        rid.to_15(found.normalised)


def test_a_permanent_resident_card_whose_layout_is_another_is_not_refused() -> None:
    body = "91184099999999001"
    found = parse(body + rid.check_character(body))
    assert found.birth_date is None


def test_an_old_permanent_resident_card_has_three_letters() -> None:
    found = parse("usa110190030701")
    assert (found.kind, found.normalised) == (rid.IdKind.PERMANENT_RESIDENT_OLD, "USA110190030701")
    with pytest.raises(rid.ResidentIdCharacter) as raised:
        parse("US1110190030701")
    assert raised.value.facts["position"] == 3


@given(numbers)
def test_a_well_formed_number_always_passes_and_both_ways_agree(number: str) -> None:
    assert parse(number).normalised == number
    assert rid.is_plain_resident_id(number, today=TODAY)


@given(numbers, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_a_single_wrong_character_is_always_noticed(number: str, place: int, wrong: str) -> None:
    if number[place] == wrong:
        return
    changed = number[:place] + wrong + number[place + 1 :]
    try:
        found = parse(changed)
    except IdentifierError:
        assert not rid.is_plain_resident_id(changed, today=TODAY)
    else:
        pytest.fail(f"{changed} passed as {found.kind}")


@given(numbers, st.integers(0, 16))
def test_swapped_neighbours_are_always_noticed(number: str, place: int) -> None:
    if number[place] == number[place + 1]:
        return
    changed = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    with pytest.raises(IdentifierError):
        parse(changed)


@given(st.text(max_size=24))
def test_no_text_at_all_breaks_the_reading(text: str) -> None:
    try:
        found = parse(text)
    except IdentifierError:
        passed = False
    else:
        passed = True
        assert found.normalised == parse(found.normalised).normalised
    assert passed or not rid.is_plain_resident_id(text, today=TODAY)


@given(bodies.filter(lambda body: body[6:8] == "19" and body[14:] < "996"))
def test_the_way_to_fifteen_digits_and_back_is_the_identity(body: str) -> None:
    number = body + rid.check_character(body)
    assert rid.to_18(rid.to_15(number)) == number


def test_masking_keeps_six_and_four() -> None:
    assert mask("11010519491231002X") == "110105********002X"
    assert mask("110105491231002") == "110105*****1002"
    assert mask("11010519491231002X", first=1, last=1) == "1****************X"


@given(st.text(max_size=30), st.integers(0, 8), st.integers(0, 8))
def test_masking_never_shows_more_than_it_was_told(text: str, first: int, last: int) -> None:
    masked = mask(text, first=first, last=last)
    assert len(masked) == len(text)
    if len(text) <= first + last:
        assert set(masked) <= {"*"}
    else:
        assert set(masked[first : len(text) - last]) == {"*"}
