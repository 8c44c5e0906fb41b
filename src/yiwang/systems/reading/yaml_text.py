"""YAML 1.2 core, of the careful kind.

Events come from libyaml; what a plain scalar means is decided here, because the parser's own resolver is of YAML 1.1,
which reads dates, `on` and `yes` as other things. Anchors, aliases, tags and second documents are refused (so no text
can grow), keys may not repeat, and size, depth and number of nodes are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import yaml

from yiwang.systems.errors import KeyTwice, NumberAmbiguous, PackageFault, TooLarge, YamlBroken, YamlRefused
from yiwang.systems.reading.nodes import Node, Source
from yiwang.systems.reading.places import Place

MAX_BYTES: Final = 1_048_576
MAX_DEPTH: Final = 40
MAX_NODES: Final = 200_000

_NULL: Final = frozenset(("", "~", "null", "Null", "NULL"))
_BOOL: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT: Final = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL: Final = re.compile(r"0o[0-7]+\Z")
_HEX: Final = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")


class _Stop(Exception):
    def __init__(self, fault: PackageFault) -> None:
        self.fault = fault


def read_yaml(file: str, content: bytes) -> tuple[Node | None, list[PackageFault]]:
    """Read one document.

    Args:
        file: its name inside the package, put into places.
        content: UTF-8, at most `MAX_BYTES`.

    Returns:
        The tree (None where nothing could be read) and every fault found.
    """
    if len(content) > MAX_BYTES:
        return None, [
            TooLarge(
                Place(file),
                expected=f"文件不得超过 {MAX_BYTES} 字节",
                expected_en=f"a file may not exceed {MAX_BYTES} bytes",
                found=f"{len(content)}",
            )
        ]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return None, [YamlBroken(Place(file, line, 1), found="not UTF-8")]
    reading = _Reading(Source.of(file, text))
    try:
        return reading.document(), reading.faults
    except _Stop as stop:
        return None, [*reading.faults, stop.fault]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
        return None, [*reading.faults, YamlBroken(place, found=str(problem))]


class _Reading:
    """One pass over the events of a text."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.faults: list[PackageFault] = []
        self.count = 0
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.events: Iterator[yaml.Event] = iter(yaml.parse(source.text, Loader=loader))

    def document(self) -> Node | None:
        node: Node | None = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self.refused(event, "多个文档", "several documents", "---")
                node = self.node(next(self.events), 0)
        return node

    def place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        return Place(self.source.file, mark.line + 1, mark.column + 1) if mark else Place(self.source.file)

    def refused(self, event: yaml.Event, expected: str, expected_en: str, found: str) -> _Stop:
        return _Stop(YamlRefused(self.place(event), expected=expected, expected_en=expected_en, found=found))

    def node(self, event: yaml.Event, depth: int) -> Node:
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_NODES:
            raise _Stop(
                TooLarge(
                    self.place(event),
                    expected=f"层数不得超过 {MAX_DEPTH}、节点不得超过 {MAX_NODES}",
                    expected_en=f"at most {MAX_DEPTH} levels and {MAX_NODES} nodes",
                    found=f"{depth}/{self.count}",
                )
            )
        if isinstance(event, yaml.AliasEvent):
            raise self.refused(event, "别名", "aliases", f"*{event.anchor}")
        if getattr(event, "anchor", None):
            raise self.refused(event, "锚点", "anchors", f"&{event.anchor}")  # type: ignore[attr-defined]
        if getattr(event, "tag", None) not in (None, "!"):
            raise self.refused(event, "标签", "tags", str(event.tag))  # type: ignore[attr-defined]
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(event, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(event, depth)
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event)
        raise self.refused(event, "该结构", "this", type(event).__name__)

    def mapping(self, start: yaml.Event, depth: int) -> Node:
        value: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag not in (None, "!"):
                raise self.refused(event, "复合键", "keys that are not text", "?")
            if event.value == "<<" and event.implicit[0]:
                raise self.refused(event, "合并键", "merge keys", "<<")
            place = self.place(event)
            node = self.node(next(self.events), depth + 1)
            if event.value in value:
                self.faults.append(KeyTwice(place, found=event.value, first=keys[event.value].line))
                continue
            value[event.value], keys[event.value] = node, place
        return Node(value, self.place(start), keys)

    def sequence(self, start: yaml.Event, depth: int) -> Node:
        value: list[Node] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            value.append(self.node(event, depth + 1))
        return Node(value, self.place(start))

    def scalar(self, event: yaml.ScalarEvent) -> Node:
        place = self.place(event)
        value: bool | int | float | str | None = event.value
        if event.implicit[0] and event.style in (None, ""):
            value = self.plain(event.value, place)
        start, end = event.start_mark, event.end_mark
        if start is None or end is None:
            return Node(value, place)
        span = (start.index, end.index)
        if event.style in ("'", '"'):
            span = (span[0] + 1, span[1])
        elif event.style in ("|", ">"):
            line = self.source.starts[min(start.line + 1, len(self.source.starts) - 1)]
            span = (line, span[1])
        return Node(value, place, {}, self.source, span)

    def plain(self, text: str, place: Place) -> bool | int | float | str | None:
        if text in _NULL:
            return None
        if text in _BOOL:
            return _BOOL[text]
        if _INT.match(text):
            digits = text.lstrip("+-")
            if len(digits) > 1 and digits[0] == "0":
                self.faults.append(NumberAmbiguous(place, found=text))
                return text
            return int(text) if len(digits) <= 18 else text
        if _OCTAL.match(text):
            return int(text[2:], 8)
        if _HEX.match(text):
            return int(text[2:], 16)
        if _FLOAT.match(text):
            return float(text)
        return text
