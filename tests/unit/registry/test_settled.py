"""A column that is copied as it stands is one whose every text is read back unchanged."""

from __future__ import annotations

from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st

from tests.store.registry.installing import field
from yiwang.blocks.registry.domain.compiled import System
from yiwang.blocks.registry.domain.labels import Label
from yiwang.blocks.registry.domain.settled import settled
from yiwang.blocks.registry.domain.values import ValueWrong, read

SYSTEM = System(id="x", title=Label("x"), version="1.0.0", owner="", entities=())
FIELDS = [
    field("a", "text", argument="6"), field("b", "long_text"), field("c", "serial", argument="S{n:4}"),
    field("d", "integer"), field("e", "money"), field("f", "decimal", argument="5,2", scale=2),
    field("g", "decimal", argument="38,0"), field("h", "decimal"), field("i", "phone"), field("j", "ref", argument="x"),
    field("k", "decimal", argument="2,2", scale=2),
]  # fmt: skip
CELLS = st.one_of(
    st.text(alphabet="01234567890-+.,eE_ １٣", max_size=24),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=9),
    st.from_regex(r"-?[0-9]{1,22}(\.[0-9]{1,3})?", fullmatch=True),
    st.sampled_from(["\\N", "a\tb", "a\nb", "\0", " a", "a ", "", "a|b", "-0", "0123", "9" * 19, "\u3000a", "13900000000"]),
)  # fmt: skip


@given(st.sampled_from(FIELDS), st.lists(CELLS, min_size=1, max_size=4))
@example(FIELDS[0], ["张三", "李四"])
@example(FIELDS[3], ["9" * 18])
@example(FIELDS[5], ["999.99", "-0.1"])
@example(FIELDS[6], ["9" * 38])
@example(FIELDS[10], ["0.25"])
def test_what_stands_as_it_is_is_read_back_unchanged(one: object, cells: list[str]) -> None:
    chosen = next(found for found in FIELDS if found is one)
    tells = settled(chosen)
    assert tells is not None
    if not tells(cells):
        return
    for cell in cells:
        assert cell
        assert not set(cell) & set("\\\t\r\n\0")
        assert str(read(SYSTEM, chosen, cell, date(2026, 11, 20))) == cell


def test_plain_columns_are_found_to_stand_as_they_are() -> None:
    plain = {"a": "张三", "b": "说明", "c": "S0001", "d": "-17", "e": "1200", "f": "12.50", "g": "7", "i": "0931-8800000",
             "j": "JZ1"}  # fmt: skip
    for one in FIELDS:
        if one.id in plain:
            tells = settled(one)
            assert tells is not None
            assert tells([plain[one.id]] * 3), one.id


def test_encrypted_and_coded_columns_are_always_read_cell_by_cell() -> None:
    assert settled(field("a", "text", encrypted=True)) is None
    for kind in ("code", "date", "resident_id", "boolean", "division"):
        assert settled(field("a", kind)) is None


@given(st.text(alphabet="0123456789.-", max_size=60))
def test_a_decimal_of_any_length_is_read_or_refused(text: str) -> None:
    for one in FIELDS:
        if one.kind == "decimal":
            try:
                found = read(SYSTEM, one, text, date(2026, 11, 20))
            except ValueWrong:
                continue
            assert found is None or isinstance(found, str)
