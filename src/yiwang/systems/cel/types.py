"""Types of expressions, made from the declaration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

Fields = Callable[[], Mapping[str, "CelType"]]


@dataclass(frozen=True, slots=True)
class CelType:
    """The type of an expression.

    Attributes:
        kind: bool int double string date datetime time (either of the two) duration list map record null dyn.
        nullable: may be null.
        item: of a list its element, of a map its value.
        name: of a record, for messages, `system.entity` of an entity.
        fields: of a record, worked out when asked, because entities refer to each other.
        codes: the code list whose codes it holds, `system.list`.
        known: the codes of that list.
    """

    kind: str
    nullable: bool = False
    item: CelType | None = None
    name: str = ""
    fields: Fields | None = field(default=None, compare=False, repr=False)
    codes: str = ""
    known: frozenset[str] = field(default=frozenset(), compare=False, repr=False)

    def optional(self, nullable: bool = True) -> CelType:
        """The same type, nullable or not."""
        return self if self.nullable == nullable else replace(self, nullable=nullable)

    def members(self) -> Mapping[str, CelType]:
        """The fields of a record, empty for others."""
        return self.fields() if self.fields is not None else {}

    def words(self, language: str) -> str:
        """The type in words, in `zh` or `en`."""
        zh = language.startswith("zh")
        if self.kind == "list" and self.item is not None:
            return f"{self.item.words(language)}的列表" if zh else f"a list of {self.item.words(language)}"
        if self.codes or self.kind not in _WORDS:
            return str(self)
        return _WORDS[self.kind][0 if zh else 1]

    def __str__(self) -> str:
        text = self.kind
        if self.kind in ("list", "map"):
            text = f"{self.kind}({self.item})"
        elif self.kind == "record":
            text = self.name or "record"
        elif self.codes:
            text = f"code({self.codes.rpartition('.')[2]})"
        return f"{text}?" if self.nullable else text


_WORDS: Final = {
    "bool": ("真假条件", "a condition"), "int": ("整数", "a whole number"), "double": ("实数", "a real number"),
    "string": ("文字", "text"), "date": ("日期", "a date"), "datetime": ("时刻", "an instant"),
    "time": ("日期或时刻", "a date or instant"), "duration": ("时长", "a duration"), "map": ("键值表", "a map"),
    "dyn": ("任意值", "anything"),
}  # fmt: skip

BOOL: Final = CelType("bool")
INT: Final = CelType("int")
DOUBLE: Final = CelType("double")
STRING: Final = CelType("string")
DATE: Final = CelType("date")
DATETIME: Final = CelType("datetime")
TIME: Final = CelType("time")
DURATION: Final = CelType("duration")
NULL: Final = CelType("null", True)
DYN: Final = CelType("dyn")


def list_of(item: CelType) -> CelType:
    """A list."""
    return CelType("list", item=item)


def record(name: str, fields: Mapping[str, CelType]) -> CelType:
    """A record of known fields."""
    return CelType("record", name=name, fields=lambda: fields)


_TIMES: Final = frozenset(("date", "datetime", "time"))


def fits(found: CelType, wanted: CelType) -> bool:
    """Whether a value of `found` can stand where `wanted` is asked."""
    if "dyn" in (found.kind, wanted.kind) or found.kind == "null":
        return True
    if {found.kind, wanted.kind} <= _TIMES:
        return found.kind == wanted.kind or "time" in (found.kind, wanted.kind)
    if {found.kind, wanted.kind} == {"record", "string"}:
        return True  # a reference is compared with, and set by, the key of its record
    if found.kind == "record" and wanted.kind == "record":
        return not found.name or not wanted.name or found.name == wanted.name
    if found.kind in ("list", "map") and found.kind == wanted.kind:
        return found.item is None or wanted.item is None or fits(found.item, wanted.item)
    return found.kind == wanted.kind


def join(one: CelType, other: CelType) -> CelType | None:
    """The type that holds both, None where there is none."""
    if one.kind == "null":
        return other.optional()
    if other.kind == "null":
        return one.optional()
    if not fits(one, other):
        return None
    nullable = one.nullable or other.nullable
    if one.kind == "dyn":
        return other.optional(nullable)
    if one.kind == "list" and (one.item is None or one.item.kind == "dyn"):
        return other.optional(nullable)
    return (replace(one, codes="", known=frozenset()) if one.codes != other.codes else one).optional(nullable)
