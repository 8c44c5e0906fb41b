"""What must hold of the tree itself: length, names, language, secrets."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 400
FORBIDDEN_NAMES = {"util", "utils", "helper", "helpers", "misc", "common", "manager", "managers"}
CODE = {".py", ".html", ".css", ".js"}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [path for name in listed.decode().split("\0") if name and (path := ROOT / name).exists()]


FILES = tracked()


def test_no_code_file_is_longer_than_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in FILES
        if path.suffix in CODE and "migrations" not in path.parts
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}


def test_every_room_has_a_name_of_its_own() -> None:
    nameless = [
        str(p.relative_to(ROOT)) for p in FILES if FORBIDDEN_NAMES & {p.stem, *p.relative_to(ROOT).parts[:-1]}
    ]
    assert nameless == []


def test_translatable_texts_in_code_are_english() -> None:
    chinese = re.compile(r"(?:\b_|gettext|gettext_lazy|ngettext|pgettext)\(\s*f?[\"'][^\"']*[\u4e00-\u9fff]")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in FILES
        if path.suffix == ".py" and "tests" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if chinese.search(line)
    ]
    assert found == []


def test_nothing_is_left_unfinished_in_the_source() -> None:
    unfinished = re.compile(r"\b(?:TODO|FIXME|XXX)\b(?=:|\()|NotImplementedError")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in FILES
        if "src" in path.parts and path.suffix in CODE
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if unfinished.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "pattern", [r"BEGIN (EC |ENCRYPTED )?PRIVATE KEY", r"registry\.npmjs", r"files\.pythonhosted"]
)
def test_no_key_and_no_download_address_is_kept(pattern: str) -> None:
    banned = re.compile(pattern)
    here = Path(__file__)
    found = []
    for path in FILES:
        if path == here or path.suffix in {".png", ".gz", ".woff2", ".xz"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if banned.search(text) and "test-only" not in text:
            found.append(str(path.relative_to(ROOT)))
    assert found == []
