"""The root of every error that a person or a calling system can meet.

One tree a block, each under one base that derives from `YwError`. The texts are templates over the keyword
arguments given when the error is raised; they say what is wrong and where (`message_*`) and what to do (`mend_*`).
"""

from __future__ import annotations

from typing import ClassVar

Fact = str | int | bool | None | list[str]
"""What an error may carry as a fact: plain values that serialise to JSON, never a personal value."""


class YwError(Exception):
    """Something went wrong that has a name, a text in both languages and a mend.

    Attributes:
        code: stable slug, documented in docs/reference/errors.md and never reused.
        permanent: whether repeating the same call unchanged can never succeed.
        facts: the values put into the texts, also given to callers as members of the problem document.
    """

    code: ClassVar[str] = "unexpected"
    permanent: ClassVar[bool] = True
    message_zh: ClassVar[str] = "发生意外错误。"
    message_en: ClassVar[str] = "An unexpected error occurred."
    mend_zh: ClassVar[str] = "请稍后重试；仍不行，请把请求编号告诉平台运维。"
    mend_en: ClassVar[str] = (
        "Try again later; if it persists, give the request id to the platform's operator."
    )

    def __init__(self, **facts: Fact) -> None:
        self.facts: dict[str, Fact] = facts
        super().__init__(f"{self.code}: {self.text('en')}")

    def text(self, language: str) -> str:
        """What is wrong, in `zh` or `en`."""
        return _fill(self.message_zh if language.startswith("zh") else self.message_en, self.facts)

    def mend(self, language: str) -> str:
        """What to do about it, in `zh` or `en`."""
        return _fill(self.mend_zh if language.startswith("zh") else self.mend_en, self.facts)


def _fill(template: str, facts: dict[str, Fact]) -> str:
    shown = {k: ("、".join(v) if isinstance(v, list) else v) for k, v in facts.items()}
    return template.format_map(_Shown(shown))


class _Shown(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "—"
