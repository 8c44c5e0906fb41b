"""Names and sentences of a package that have no English: pages, figures, interfaces and tickets show them in both."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Final

from yiwang.systems.errors import EnglishMissing
from yiwang.systems.model.base import Label
from yiwang.systems.model.lists import Code, CodeList
from yiwang.systems.model.package import Package
from yiwang.systems.reading.nodes import Node
from yiwang.systems.reading.places import Place

SHOWN: Final = 3
"""So many of a file's names are told, with their lines."""
_CHINESE: Final = re.compile("[\u3400-\u9fff]")


def check_english(package: Package) -> Iterator[EnglishMissing]:
    """One warning a file, at the first of its names without English."""
    files: dict[str, list[tuple[Place, str]]] = {}
    for place, zh in _lacking(package):
        files.setdefault(place.file, []).append((place, zh))
    for found in files.values():
        found.sort(key=lambda one: (one[0].line, one[0].column))
        told = [f"{zh}（{place.line}）" for place, zh in found[:SHOWN]]
        told_en = [f"{zh} (line {place.line})" for place, zh in found[:SHOWN]]
        more = len(found) > SHOWN
        yield EnglishMissing(
            found[0][0], count=len(found), found="、".join(told) + ("……" if more else ""),
            found_en=", ".join(told_en) + (" …" if more else ""), expected_en="{zh: …, en: …}",
        )  # fmt: skip


def _lacking(value: object) -> Iterator[tuple[Place, str]]:
    match value:
        case Label() | Code():
            if not value.en and _CHINESE.search(value.zh):
                yield value.place, value.zh
        case CodeList() if value.use is not None:
            yield from _lacking(value.title)
        case tuple():
            for one in value:
                yield from _lacking(one)
        case Mapping():
            for one in value.values():
                yield from _lacking(one)
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, Node | Place):
            for part in dataclasses.fields(value):
                yield from _lacking(getattr(value, part.name))
