"""Undocumented means failing: errors, commands, settings and pages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from yiwang.bootstrap import docpages
from yiwang.vocabulary.errors import YwError

ROOT = Path(__file__).resolve().parents[2]
STALE = "run: .venv/bin/python -m yiwang.bootstrap.docpages"
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def errors() -> list[type[YwError]]:
    return docpages.every_error()


def test_each_error_code_belongs_to_one_error(errors: list[type[YwError]]) -> None:
    seen: dict[str, str] = {}
    twice = []
    for kind in errors:
        if "code" not in kind.__dict__:
            continue
        where = f"{kind.__module__}.{kind.__name__}"
        if kind.code in seen:
            twice.append(f"{kind.code}: {seen[kind.code]} and {where}")
        seen[kind.code] = where
    assert twice == []


def test_each_error_speaks_both_languages(errors: list[type[YwError]]) -> None:
    mute = [
        f"{kind.__module__}.{kind.__name__}"
        for kind in errors
        if not (HAN.search(kind.message_zh) and HAN.search(kind.mend_zh))
        or HAN.search(kind.message_en)
        or HAN.search(kind.mend_en)
    ]
    assert mute == []


@pytest.mark.parametrize("name", ["reference/errors.md", "reference/commands.md"])
def test_pages_made_from_the_code_are_up_to_date(name: str, errors: list[type[YwError]]) -> None:
    assert errors
    assert (docpages.DOCS / name).read_text(encoding="utf-8") == docpages.pages()[name], STALE


def test_the_index_lists_every_page() -> None:
    assert (docpages.DOCS / "README.md").read_text(encoding="utf-8") == docpages.index(), STALE


def test_every_setting_is_explained() -> None:
    page = (docpages.DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    named = re.compile(r"[\"'](YW_[A-Z_]+)[\"']")
    used = {
        name
        for file in (ROOT / "src").rglob("*.py")
        for name in named.findall(file.read_text(encoding="utf-8"))
    }
    assert sorted(name for name in used if f"`{name}`" not in page) == []


def test_links_in_the_documentation_lead_somewhere() -> None:
    link = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)")
    code = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
    pages = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "README.zh-CN.md"]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in link.findall(code.sub("", page.read_text(encoding="utf-8")))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_each_fault_names_tests_that_are_there_and_says_which_take_long() -> None:
    page = (docpages.DOCS / "reference" / "faults.md").read_text(encoding="utf-8")
    told = re.findall(r"\| `(tests/\S+\.py)::(test_\w+)`( \*\*long\*\*)? \|", page)
    assert (
        len(told) == page.count("`tests/") == len(re.findall(r"^\| (?!what is hit)[^-]", page, re.MULTILINE))
    )
    wrong = []
    for file, name, long in told:
        path = ROOT / file
        found = ast.parse(path.read_text(encoding="utf-8")).body if path.exists() else []
        made = [
            one
            for one in found
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name == name
        ]
        marks = {ast.unparse(mark) for one in made for mark in one.decorator_list}
        if not made or bool(long) != ("pytest.mark.long" in marks):
            wrong.append(f"{file}::{name}")
    assert wrong == []


def test_each_long_test_of_a_fault_stands_in_the_table() -> None:
    page = (docpages.DOCS / "reference" / "faults.md").read_text(encoding="utf-8")
    missing = []
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for one in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
                place = f"{file.relative_to(ROOT)}::{one.name}"
                long = "pytest.mark.long" in {ast.unparse(mark) for mark in one.decorator_list}
                if long and f"`{place}`" not in page:
                    missing.append(place)
    assert missing == []
