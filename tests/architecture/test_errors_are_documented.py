"""Every error that can be met has a unique code, texts in both languages and a line in the documentation."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import yiwang
from yiwang.vocabulary.errors import YwError

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "errors.md"


def every_error() -> list[type[YwError]]:
    for module in pkgutil.walk_packages(yiwang.__path__, "yiwang."):
        if not re.search(r"(\.migrations\.|\.__main__$|\.wsgi$)", module.name):
            importlib.import_module(module.name)
    found: list[type[YwError]] = []
    waiting = [YwError]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        if kind.__module__.startswith("yiwang."):
            found.append(kind)
    return sorted(found, key=lambda kind: kind.code)


@pytest.fixture(scope="module")
def errors() -> list[type[YwError]]:
    return every_error()


def test_each_code_belongs_to_one_error(errors: list[type[YwError]]) -> None:
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
    chinese = re.compile(r"[\u4e00-\u9fff]")
    mute = [
        kind.code
        for kind in errors
        if not (chinese.search(kind.message_zh) and chinese.search(kind.mend_zh))
        or chinese.search(kind.message_en)
        or chinese.search(kind.mend_en)
    ]
    assert mute == []


def test_each_code_is_explained_in_the_reference(errors: list[type[YwError]]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    missing = sorted({kind.code for kind in errors if f"`{kind.code}`" not in page})
    assert missing == [], "run: ./yw manage errorpage, or python -m yiwang.bootstrap.errorpage"


def test_the_reference_explains_nothing_that_no_longer_exists(errors: list[type[YwError]]) -> None:
    codes = {kind.code for kind in errors}
    documented = set(re.findall(r"^\| `([a-z0-9-]+)` ", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert sorted(documented - codes) == []
