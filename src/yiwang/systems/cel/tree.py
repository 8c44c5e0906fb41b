"""The syntax tree of an expression; `start` is the character it begins at."""

from __future__ import annotations

from dataclasses import dataclass

MACROS = frozenset(("all", "exists", "exists_one", "map", "filter"))


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant; `kind` is its CEL type."""

    value: bool | int | float | str | None
    kind: str
    start: int


@dataclass(frozen=True, slots=True)
class Name:
    """A variable."""

    name: str
    start: int


@dataclass(frozen=True, slots=True)
class Select:
    """A field of something; `start` is where the field's name begins."""

    of: Ast
    field: str
    start: int


@dataclass(frozen=True, slots=True)
class Index:
    """An element of a list or map."""

    of: Ast
    index: Ast
    start: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function or operator; `target` where it is written as a method."""

    function: str
    args: tuple[Ast, ...]
    start: int
    target: Ast | None = None


@dataclass(frozen=True, slots=True)
class Comprehension:
    """A macro over a list: all, exists, exists_one, filter, map."""

    macro: str
    over: Ast
    variable: str
    body: Ast
    start: int
    condition: Ast | None = None


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list written out."""

    items: tuple[Ast, ...]
    start: int


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map written out."""

    entries: tuple[tuple[Ast, Ast], ...]
    start: int


Ast = Literal | Name | Select | Index | Call | Comprehension | ListOf | MapOf


def path_of(tree: Ast) -> str | None:
    """`row.family.town` for a chain of selections from a variable, else None."""
    if isinstance(tree, Name):
        return tree.name
    if isinstance(tree, Select):
        head = path_of(tree.of)
        return f"{head}.{tree.field}" if head else None
    return None


def children(tree: Ast) -> tuple[Ast, ...]:
    """The parts of a tree."""
    if isinstance(tree, Select):
        return (tree.of,)
    if isinstance(tree, Index):
        return (tree.of, tree.index)
    if isinstance(tree, Call):
        return tree.args if tree.target is None else (tree.target, *tree.args)
    if isinstance(tree, Comprehension):
        return (tree.over, tree.body) if tree.condition is None else (tree.over, tree.condition, tree.body)
    if isinstance(tree, ListOf):
        return tree.items
    if isinstance(tree, MapOf):
        return tuple(one for entry in tree.entries for one in entry)
    return ()
