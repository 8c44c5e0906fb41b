"""What stopped a job, in words, from the code and the facts that were kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from yiwang.vocabulary.errors import Fact, YwError

SCHEMA = (
    "来源的结构变窄了：{changes}。接受后按新结构继续。",
    "The source has narrowed: {changes}. Accept it to go on.",
)


def error_words(code: str, facts: object) -> tuple[str, str]:
    """What is wrong and what to do, in Chinese and English."""
    held = msgspec.convert(facts, dict[str, Fact])
    if code == "schema":
        told = held.get("changes")
        changes = "、".join(told) if isinstance(told, list) else ""
        return SCHEMA[0].format(changes=changes), SCHEMA[1].format(changes=changes)
    kind = _kinds().get(code, YwError)
    return _said(kind, held, "zh"), _said(kind, held, "en")


def _said(kind: type[YwError], facts: Mapping[str, Fact], language: str) -> str:
    error = YwError.__new__(kind)
    error.facts = dict(facts)
    parts = [error.text(language), error.mend(language)]
    return " ".join(parts) if language == "en" else "".join(parts)


def _kinds() -> dict[str, type[YwError]]:
    found: dict[str, type[YwError]] = {}
    for kind in _below(YwError):
        found.setdefault(kind.code, kind)
    return found


def _below(kind: type[YwError]) -> Iterator[type[YwError]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
