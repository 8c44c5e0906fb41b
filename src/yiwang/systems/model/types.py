"""Types of fields, inputs and outputs, as `text(50)`, `code(sex)` or `ref(population.person)` write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal[
    "text", "long_text", "integer", "boolean", "date", "datetime", "money", "decimal", "duration", "code", "codes",
    "ref", "list", "serial", "division", "period", "address", "point", "geometry", "phone", "resident_id", "uscc",
    "org", "user", "file", "files", "signature", "resource", "evidence",
]  # fmt: skip

PLAIN_KINDS: Final[frozenset[str]] = frozenset((
    "text", "long_text", "integer", "boolean", "date", "datetime", "money", "decimal", "duration", "address", "point",
    "geometry", "phone", "resident_id", "uscc", "org", "user", "file", "files", "signature", "resource", "evidence",
))  # fmt: skip
_FORM: Final = re.compile(r"([a-z_]+)(?:\(([^)]*(?:\{[^}]*\}[^)]*)*)\))?\Z")


@dataclass(frozen=True, slots=True)
class FieldType:
    """A type of a package.

    Attributes:
        kind: what it is.
        argument: as written in the brackets: `50` of `text(50)`, the list, the entity, the level, the pattern.
    """

    kind: Kind
    argument: str = ""

    @classmethod
    def parse(cls, text: str) -> FieldType:
        """Read a type.

        Raises:
            ValueError: where it has another form.
        """
        match = _FORM.match(text)
        if match is None:
            raise ValueError(text)
        return cls(match[1], match[2] or "")  # type: ignore[arg-type]

    def __str__(self) -> str:
        return f"{self.kind}({self.argument})" if self.argument else self.kind

    @property
    def length(self) -> int | None:
        """Characters a text may have; None where unbounded."""
        return int(self.argument) if self.kind == "text" and self.argument else None

    @property
    def precision(self) -> tuple[int, int] | None:
        """Digits and digits after the point of a decimal."""
        if self.kind != "decimal" or not self.argument:
            return None
        digits, _, scale = self.argument.partition(",")
        return int(digits), int(scale)

    @property
    def code_list(self) -> str | None:
        """The code list of `code(x)` and `codes(x)`."""
        return self.argument if self.kind in ("code", "codes") else None

    @property
    def target(self) -> str | None:
        """The entity of `ref(x)`, `x` or `system.x`."""
        return self.argument if self.kind == "ref" else None

    @property
    def item(self) -> FieldType | None:
        """What a list holds: of `list(member)` a reference to the entity; of `codes(x)`, `code(x)`; of files, a file."""
        if self.kind == "list":
            return (
                FieldType.parse(self.argument)
                if self.argument in PLAIN_KINDS
                else FieldType("ref", self.argument)
            )
        if self.kind == "codes":
            return FieldType("code", self.argument)
        return FieldType("file") if self.kind == "files" else None
