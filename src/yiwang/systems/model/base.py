"""What every part of a package is made of: labels, laws, durations, expressions, agencies."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Literal

from yiwang.systems.reading.nodes import Node, Plain
from yiwang.systems.reading.places import NOWHERE, Place

Level = Literal["nation", "province", "city", "county", "town", "village"]
Const = None | bool | int | float | str | tuple[str | int | float | bool, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """A name or a sentence in Chinese, and in English where given; a plain text in a package is Chinese."""

    zh: str
    en: str = ""
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    def text(self, language: str) -> str:
        """The name in `zh…` or `en`; English falls back to Chinese."""
        return self.zh if language.startswith("zh") or not self.en else self.en


@dataclass(frozen=True, slots=True)
class Law:
    """A legal basis: the text and, where given, its articles."""

    law: str
    article: str = ""


@dataclass(frozen=True, slots=True)
class Expr:
    """A CEL expression as written.

    Attributes:
        text: the expression.
        node: the text it stands in; gives the place of each of its characters.
        offset: where in that text it begins (inside `share(…)` or a notice's braces).
    """

    text: str
    node: Node = field(default=Node(None), compare=False, repr=False)
    offset: int = field(default=0, compare=False, repr=False)

    def at(self, character: int) -> Place:
        """The place of one of its characters."""
        return self.node.at(self.offset + character)

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.at(0)


UNITS: Final = ("min", "h", "wh", "d", "wd", "mo", "y")
_DURATION: Final = re.compile(r"(\d+)(min|h|wh|d|wd|mo|y)\Z")


@dataclass(frozen=True, slots=True)
class Duration:
    """A span of time: `min` and `h` of the clock, `wh` office hours, `d` days, `wd` working days, `mo`, `y`."""

    amount: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Read `10wd`.

        Raises:
            ValueError: where it has another form.
        """
        match = _DURATION.match(text)
        if match is None:
            raise ValueError(text)
        return cls(int(match[1]), match[2])

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


@dataclass(frozen=True, slots=True)
class Org:
    """Which agencies: of a kind, at levels, of a place; `any` means every agency.

    Attributes:
        at: expression giving a division.
        is_: expression giving the agency itself.
        provider: expression giving a record whose provider is meant.
    """

    kind: str = ""
    level: tuple[Level, ...] = ()
    at: Expr | None = None
    is_: Expr | None = None
    provider: Expr | None = None
    any: bool = False
    lead: str = ""
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """How often a service may be asked; None: no limit declared."""

    subjects_per_day: int | None = None
    attempts_per_subject: int | None = None
    per_subject_per_round: int | None = None


NO_LIMITS: Final = Limits()
NO_LABEL: Final = Label("")


@dataclass(frozen=True, slots=True)
class Raw:
    """A value kept as written, for what a later engine reads itself (rows of stories, constants)."""

    value: Plain
    node: Node = field(default=Node(None), compare=False, repr=False)
