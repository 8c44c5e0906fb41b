"""English is the source of every text, Chinese is complete, and both survive without the gettext tools."""

from __future__ import annotations

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
