"""Code lists and parameters: dated data that officials edit."""

from __future__ import annotations

from dataclasses import dataclass, field

from yiwang.systems.model.base import NO_LABEL, Const, Label
from yiwang.systems.model.types import FieldType
from yiwang.systems.reading.places import NOWHERE, Place


@dataclass(frozen=True, slots=True)
class Code:
    """An entry of a code list; `from_` and `until` are ISO dates, the last day included."""

    code: str
    zh: str
    en: str = ""
    from_: str | None = None
    until: str | None = None
    parent: str | None = None
    successor: tuple[str, ...] = ()
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """A code list of the package.

    Attributes:
        use: the national standard whose list it is; its codes are then those of the vocabulary.
        codes: in the order written, retired ones last.
        file: a CSV of the package with columns `code,zh,en,parent,from,until,successor`.
    """

    id: str
    title: Label
    use: str | None = None
    codes: tuple[Code, ...] = ()
    file: str | None = None
    edition: str = ""
    levels: tuple[Label, ...] = ()
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    @property
    def values(self) -> frozenset[str]:
        """Every code that ever was in force."""
        return frozenset(one.code for one in self.codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterRow:
    """A dated value. `keys` holds the values of the parameter's `by`."""

    keys: dict[str, str] = field(default_factory=dict)
    from_: str
    until: str | None = None
    value: Const
    law: str = ""
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A local value with dates; a place without a row falls back to its parent division."""

    id: str
    title: Label
    type: FieldType
    edited_by: str
    rows: tuple[ParameterRow, ...]
    unit: Label = NO_LABEL
    by: tuple[str, ...] = ()
    place: Place = field(default=NOWHERE, compare=False, repr=False)
