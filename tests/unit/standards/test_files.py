"""Files of elements and codes leave and come back the same, and columns of files are looked at with masked examples."""

from __future__ import annotations

import json
import string
from pathlib import Path

from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.standards.domain.registering import (
    Code,
    codes_csv,
    codes_from,
    element_problems,
    elements_csv,
    elements_from,
)
from yiwang.bootstrap.cli.standards import command
from yiwang.vocabulary.code_lists import code_list_ids
from yiwang.vocabulary.data_elements import CHECKS, TYPES, DataElement, national_elements

_words = st.text(string.ascii_letters + string.digits + "中文,\"'=+-@ ;", max_size=12).map(str.strip)
_elements = st.builds(
    DataElement, number=st.from_regex(r"[A-Z][A-Z0-9-]{1,8}", fullmatch=True), name=_words.filter(bool), name_en=_words,
    definition=_words, type=st.sampled_from(TYPES), format=_words, longest=st.integers(0, 999), pattern=_words,
    check=st.sampled_from(CHECKS), code_list=st.sampled_from(["", "sex"]), unit=_words, standard=_words, edition=_words,
    source=_words, verified=st.booleans(),
)  # fmt: skip


@given(st.lists(_elements, max_size=5, unique_by=lambda one: one.number))
def test_elements_leave_and_come_back_the_same(elements: list[DataElement]) -> None:
    found, problems = elements_from(elements_csv(elements).encode())
    assert problems == ()
    assert list(found) == elements


@given(
    st.lists(
        st.builds(Code, _words.filter(bool), _words.filter(bool), valid_from=st.none() | st.dates()),
        max_size=6,
    )
)
def test_codes_leave_and_come_back_the_same(codes: list[Code]) -> None:
    assert codes_from(codes_csv(codes).encode()) == (tuple(codes), ())


def test_the_national_elements_are_what_a_registry_would_take() -> None:
    known = set(code_list_ids())
    for one in national_elements().values():
        assert element_problems(one, lambda listed: listed in known) == (), one.number
        assert not one.verified or one.source


def test_a_file_is_counted_beside_its_elements_and_no_value_is_told(tmp_path: Path) -> None:
    file, report = tmp_path / "people.csv", tmp_path / "report.json"
    file.write_text(
        "sfzh,xb,csrq\n11010519491231002X,2,1949-12-31\n110105194912310021,1,19491231\n,7,1949年\n",
        encoding="utf-8",
    )
    pairs = ["--element", "sfzh=GB 11643", "--element", "xb=GB/T 2261.1", "--element", "csrq=GB/T 7408"]
    done = CliRunner().invoke(command, ["check", str(file), *pairs, "--report", str(report)])
    assert done.exit_code == 1
    told = json.loads(report.read_text(encoding="utf-8"))
    by_column = {one["column"]: one for one in told}
    assert (by_column["sfzh"]["rows"], by_column["sfzh"]["filled"]) == (3, 2)
    assert by_column["sfzh"]["demands"] == [
        {"kind": "check_digit", "tested": 2, "failed": 1, "shapes": [{"shape": "9" * 18, "rows": 1}]}
    ]
    assert by_column["xb"]["demands"][0]["failed"] == 1
    assert by_column["csrq"]["demands"] == [
        {"kind": "pattern", "tested": 3, "failed": 1, "shapes": [{"shape": "9999汉", "rows": 1}]}
    ]
    assert "110105194912310021" not in done.output + report.read_text(encoding="utf-8")


def test_an_element_that_is_not_there_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a\n1\n", encoding="utf-8")
    done = CliRunner().invoke(command, ["check", str(file), "--element", "a=DE-NONE"])
    assert "DE-NONE" in str(done.exception)
    wrong = CliRunner().invoke(command, ["check", str(file), "--element", "b=GB 11643"])
    assert "GB 11643" not in str(wrong.exception)
    assert "b" in str(wrong.exception)
    assert "GB 11643" in CliRunner().invoke(command, ["list"]).output
    assert json.loads(CliRunner().invoke(command, ["list", "--json"]).output)[0]["number"] == "GB 11643"
