"""Expressions run on values by cel-expr-python, wrapped so that a failure never counts as true.

Values are plain Python: dates, datetimes with a zone, Decimals, lists, and dicts for records, in which every declared
field is present. They are turned into what the library takes: a date is midnight UTC of its day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar, Final

from cel_expr_python import cel
from google.protobuf.duration_pb2 import Duration as ProtoDuration
from google.protobuf.timestamp_pb2 import Timestamp

from yiwang.systems.cel.functions import IMPURE, SIGNATURES, Signature
from yiwang.systems.cel.meanings import MEANINGS
from yiwang.systems.cel.parsing import CelSyntax, parse
from yiwang.systems.cel.types import CelType
from yiwang.systems.errors import SystemsError

Reference = Mapping[str, Callable[..., Any]]
STANDARD: Final = frozenset(
    one.name for one in SIGNATURES if one.name not in MEANINGS and one.name not in IMPURE
)


class ExpressionFailed(SystemsError):
    """An expression has no value for these values: an empty field in arithmetic, a division by zero, and the like."""

    code: ClassVar[str] = "expression-failed"
    message_zh: ClassVar[str] = "表达式 {expression} 无法求值：{reason}。"
    message_en: ClassVar[str] = "The expression {expression} has no value: {reason}."
    mend_zh: ClassVar[str] = "先判断字段是否为空，或给字段 default。"
    mend_en: ClassVar[str] = "Test the field for null first, or give it a default."


class Evaluator:
    """Runs expressions; one for each place (working days differ) and source of reference data.

    Args:
        place: division code whose working-day calendar counts; empty: the national one.
        reference: implementations of `org`, `org_of`, `located`, `divisions`.
    """

    def __init__(self, place: str = "", reference: Reference | None = None) -> None:
        self.functions = _functions(place, reference or {})
        self._environments: dict[frozenset[str], cel.Env] = {}
        self._compiled: dict[tuple[str, frozenset[str]], cel.Expression] = {}

    def _environment(self, names: frozenset[str]) -> cel.Env:
        if names not in self._environments:
            variables = dict.fromkeys(names, cel.Type.DYN)
            self._environments[names] = cel.NewEnv(variables=variables, functions=self.functions)
        return self._environments[names]

    def value(self, text: str, values: Mapping[str, object]) -> object:
        """The value of an expression.

        Raises:
            ExpressionFailed: where it has none.
        """
        names = frozenset(values)
        expression = self._compiled.get((text, names))
        if expression is None:
            try:
                parse(text)  # our bounds hold here too
                expression = self._environment(names).compile(text)
            except (RuntimeError, CelSyntax) as error:
                raise ExpressionFailed(expression=text, reason=str(error).partition("\n")[0]) from None
            self._compiled[text, names] = expression
        found = expression.eval(data={name: given(value) for name, value in values.items()})
        if found.type() == cel.Type.ERROR:
            raise ExpressionFailed(expression=text, reason="no value")
        return found.plain_value()

    def holds(self, text: str, values: Mapping[str, object]) -> bool:
        """Whether a condition is true; a failure is not."""
        try:
            return self.value(text, values) is True
        except ExpressionFailed:
            return False


def given(value: object) -> Any:
    """A value as the library takes it."""
    if isinstance(value, dt.datetime):
        made = Timestamp()
        made.FromDatetime(value.astimezone(dt.UTC))
        return made
    if isinstance(value, dt.date):
        made = Timestamp()
        made.FromDatetime(dt.datetime.combine(value, dt.time(), dt.UTC))
        return made
    if isinstance(value, dt.timedelta):
        length = ProtoDuration()
        length.FromTimedelta(value)
        return length
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {str(key): given(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [given(one) for one in value]
    return value


@lru_cache(64)
def _type(kind: str) -> cel.Type:
    return {
        "bool": cel.Type.BOOL, "int": cel.Type.INT, "double": cel.Type.DOUBLE, "string": cel.Type.STRING,
        "date": cel.Type.TIMESTAMP, "datetime": cel.Type.TIMESTAMP, "time": cel.Type.TIMESTAMP,
        "list": cel.Type.List(cel.Type.DYN),
    }.get(kind, cel.Type.DYN)  # fmt: skip


def _functions(place: str, reference: Reference) -> list[cel.FunctionDecl]:
    grouped: dict[str, list[Signature]] = {}
    for one in SIGNATURES:
        if one.name not in STANDARD:
            grouped.setdefault(one.name, []).append(one)
    return [
        cel.FunctionDecl(
            name,
            [
                cel.Overload(
                    f"yw_{name}_{number}", _type(_result(one.result)), [_type(kind.kind) for kind in one.parameters],
                    one.method, _meaning(name, place, reference),
                )
                for number, one in enumerate(signatures)
            ],
        )
        for name, signatures in grouped.items()
    ]  # fmt: skip


def _result(kind: CelType) -> str:
    return kind.kind


def _meaning(name: str, place: str, reference: Reference) -> Callable[..., Any]:
    if name in IMPURE:
        found = reference.get(name)
        if found is None:

            def missing(*args: object) -> object:
                raise ValueError(f"{name}: no reference data ({len(args)})")

            return missing
        return found
    meaning = MEANINGS[name]

    def run(*args: Any) -> Any:
        return meaning(place, *args)

    return run
