"""Values between JSON and columns."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.exchange.domain.compiled import CompiledField, FieldType
from yiwang.gateway import values
from yiwang.gateway.refusals import ValueInvalid


def field(kind: FieldType, database_type: str) -> CompiledField:
    return CompiledField("f", "f", kind, database_type)


@pytest.mark.parametrize(
    ("kind", "database_type", "given_value", "bound"),
    [
        ("text", "character varying(18)", "a", "a"),
        ("text", "integer", "12", 12),
        ("text", "uuid", "00000000-0000-0000-0000-000000000001", UUID(int=1)),
        ("integer", "smallint", 5, 5),
        ("integer", "bigint", "9007199254740993", 9007199254740993),
        ("integer", "numeric(10,0)", 7, Decimal(7)),
        ("integer", "text", 7, "7"),
        ("decimal", "numeric(18,2)", "100.50", Decimal("100.50")),
        ("decimal", "double precision", Decimal("0.5"), 0.5),
        ("decimal", "integer", "3.0", 3),
        ("boolean", "boolean", True, True),
        ("date", "date", "1949-12-31", date(1949, 12, 31)),
        ("date", "timestamp without time zone", "1949-12-31", datetime(1949, 12, 31)),
        ("datetime", "timestamp(3) with time zone", "2026-11-21T08:00:00+08:00", datetime(2026, 11, 21, tzinfo=UTC)),
        ("datetime", "date", "2026-11-21T08:00:00", date(2026, 11, 21)),
        ("text", "public.mood", "happy", "happy"),
    ],
)  # fmt: skip
def test_a_value_is_bound_as_its_column_wants_it(
    kind: FieldType, database_type: str, given_value: object, bound: object
) -> None:
    found = values.read(field(kind, database_type), given_value)
    assert found == bound
    assert type(found) is type(bound)


@pytest.mark.parametrize(
    ("kind", "database_type", "given_value"),
    [
        ("integer", "smallint", 32768), ("integer", "integer", -(2**31) - 1), ("integer", "bigint", 2**63),
        ("integer", "integer", True), ("integer", "integer", "1e3"), ("integer", "integer", "１２"),
        ("text", "integer", "x"), ("text", "text", 5), ("text", "text", "x" * 4001), ("decimal", "numeric", "NaN"),
        ("decimal", "numeric", "1e999999"), ("decimal", "integer", "1.5"), ("boolean", "boolean", 1),
        ("date", "date", "1949-02-30"), ("date", "date", "19491231"), ("datetime", "timestamptz", "2026-11-21T08:00:00"),
        ("datetime", "timestamp", "2026-11-21T08:00:00Z"), ("json", "jsonb", {}), ("binary", "bytea", "AA=="),
        ("text", "uuid", "nobody"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_refused_without_repeating_it(
    kind: FieldType, database_type: str, given_value: object
) -> None:
    with pytest.raises(ValueInvalid) as refused:
        values.read(field(kind, database_type), given_value)
    assert set(refused.value.facts) == {"field", "expected"}


@given(
    st.one_of(
        st.text(), st.integers(), st.booleans(), st.none(), st.floats(), st.dictionaries(st.text(), st.text())
    )
)
def test_whatever_json_a_caller_sends_is_read_or_refused(value: object) -> None:
    for kind in ("text", "integer", "decimal", "boolean", "date", "datetime"):
        for database_type in (
            "integer",
            "numeric(5,2)",
            "text",
            "character(18)",
            "date",
            "timestamptz",
            "uuid",
            "box",
        ):
            try:
                values.read(field(kind, database_type), value)
            except ValueInvalid:
                continue


@pytest.mark.parametrize(
    ("one", "other"),
    [(Decimal("1.50"), Decimal("1.5")), (Decimal("0.0"), Decimal(0)), ("a", "a  "),
     (datetime(2026, 11, 21, 8, tzinfo=UTC), datetime.fromisoformat("2026-11-21T16:00:00+08:00"))],
)  # fmt: skip
def test_equal_values_are_spoken_alike(one: values.Parameter, other: values.Parameter) -> None:
    assert values.spoken(one) == values.spoken(other)
