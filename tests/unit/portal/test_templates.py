"""What must hold of every template: it compiles, runs no inline script or style, and uses what exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

from yiwang.portal.icons import ICONS

FOLDER = Path(__file__).resolve().parents[3] / "src" / "yiwang" / "portal" / "templates"
TEMPLATES = sorted(FOLDER.rglob("*.html"))
NAMES = [str(path.relative_to(FOLDER)) for path in TEMPLATES]


@pytest.mark.parametrize("name", NAMES)
def test_each_template_compiles(name: str) -> None:
    get_template(name)


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_no_template_needs_a_hole_in_the_security_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "inline script"
    assert not re.search(r"\sstyle=|<style\b", text), "inline style"
    assert not re.search(r"\son[a-z]+=\"", text), "inline handler"
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text), "something from elsewhere"
    assert not re.search(r"#[0-9a-fA-F]{6}\b", text), "a colour outside the tokens"


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_icons_named_in_templates_are_in_the_list(path: Path) -> None:
    used = set(re.findall(r"\{% icon \"([a-z0-9-]+)\"", path.read_text(encoding="utf-8")))
    assert used <= set(ICONS)


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_forms_that_post_carry_the_token(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.DOTALL):
        assert "csrf_token" in form
