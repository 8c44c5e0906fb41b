"""English is the source of every text, Chinese is complete, and both survive without the gettext tools."""

from __future__ import annotations

import pytest
from django.utils import translation

from yiwang.portal import translations


def test_every_message_has_its_chinese() -> None:
    assert translations.missing() == []


def test_compiled_messages_are_what_the_catalogue_says() -> None:
    translations.compile_all()
    with translation.override("zh-hans"):
        assert translation.gettext("Skip to content") == "跳到正文"
    with translation.override("en"):
        assert translation.gettext("Skip to content") == "Skip to content"


def test_a_message_that_stands_alone_and_counts_too_is_told_since_one_of_them_stays_english(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both: dict[translations.Key, str] = {
        (None, "%(n)s more"): "a.html:1",
        (None, ("%(n)s more", "%(n)s more")): "b.html:2",
    }
    monkeypatch.setattr(translations, "messages_in_code", lambda: both)
    assert any("b.html:2: '%(n)s more' also stands alone" in one for one in translations.missing())
