"""YAML 1.2 with places: what scalars mean, what is refused, and that no text makes the reader fail."""

from __future__ import annotations

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from yiwang.systems.errors import PackageFault, TooLarge
from yiwang.systems.reading.nodes import Node, Plain
from yiwang.systems.reading.yaml_text import MAX_BYTES, MAX_DEPTH, read_yaml


def read(text: str) -> tuple[Plain, list[PackageFault]]:
    node, faults = read_yaml("f.yaml", text.encode())
    return (node.plain() if node else None), faults


def test_dates_and_the_words_of_yaml_1_1_are_text() -> None:
    plain, faults = read("{a: 2026-01-31, b: on, c: yes, d: N, e: true, f: ~, g: 1_000, h: 12:30}")
    assert faults == []
    assert plain == {
        "a": "2026-01-31",
        "b": "on",
        "c": "yes",
        "d": "N",
        "e": True,
        "f": None,
        "g": "1_000",
        "h": "12:30",
    }


def test_numbers_are_those_of_the_core_schema() -> None:
    plain, _ = read("[1, -2, 0x1f, 0o17, 1.5, .5, 1e3]")
    assert plain == [1, -2, 31, 15, 1.5, 0.5, 1000.0]


def test_quoted_scalars_are_text_always() -> None:
    assert read("['1', \"true\", '']")[0] == ["1", "true", ""]


def test_a_key_written_twice_is_a_fault_with_both_places() -> None:
    _, faults = read("a: 1\nb: 2\na: 3\n")
    assert [(one.code, one.place.line, one.facts["first"]) for one in faults] == [("package-key-twice", 3, 1)]


def test_growth_is_refused() -> None:
    for text in (
        "a: &x [1]\nb: *x",
        "a: *x",
        "<<: {a: 1}",
        "a: !!binary aGk=",
        "? [a]\n: 1",
        "a: 1\n---\nb: 2",
    ):
        _, faults = read(text)
        assert [one.code for one in faults][-1:] == ["package-yaml-refused"] or faults[
            -1
        ].code == "package-yaml-broken"


def test_size_and_depth_are_bounded() -> None:
    assert isinstance(read_yaml("f", b" " * (MAX_BYTES + 1))[1][0], TooLarge)
    assert isinstance(read("[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2))[1][0], TooLarge)


def test_text_that_is_not_utf_8_is_a_fault_with_its_line() -> None:
    _, faults = read_yaml("f", b"a: 1\nb: \xff\n")
    assert (faults[0].code, faults[0].place.line) == ("package-yaml-broken", 2)


def character(text: str, key: str, offset: int) -> tuple[int, int]:
    node, _ = read_yaml("f", text.encode())
    assert node is not None
    found = node.get(key)
    assert isinstance(found, Node)
    place = found.at(offset)
    return place.line, place.column


def test_every_character_of_a_text_has_its_place() -> None:
    assert character("a: row.b > 1", "a", 4) == (1, 8)
    assert character('a: "row.b > 1"', "a", 4) == (1, 9)
    assert character('a: "x \\" row.b"', "a", 4) == (1, 10)
    assert character("a: >-\n  one two\n  three", "a", 8) == (3, 3)
    assert character("a: |\n  one\n  two\n", "a", 4) == (3, 3)


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(value=plain_values)
def test_what_is_written_quoted_is_read_back(value: Plain) -> None:
    import json

    text = json.dumps(value, ensure_ascii=True)
    try:
        list(yaml.parse(text))
    except yaml.YAMLError:
        return
    if any(0xD800 <= ord(c) <= 0xDFFF for c in json.dumps(value, ensure_ascii=False)):
        return
    if "\\ud" in text:
        return
    got, faults = read(text)
    assert faults == []
    assert got == value


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet=st.sampled_from("ab:[]{}-\n \"'#&*!|>%@`,?0.1~中"), max_size=60))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    node, faults = read_yaml("f", text.encode())
    if node is not None:
        node.plain()
    assert all(one.place.line >= 1 for one in faults)
