"""统一社会信用代码, organisation codes and the numbers that came before."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.vocabulary import legacy_codes, organisation_code, travel_documents, uscc
from yiwang.vocabulary.identifiers import IdentifierEmpty, IdentifierError

TODAY = dt.date(2026, 11, 21)
bodies = st.builds(
    lambda head, region, inner: head + f"{region:06d}" + inner,
    st.text(uscc.ALPHABET, min_size=2, max_size=2),
    st.integers(0, 999999),
    st.text(uscc.ALPHABET, min_size=9, max_size=9),
)


@pytest.mark.parametrize(
    "code",
    [
        "91350100M000100Y43",
        "91110000600037341L",
        "914403001922038216",
        "91440300708461136T",
        "91330100799655058B",
        "91110000802100433B",
        "911100007109250324",
        "91110108551385082Q",
        "12100000400000624D",
        "11100000000013338W",
        "9111000010169286X1",
    ],
)
def test_known_codes_pass_with_their_organisation_code(code: str) -> None:
    found = uscc.parse_uscc(code, known_region=lambda region: True)
    assert (found.normalised, found.organisation_code, found.region) == (code, code[8:17], code[2:8])
    assert found.warnings == ()
    assert found.category is not None


def test_categories_are_named() -> None:
    category = uscc.parse_uscc("12100000400000624D").category
    assert category is not None
    assert (category.department, category.category) == ("机构编制", "事业单位")


@pytest.mark.parametrize(
    ("code", "error", "facts"),
    [
        ("914403007084611360", uscc.UsccCheck, {"expected": "T", "found": "0"}),
        ("91440300708461136", uscc.UsccLength, {"length": 17}),
        ("91440A00708461136T", uscc.UsccCharacter, {"position": 6, "found": "A"}),
        ("91440300708461136S", uscc.UsccCharacter, {"position": 18, "found": "S"}),
        ("Z1440300708461136T", uscc.UsccCharacter, {"position": 1, "found": "Z"}),
    ],
)
def test_each_fault_is_named_with_its_place(
    code: str, error: type[uscc.UsccError], facts: dict[str, object]
) -> None:
    with pytest.raises(error) as raised:
        uscc.parse_uscc(code)
    assert facts.items() <= raised.value.facts.items()


def test_a_look_alike_is_hinted_at_and_never_replaced() -> None:
    with pytest.raises(uscc.UsccCharacter) as raised:
        uscc.parse_uscc("9144O300708461136T")
    assert raised.value.facts["position"] == 5
    assert "是否应为“0”" in raised.value.text("zh")
    assert raised.value.facts["suggestions"] == ["91440300708461136T"]
    assert uscc.look_alike_candidates("91440300708461136T") == ()


def test_an_inner_code_that_fails_its_check_is_a_warning() -> None:
    body = "92370102MA3C00000"
    inner = body[8:17]
    assert organisation_code.check_character(inner[:8]) != inner[8]
    found = uscc.parse_uscc(body + uscc.check_character(body))
    assert uscc.ORGANISATION_CHECK in found.warnings


def test_unknown_categories_and_regions_are_warnings() -> None:
    body = "8Y999999M000100Y4"
    found = uscc.parse_uscc(body + uscc.check_character(body), known_region=lambda region: False)
    assert uscc.CATEGORY_UNKNOWN in found.warnings
    assert uscc.REGION_UNKNOWN in found.warnings


def test_the_national_registrar_is_no_unknown_region() -> None:
    found = uscc.parse_uscc("11100000000013338W", known_region=lambda region: False)
    assert found.warnings == ()


@given(bodies)
def test_a_well_formed_code_passes_also_when_written_carelessly(body: str) -> None:
    code = body + uscc.check_character(body)
    assert uscc.parse_uscc(code).normalised == code
    wide = "".join(chr(ord(character) + 0xFEE0) for character in code.lower())
    assert uscc.parse_uscc(f" {wide}\t").normalised == code


@given(bodies, st.integers(0, 17), st.sampled_from(uscc.ALPHABET))
def test_a_single_wrong_character_is_always_noticed(body: str, place: int, wrong: str) -> None:
    code = body + uscc.check_character(body)
    if code[place] != wrong:
        with pytest.raises(uscc.UsccError):
            uscc.parse_uscc(code[:place] + wrong + code[place + 1 :])


@given(st.text(max_size=24))
def test_no_text_breaks_any_of_the_readings(text: str) -> None:
    for read in (
        uscc.parse_uscc,
        organisation_code.parse_organisation_code,
        legacy_codes.parse_registration_number,
        legacy_codes.parse_institution_certificate,
        lambda value: legacy_codes.parse_tax_number(value, today=TODAY),
        lambda value: travel_documents.parse_document("passport", value),
    ):
        with contextlib.suppress(IdentifierError):
            read(text)


@pytest.mark.parametrize("written", ["D2143569-X", "MA1B3N1N-2"])
def test_organisation_codes_of_the_standard_pass(written: str) -> None:
    found = organisation_code.parse_organisation_code(written)
    assert (found.written, found.normalised) == (written, written.replace("-", ""))
    assert organisation_code.parse_organisation_code(found.normalised) == found


def test_organisation_code_faults_are_named() -> None:
    with pytest.raises(organisation_code.OrganisationCodeCheck) as raised:
        organisation_code.parse_organisation_code("D2143569-1")
    assert raised.value.facts == {"expected": "X", "found": "1"}
    with pytest.raises(organisation_code.OrganisationCodeLength):
        organisation_code.parse_organisation_code("D214356")
    with pytest.raises(organisation_code.OrganisationCodeCharacter) as bad:
        organisation_code.parse_organisation_code("D21#3569X")
    assert bad.value.facts["position"] == 4


@given(st.text(organisation_code.ALPHABET, min_size=8, max_size=8))
def test_an_organisation_code_s_check_character_is_a_digit_or_x(body: str) -> None:
    code = body + organisation_code.check_character(body)
    assert organisation_code.parse_organisation_code(code).normalised == code


@pytest.mark.parametrize("number", ["110108000000016", "440301103097413"])
def test_registration_numbers_pass_mod_11_10(number: str) -> None:
    found = legacy_codes.parse_registration_number(number)
    assert found.kind is legacy_codes.LegacyKind.REGISTRATION_15
    assert (found.region, found.registrant) == (number[:6], legacy_codes.Registrant.DOMESTIC)


def test_the_seventh_digit_says_who_is_registered() -> None:
    for digit, who in (("4", "foreign-invested"), ("6", "individual-trader")):
        body = "440301" + digit + "0000001"
        number = body + legacy_codes.registration_check_digit(body)
        assert legacy_codes.parse_registration_number(number).registrant == who


@given(st.text("0123456789", min_size=14, max_size=14), st.integers(0, 14), st.sampled_from("0123456789"))
def test_a_single_wrong_digit_of_a_registration_number_is_noticed(body: str, place: int, wrong: str) -> None:
    number = body + legacy_codes.registration_check_digit(body)
    if number[place] != wrong:
        with pytest.raises(legacy_codes.LegacyCodeCheck):
            legacy_codes.parse_registration_number(number[:place] + wrong + number[place + 1 :])


def test_an_enterprise_s_tax_number_leads_to_its_organisation_code() -> None:
    found = legacy_codes.parse_tax_number("440300192203821", today=TODAY)
    assert (found.kind, found.organisation_code) == (legacy_codes.LegacyKind.TAX_ENTERPRISE, "192203821")


@pytest.mark.parametrize("number", ["11010519491231002X", "11010519491231002X01"])
def test_a_person_s_tax_number_is_read_as_a_resident_id(number: str) -> None:
    found = legacy_codes.parse_tax_number(number, today=TODAY)
    assert found.person is not None
    assert found.person.normalised == "11010519491231002X"


def test_thirteen_digit_registration_and_certificate_numbers_have_a_form_and_no_check() -> None:
    old = legacy_codes.parse_registration_number("1101081234567")
    assert old.kind is legacy_codes.LegacyKind.REGISTRATION_13
    assert legacy_codes.parse_institution_certificate("137000000123").normalised == "137000000123"
    with pytest.raises(legacy_codes.LegacyCodeForm):
        legacy_codes.parse_institution_certificate("13700000012")


def test_travel_documents_are_known_by_form_and_marked_unverified() -> None:
    assert travel_documents.parse_document("passport", "e12345678") == "E12345678"
    assert travel_documents.parse_document("passport", "EA1234567") == "EA1234567"
    assert travel_documents.parse_document("hong-kong-macao-permit", "H1234567801") == "H1234567801"
    assert travel_documents.parse_document("taiwan-permit", "12345678") == "12345678"
    assert not any(form.verified for form in travel_documents.document_formats().values())
    assert [form.kind for form in travel_documents.looks_like("12345678")] == ["taiwan-permit"]
    with pytest.raises(travel_documents.DocumentForm):
        travel_documents.parse_document("passport", "H12345678")
    with pytest.raises(travel_documents.DocumentKindUnknown):
        travel_documents.parse_document("library-card", "1")
    with pytest.raises(IdentifierEmpty):
        travel_documents.parse_document("passport", " ")
