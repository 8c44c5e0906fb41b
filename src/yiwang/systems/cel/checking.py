"""The type checker: every name, field, operator and function of an expression against the declaration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from yiwang.systems.cel.functions import SIGNATURES, Signature
from yiwang.systems.cel.parsing import RESERVED
from yiwang.systems.cel.tree import Ast, Call, Comprehension, Index, ListOf, MapOf, Name, Select, path_of
from yiwang.systems.cel.tree import Literal as Constant
from yiwang.systems.cel.types import (
    BOOL,
    DATETIME,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    NULL,
    STRING,
    CelType,
    fits,
    join,
    list_of,
)

_SCALARS: Final = {"bool": BOOL, "int": INT, "double": DOUBLE, "string": STRING, "null": NULL}
_TIMES: Final = ("date", "datetime", "time")
_ORDERED: Final = ("int", "double", "string", "duration", "bool", "dyn", *_TIMES)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a character: names, types, codes, or only a warning about empty values."""

    kind: Literal["name", "type", "code", "nullable"]
    start: int
    expected: str
    expected_en: str
    found: str
    known: tuple[str, ...] = ()


@dataclass(slots=True)
class Checked:
    """The outcome: type, problems, and the type of every node by its identity."""

    type: CelType
    problems: list[Problem] = field(default_factory=list)
    types: dict[int, CelType] = field(default_factory=dict)


def check(tree: Ast, variables: Mapping[str, CelType], extra: Iterable[Signature] = ()) -> Checked:
    """Check a tree; `extra` adds functions that only this place has."""
    checker = _Checker({**_by_name(), **_grouped(extra)})
    made = checker.type(tree, dict(variables), frozenset())
    return Checked(made, checker.problems, checker.types)


def _grouped(signatures: Iterable[Signature]) -> dict[str, list[Signature]]:
    found: dict[str, list[Signature]] = {}
    for one in signatures:
        found.setdefault(one.name, []).append(one)
    return found


def _by_name() -> dict[str, list[Signature]]:
    return _grouped(SIGNATURES)


class _Checker:
    def __init__(self, functions: Mapping[str, list[Signature]]) -> None:
        self.functions = functions
        self.problems: list[Problem] = []
        self.types: dict[int, CelType] = {}

    def wrong(self, tree: Ast, expected: str, expected_en: str, found: object) -> CelType:
        self.problems.append(Problem("type", tree.start, expected, expected_en, str(found)))
        return DYN

    def type(self, tree: Ast, scope: dict[str, CelType], present: frozenset[str]) -> CelType:
        made = self._type(tree, scope, present)
        if made.nullable and path_of(tree) in present:
            made = made.optional(False)
        self.types[id(tree)] = made
        return made

    def _type(self, tree: Ast, scope: dict[str, CelType], present: frozenset[str]) -> CelType:
        match tree:
            case Constant():
                return _SCALARS[tree.kind]
            case Name():
                return self.name(tree, scope)
            case Select():
                return self.select(tree, self.type(tree.of, scope, present))
            case Index():
                return self.index(
                    tree, self.type(tree.of, scope, present), self.type(tree.index, scope, present)
                )
            case ListOf():
                return self.list_type(tree, scope, present)
            case MapOf():
                values = [self.type(value, scope, present) for key, value in tree.entries]
                for key, _ in tree.entries:
                    self.type(key, scope, present)
                return CelType("map", item=values[0] if values else DYN)
            case Comprehension():
                return self.comprehension(tree, scope, present)
            case Call():
                return self.call(tree, scope, present)

    def name(self, tree: Name, scope: Mapping[str, CelType]) -> CelType:
        if tree.name in scope:
            return scope[tree.name]
        known = tuple(sorted(scope))
        self.problems.append(Problem("name", tree.start, "变量", "variable", tree.name, known))
        return DYN

    def select(self, tree: Select, of: CelType) -> CelType:
        if of.kind == "dyn":
            return DYN
        if of.kind == "map":
            return of.item or DYN
        members = of.members()
        if of.kind != "record":
            return self.wrong(tree, "有字段的记录", "a record with fields", of)
        if tree.field in members:
            found = members[tree.field]
            return found.optional(found.nullable or of.nullable)
        known = tuple(sorted(members))
        self.problems.append(
            Problem("name", tree.start, f"{of.name} 的字段", f"field of {of.name}", tree.field, known)
        )
        return DYN

    def index(self, tree: Index, of: CelType, index: CelType) -> CelType:
        if of.kind == "list":
            if not fits(index, INT):
                self.wrong(tree.index, "整数序号", "a whole number", index)
            return of.item or DYN
        if of.kind == "map":
            return of.item or DYN
        return DYN if of.kind == "dyn" else self.wrong(tree, "列表或键值表", "a list or map", of)

    def list_type(self, tree: ListOf, scope: dict[str, CelType], present: frozenset[str]) -> CelType:
        item: CelType | None = None
        for one in tree.items:
            found = self.type(one, scope, present)
            both = found if item is None else join(item, found)
            if both is None:
                self.wrong(one, f"与前项同类（{item}）", f"the type of the items before it ({item})", found)
                both = DYN
            item = both
        return list_of(item or DYN)

    def comprehension(
        self, tree: Comprehension, scope: dict[str, CelType], present: frozenset[str]
    ) -> CelType:
        over = self.type(tree.over, scope, present)
        if over.kind not in ("list", "dyn", "map"):
            self.wrong(tree, "列表", "a list", over)
        if tree.variable in RESERVED or tree.variable in scope:
            self.wrong(tree, "尚未使用的变量名", "a variable name not in use", tree.variable)
        inner = {**scope, tree.variable: (over.item or DYN) if over.kind == "list" else DYN}
        known = present
        if tree.condition is not None:
            self.bool(tree.condition, inner, present)
            known = present | _present(tree.condition, True)
        body = self.type(tree.body, inner, known | _guarded(tree))
        if tree.macro == "map":
            return list_of(body)
        if not fits(body, BOOL):
            self.wrong(tree.body, "真假条件", "a condition", body)
        return over if tree.macro == "filter" else BOOL

    def bool(self, tree: Ast, scope: dict[str, CelType], present: frozenset[str]) -> None:
        found = self.type(tree, scope, present)
        if not fits(found, BOOL):
            self.wrong(tree, "真假条件", "a condition", found)

    def call(self, tree: Call, scope: dict[str, CelType], present: frozenset[str]) -> CelType:
        name = tree.function
        if name in ("&&", "||"):
            self.bool(tree.args[0], scope, present)
            self.bool(tree.args[1], scope, present | _present(tree.args[0], name == "&&"))
            return BOOL
        if name == "?:":
            return self.choice(tree, scope, present)
        found = [self.type(one, scope, present) for one in tree.args]
        if name in ("==", "!="):
            return self.equal(tree, *found)
        if name == "in":
            return self.within(tree, *found)
        if name in ("<", "<=", ">", ">="):
            return self.order(tree, *found)
        if name in ("+", "-", "*", "/", "%", "neg", "!"):
            return self.arithmetic(tree, found)
        target = [] if tree.target is None else [self.type(tree.target, scope, present)]
        return self.function(tree, target + found)

    def choice(self, tree: Call, scope: dict[str, CelType], present: frozenset[str]) -> CelType:
        condition, yes, no = tree.args
        self.bool(condition, scope, present)
        one = self.type(yes, scope, present | _present(condition, True))
        other = self.type(no, scope, present | _present(condition, False))
        return join(one, other) or self.wrong(
            no, f"与另一分支同类（{one}）", f"the type of the other branch ({one})", other
        )

    def equal(self, tree: Call, one: CelType, other: CelType) -> CelType:
        for kind, arg, against in ((one, tree.args[0], other), (other, tree.args[1], one)):
            if (
                against.kind == "null"
                and not kind.nullable
                and isinstance(arg, Call | Comprehension | ListOf | Constant)
            ):
                self.wrong(arg, "可能为空的值（与 null 比较）", "a value that may be null", kind)
        if join(one, other) is None:
            self.wrong(tree, f"两侧同类（左为 {one}）", f"the same type on both sides (left is {one})", other)
        self.codes(one, tree.args[1])
        self.codes(other, tree.args[0])
        return BOOL

    def within(self, tree: Call, one: CelType, many: CelType) -> CelType:
        if many.kind == "list" and many.item is not None and join(one, many.item) is None:
            self.wrong(tree, f"元素为 {one} 的列表", f"a list of {one}", many)
        elif many.kind not in ("list", "map", "dyn"):
            self.wrong(tree.args[1], "列表", "a list", many)
        if isinstance(tree.args[1], ListOf):
            for item in tree.args[1].items:
                self.codes(one, item)
        if many.item is not None:
            self.codes(many.item, tree.args[0])
        return BOOL

    def codes(self, holder: CelType, tree: Ast) -> None:
        if (
            holder.known
            and isinstance(tree, Constant)
            and isinstance(tree.value, str)
            and tree.value not in holder.known
        ):
            known = tuple(sorted(holder.known))
            self.problems.append(Problem("code", tree.start, holder.codes, holder.codes, tree.value, known))

    def order(self, tree: Call, one: CelType, other: CelType) -> CelType:
        if one.kind not in _ORDERED or not fits(other, one) or other.kind not in _ORDERED:
            self.wrong(
                tree, f"可比较的同类值（左为 {one}）", f"values of one ordered type (left is {one})", other
            )
        return BOOL

    def arithmetic(self, tree: Call, found: list[CelType]) -> CelType:
        name = tree.function
        for one, arg in zip(found, tree.args, strict=True):
            if one.nullable and one.kind != "null" and name != "!":
                shown = path_of(arg) or "…"
                self.problems.append(
                    Problem("nullable", arg.start, "不为空的值", "a value that is never empty", shown)
                )
        if name == "!":
            return BOOL if fits(found[0], BOOL) else self.wrong(tree, "真假条件", "a condition", found[0])
        if name == "neg":
            return (
                found[0]
                if found[0].kind in ("int", "double", "dyn")
                else self.wrong(tree, "数字", "a number", found[0])
            )
        one, other = (kind.optional(False) for kind in found)
        if "dyn" in (one.kind, other.kind):
            return DYN
        if one.kind == other.kind == "int" or (one.kind == other.kind == "double" and name != "%"):
            return CelType(one.kind)
        if name == "+" and one.kind == other.kind and one.kind in ("string", "list", "duration"):
            return STRING if one.kind == "string" else one
        if name in "+-" and one.kind in _TIMES and other.kind == "duration":
            return DATETIME if one.kind == "date" else one
        if name == "-" and one.kind in _TIMES and fits(other, one):
            return DURATION
        return self.wrong(
            tree,
            f"可作 {name} 运算的同类值（左为 {one}）",
            f"values of one type for {name} (left is {one})",
            other,
        )

    def function(self, tree: Call, found: list[CelType]) -> CelType:
        overloads = [
            one for one in self.functions.get(tree.function, ()) if one.method == (tree.target is not None)
        ]
        if not overloads:
            known = tuple(
                sorted(
                    n
                    for n, s in self.functions.items()
                    if any(one.method == (tree.target is not None) for one in s)
                )
            )
            self.problems.append(Problem("name", tree.start, "函数", "function", tree.function, known))
            return DYN
        for one in overloads:
            if len(one.parameters) == len(found) and all(map(fits, found, one.parameters)):
                if one.same is not None:
                    return found[one.same].optional(False)
                if one.item:
                    return (found[0].item or DYN).optional(False)
                return one.result
        wanted = " | ".join(f"{one.name}({', '.join(map(str, one.parameters))})" for one in overloads)
        return self.wrong(tree, wanted, wanted, f"{tree.function}({', '.join(map(str, found))})")


def _present(condition: Ast, holds: bool) -> frozenset[str]:
    """The paths that are not null where the condition holds (or does not)."""
    if isinstance(condition, Call):
        if condition.function == ("&&" if holds else "||"):
            return _present(condition.args[0], holds) | _present(condition.args[1], holds)
        if condition.function == "!":
            return _present(condition.args[0], not holds)
        if condition.function == ("!=" if holds else "=="):
            for one, other in (condition.args, reversed(condition.args)):
                path = path_of(one)
                if path and isinstance(other, Constant) and other.value is None:
                    return frozenset((path,))
    return frozenset()


def _guarded(tree: Comprehension) -> frozenset[str]:
    """`x.filter(a, a.b != null).map(a, …)` makes `a.b` present in the body."""
    over = tree.over
    if isinstance(over, Comprehension) and over.macro == "filter":
        inner = _present(over.body, True)
        return frozenset(
            tree.variable + path[len(over.variable) :]
            for path in inner
            if path.startswith(over.variable + ".")
        )
    return frozenset()
