"""From a validated tree to the classes of the model, by their type hints."""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any, Final, TypeVar

from yiwang.systems.model.access import Measure, Of, View
from yiwang.systems.model.base import Duration, Expr, Label, Law, Org, Raw
from yiwang.systems.model.entities import Disclosure
from yiwang.systems.model.exchange import Fusion, Story
from yiwang.systems.model.forms import FormField, Satisfy
from yiwang.systems.model.lists import ParameterRow
from yiwang.systems.model.package import Calendar
from yiwang.systems.model.processes import Branch, Process, Span
from yiwang.systems.model.types import FieldType
from yiwang.systems.reading.nodes import Node

T = TypeVar("T")
_RENAMED: Final[dict[tuple[type, str], str]] = {
    (Process, "place"): "place_of",
    (Calendar, "place"): "place_code",
    (Fusion, "place"): "place_code",
    (Story, "place"): "place_code",
    (View, "place"): "place_field",
}
_LISTED: Final = (tuple, frozenset)


def decode(cls: type[T], node: Node) -> T:
    """Build `cls` of a node that its schema has found in order."""
    made: T = _object(cls, node)
    return made


def _object(cls: type[Any], node: Node) -> Any:
    special = _SPECIAL.get(cls)
    if special is not None:
        return special(node)
    return _fields(cls, node)


def _fields(cls: type[Any], node: Node, **given: Any) -> Any:
    hints, names = _shape(cls)
    values: dict[str, Any] = dict(given)
    for key, child in node.items():
        name = _RENAMED.get((cls, key)) or (key + "_" if key + "_" in names else key)
        if name != "place" and name in names and name not in values:
            values[name] = _value(hints[name], child)
    if "place" in names and "place" not in values:
        values["place"] = node.place
    return cls(**values)


_SHAPES: dict[type[Any], tuple[dict[str, Any], frozenset[str]]] = {}


def _shape(cls: type[Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """Type hints and names of the fields, worked out once a class."""
    if cls not in _SHAPES:
        _SHAPES[cls] = typing.get_type_hints(cls), frozenset(one.name for one in dataclasses.fields(cls))
    return _SHAPES[cls]


def _value(hint: Any, node: Node) -> Any:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        arms = [one for one in typing.get_args(hint) if one is not type(None)]
        if len(arms) == 1 and node.value is not None:
            return _value(arms[0], node)
        return _constant(node)
    if origin in _LISTED:
        inner = typing.get_args(hint)
        each = node.value if isinstance(node.value, list) else [node]
        if len(inner) == 2 and inner[1] is not Ellipsis:
            return tuple(_value(kind, one) for kind, one in zip(inner, each, strict=False))
        return tuple(_value(inner[0], one) for one in each)
    if origin is dict:
        return {key: _value(typing.get_args(hint)[1], child) for key, child in node.items()}
    if hint is str:
        return str(node.value)
    if hint is float:
        return float(node.value) if isinstance(node.value, int | float) else node.value
    if hint in (int, bool) or origin is typing.Literal:
        return node.value
    return _object(hint, node)


def _constant(node: Node) -> Any:
    if isinstance(node.value, list):
        return tuple(one.value for one in node.value)
    return node.value


def _label(node: Node) -> Label:
    return (
        Label(str(node.value), place=node.place) if not isinstance(node.value, dict) else _fields(Label, node)
    )


def _law(node: Node) -> Law:
    return Law(str(node.value)) if not isinstance(node.value, dict) else _fields(Law, node)


def _disclosure(node: Node) -> Disclosure:
    if isinstance(node.value, dict):
        made: Disclosure = _fields(Disclosure, node)
        return made
    return Disclosure("delayed" if node.value == "delayed" else "immediate")


def _measure(node: Node) -> Measure:
    text = str(node.value)
    head, bracket, _ = text.partition("(")
    if not bracket:
        return Measure("count")
    return Measure(head, Expr(text[len(head) + 1 : -1], node, len(head) + 1))  # type: ignore[arg-type]


def _span(node: Node) -> Span:
    if isinstance(node.value, dict):
        made: Span = _fields(Span, node)
        return made
    return Span(constant=Duration.parse(str(node.value)), place=node.place)


def _branch(node: Node) -> Branch:
    if isinstance(node.value, dict):
        made: Branch = _fields(Branch, node)
        return made
    return Branch(step=str(node.value))


def _satisfy(node: Node) -> Satisfy:
    for kind, child in node.items():
        return Satisfy(kind, str(child.value))  # type: ignore[arg-type]
    return Satisfy("upload")


def _form_field(node: Node) -> FormField:
    given: dict[str, Any] = {"type": None}
    written = node.get("type")
    if written is None:
        given["kind"] = "group"
    elif written.value in ("check", "related"):
        given["kind"] = written.value
    else:
        given["type"] = FieldType.parse(str(written.value))
    made: FormField = _fields(FormField, node, **given)
    return made


def _parameter_row(node: Node) -> ParameterRow:
    own = ("from", "until", "value", "law")
    keys = {key: str(child.value) for key, child in node.items() if key not in own}
    made: ParameterRow = _fields(ParameterRow, node, keys=keys)
    return made


_SPECIAL: Final[dict[type[Any], Any]] = {
    Label: _label,
    Law: _law,
    Expr: lambda node: Expr(str(node.value), node),
    Duration: lambda node: Duration.parse(str(node.value)),
    FieldType: lambda node: FieldType.parse(str(node.value)),
    Of: lambda node: Of.parse(str(node.value)),
    Raw: lambda node: Raw(node.plain(), node),
    Org: lambda node: _fields(Org, node),
    Disclosure: _disclosure,
    Measure: _measure,
    Span: _span,
    Branch: _branch,
    Satisfy: _satisfy,
    FormField: _form_field,
    ParameterRow: _parameter_row,
}
