"""What stopped a job, in words, from the code and the facts that were kept."""

from __future__ import annotations

import msgspec

from yiwang.vocabulary.errors import Fact, YwError
from yiwang.vocabulary.kept_errors import kept_error

SCHEMA = (
    "来源的结构变窄了：{changes}。接受后按新结构继续。",
    "The source has narrowed: {changes}. Accept it to go on.",
)


def error_words(code: str, facts: object) -> tuple[str, str]:
    """What is wrong and what to do, in Chinese and English."""
    if code == "schema":
        told = msgspec.convert(facts, dict[str, Fact]).get("changes")
        changes = "、".join(told) if isinstance(told, list) else ""
        return SCHEMA[0].format(changes=changes), SCHEMA[1].format(changes=changes)
    error = kept_error(code, facts)
    return _said(error, "zh"), _said(error, "en")


def _said(error: YwError, language: str) -> str:
    parts = [error.text(language), error.mend(language)]
    return " ".join(parts) if language == "en" else "".join(parts)
