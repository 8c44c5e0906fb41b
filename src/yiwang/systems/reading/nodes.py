"""The tree of a file: maps, lists and scalars, each with its place and, for texts, the place of every character."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from yiwang.systems.reading.places import NOWHERE, Place

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]
"""What JSON can hold."""


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a file and where its lines begin."""

    file: str
    text: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, file: str, text: str) -> Source:
        """A source from its text."""
        starts = [0]
        starts.extend(i + 1 for i, c in enumerate(text) if c == "\n")
        return cls(file, text, tuple(starts))


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands.

    Attributes:
        value: a scalar, a list of nodes, or a map of nodes.
        keys: of a map, the place of each key.
        span: of a text, where in the source it begins and ends.
    """

    value: bool | int | float | str | list[Node] | dict[str, Node] | None
    place: Place = NOWHERE
    keys: dict[str, Place] = field(default_factory=dict)
    source: Source | None = None
    span: tuple[int, int] = (0, 0)

    def plain(self) -> Plain:
        """The value without places."""
        if isinstance(self.value, list):
            return [one.plain() for one in self.value]
        if isinstance(self.value, dict):
            return {key: one.plain() for key, one in self.value.items()}
        return self.value

    def get(self, *path: str | int) -> Node | None:
        """The node at a path of keys and numbers, None where there is none."""
        node: Node = self
        for step in path:
            below: Node | None = None
            if isinstance(node.value, dict) and isinstance(step, str):
                below = node.value.get(step)
            elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
                below = node.value[step]
            if below is None:
                return None
            node = below
        return node

    def items(self) -> Iterator[tuple[str, Node]]:
        """Keys and nodes of a map."""
        if isinstance(self.value, dict):
            yield from self.value.items()

    def at(self, offset: int) -> Place:
        """The place of a character of a text, quotes, escapes and folded lines reckoned with."""
        if self.source is None or not isinstance(self.value, str):
            return self.place
        raw, position, end = self.source.text, *self.span
        for number, wanted in enumerate(self.value):
            blank = wanted in " \n"
            while position < end and (raw[position] not in " \n" if blank else raw[position] != wanted):
                position += 1
            if number >= offset:
                break
            position += 1
            if blank:
                while (
                    position < end
                    and raw[position] in " \n"
                    and self.value[number + 1 : number + 2] not in (" ", "\n")
                ):
                    position += 1
        line = _line(self.source.starts, min(position, end))
        return Place(self.place.file, line + 1, min(position, end) - self.source.starts[line] + 1)


def _line(starts: tuple[int, ...], position: int) -> int:
    low, high = 0, len(starts) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if starts[middle] <= position:
            low = middle
        else:
            high = middle - 1
    return low


def from_plain(value: Plain, file: str) -> Node:
    """A tree from plain values, as a snapshot holds them; every place is the file."""
    place = Place(file)
    if isinstance(value, list):
        return Node([from_plain(one, file) for one in value], place)
    if isinstance(value, dict):
        return Node({k: from_plain(v, file) for k, v in value.items()}, place)
    return Node(value, place)
