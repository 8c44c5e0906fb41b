"""Every expression of a package parsed and type-checked; problems become faults at the character."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from yiwang.systems.cel.checking import Problem, check
from yiwang.systems.cel.declaring import World
from yiwang.systems.cel.functions import STORY_SIGNATURES
from yiwang.systems.cel.parsing import CelSyntax, parse
from yiwang.systems.cel.sql_functions import AGGREGATES, SQL_FUNCTIONS
from yiwang.systems.cel.tree import Ast, Call, Comprehension, ListOf, Literal, children
from yiwang.systems.cel.types import fits
from yiwang.systems.checking.uses import Use, data_uses
from yiwang.systems.checking.working import working_uses
from yiwang.systems.errors import (
    ExpressionBroken,
    ExpressionCode,
    ExpressionSql,
    ExpressionType,
    NullableArithmetic,
    PackageFault,
    ReferenceUnknown,
)
from yiwang.systems.reading.validating import choices

_IN_SQL: Final = frozenset(("in", "neg", *SQL_FUNCTIONS, *AGGREGATES))


def uses_of(world: World) -> Iterator[Use]:
    """Every use of an expression in the package."""
    yield from data_uses(world)
    yield from working_uses(world)


def check_expressions(world: World) -> Iterator[PackageFault]:
    """Faults of all expressions."""
    for use in uses_of(world):
        yield from check_use(use)


def check_use(use: Use) -> Iterator[PackageFault]:
    """Faults of one use."""
    expr = use.expr
    try:
        tree = parse(expr.text)
    except CelSyntax as error:
        place = expr.at(error.start)
        yield ExpressionBroken(
            place, expected=error.expected, expected_en=error.expected_en, found=error.found
        )
        return
    checked = check(tree, use.scope, STORY_SIGNATURES if use.story else ())
    for problem in checked.problems:
        yield _fault(use, problem)
    if use.want is not None and not checked.problems and not fits(checked.type, use.want):
        yield ExpressionType(
            expr.place,
            expected=use.want.words("zh"),
            expected_en=use.want.words("en"),
            found=str(checked.type),
        )
    if use.want is not None and not checked.problems:
        yield from _codes(use, tree)
    if use.sql or use.counting:
        yield from _sql(use, tree)


def _fault(use: Use, problem: Problem) -> PackageFault:
    place = use.expr.at(problem.start)
    match problem.kind:
        case "name":
            return ReferenceUnknown(
                place, what=problem.expected, what_en=problem.expected_en, found=problem.found,
                **choices(problem.found, list(problem.known)),
            )  # fmt: skip
        case "code":
            known = choices(problem.found, list(problem.known))
            return ExpressionCode(
                place, list=problem.expected.rpartition(".")[2], found=problem.found, expected=known["expected"],
                expected_en=known["expected_en"],
            )  # fmt: skip
        case "nullable":
            kind: type[PackageFault] = NullableArithmetic
        case _:
            kind = ExpressionType
    return kind(place, expected=problem.expected, expected_en=problem.expected_en, found=problem.found)


def _codes(use: Use, tree: Ast) -> Iterator[PackageFault]:
    """A constant put into a coded field must be of its list."""
    want = use.want
    if want is None:
        return
    constants = tree.items if isinstance(tree, ListOf) else (tree,)
    holder = want.item if want.kind == "list" and want.item is not None else want
    for one in constants:
        if (
            isinstance(one, Literal)
            and isinstance(one.value, str)
            and holder.known
            and one.value not in holder.known
        ):
            known = choices(one.value, sorted(holder.known))
            yield ExpressionCode(
                use.expr.at(one.start), list=holder.codes.rpartition(".")[2], found=one.value,
                expected=known["expected"], expected_en=known["expected_en"],
            )  # fmt: skip


def _sql(use: Use, tree: Ast) -> Iterator[PackageFault]:
    if isinstance(tree, Comprehension) and not use.loops:
        yield ExpressionSql(
            use.expr.at(tree.start),
            found=tree.macro,
            expected="比较、运算与 in",
            expected_en="comparisons, arithmetic and in",
        )
        return
    if isinstance(tree, Call) and tree.function.isidentifier() and tree.function not in _IN_SQL:
        yield ExpressionSql(
            use.expr.at(tree.start), found=tree.function, expected="日期、文字与数值函数",
            expected_en="functions of dates, texts and numbers",
        )  # fmt: skip
        return
    for one in children(tree):
        yield from _sql(use, one)
