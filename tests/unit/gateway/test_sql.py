"""Statements are made of quoted names and parameters, and nothing that a caller sends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.gateway.cases import PERSON, grant, laid, resource
from yiwang.blocks.exchange.domain.compiled import CompiledField, Operator, RowCondition
from yiwang.gateway import sql
from yiwang.gateway.conditions import Condition
from yiwang.gateway.refusals import CursorInvalid
from yiwang.gateway.selection import Cursors, select
from yiwang.gateway.terms import terms


@given(st.text(min_size=1).filter(lambda text: "\0" not in text))
def test_an_identifier_stays_one_identifier(name: str) -> None:
    inner = sql.quoted(name)[1:-1]
    assert inner.replace('""', "").count('"') == 0
    assert inner.replace('""', '"') == name


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_an_impossible_identifier_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="identifier"):
        sql.quoted(name)


def test_every_operator_compares_with_a_parameter_of_the_columns_type() -> None:
    fields = {field.name: field for field in resource().fields}
    number, region, born, house = (fields[n] for n in ("身份号码", "区划", "出生日期", "户号"))
    odd = CompiledField("心情", "mood", "text", 'public."Mood"')
    made = sql.statement(
        resource(), (number, born), ((number, "eq"), (region, "in"), (region, "prefix"), (born, "gte"), (house, "lte"), (odd, "eq")),
        after=(), order=(), limit=2,
    )  # fmt: skip
    assert made.text == (
        'SELECT "id_no", "born"::text FROM "public"."residents" WHERE "id_no" = $1::text'
        ' AND "region" = ANY($2::bpchar[]) AND "region"::text LIKE $3::text AND "born" >= $4::date'
        ' AND "household" <= $5::int4 AND "mood"::text = $6::text LIMIT 2'
    )


def test_paging_goes_on_after_the_whole_key() -> None:
    keyed = resource(key=("区划", "户号"))
    laid_out = terms(grant(), 1, keyed)
    made = sql.statement(keyed, laid_out.key, (), after=laid_out.key, order=laid_out.key, limit=64)
    assert (
        '("region", "household") > ($1::bpchar, $2::int4) ORDER BY "region", "household" LIMIT 64'
        in made.text
    )


def test_a_prefix_is_taken_literally() -> None:
    region = next(f for f in resource().fields if f.name == "区划")
    assert sql.parameters((Condition(region, "prefix", "5%_\\"),)) == ["5\\%\\_\\\\%"]


def test_one_statement_serves_all_questions_of_one_shape() -> None:
    under = laid()
    number = under.fields["身份号码"]
    outputs = tuple(under.outputs.values())
    one = select(under, outputs, (Condition(number, "eq", PERSON),), rows=50, after=False)
    assert select(under, outputs, (Condition(number, "eq", "another"),), rows=33, after=False) is one
    assert one.statement.text.endswith("LIMIT 64")


def test_a_cursor_serves_only_the_query_that_gave_it() -> None:
    under, cursors = laid(), Cursors(b"k" * 16)
    outputs = tuple(under.outputs.values())
    selection = select(under, outputs, (), rows=2, after=True)
    given_cursor = cursors.give(selection, [PERSON, "王敏", "1949-12-31"], b"query")
    assert PERSON not in given_cursor
    assert cursors.take(under, given_cursor, b"query") == [PERSON]
    for cursor, query in (
        (given_cursor, b"other"),
        (given_cursor[:-2] + "AA", b"query"),
        ("!", b"query"),
        ("é", b"query"),
    ):
        with pytest.raises(CursorInvalid):
            cursors.take(under, cursor, query)


def test_reads_by_the_whole_key_travel_together_under_the_fixed_conditions() -> None:
    under = laid(rows=(RowCondition("区划", "eq", "290100"),))
    number, house = under.fields["身份号码"], under.fields["户号"]
    outputs = (under.outputs["姓名"],)
    asked = (Condition(number, "eq", PERSON), Condition(house, "eq", 5))
    made = select(under, outputs, asked, rows=1, after=False).together
    assert made is not None
    assert made.text == (
        "SELECT yw_found.*, yw_asked.n FROM unnest((SELECT ($1::text)::text[]), (SELECT ($2::text)::int4[])) WITH"
        ' ORDINALITY AS yw_asked (a1, a2, n) CROSS JOIN LATERAL (SELECT "name", "id_no" FROM "public"."residents" AS yw_read'
        ' WHERE "id_no" = yw_asked.a1 AND "household" = yw_asked.a2 AND "region" = $3::bpchar ORDER BY "id_no"'
        " LIMIT 2) AS yw_found (c1, c2)"
    )


@pytest.mark.parametrize("operator", ["in", "gte", "prefix"])
def test_reads_that_may_cost_more_than_a_look_travel_alone(operator: Operator) -> None:
    under = laid()
    number = under.fields["身份号码"]
    value = (PERSON,) if operator == "in" else PERSON
    outputs = (under.outputs["姓名"],)
    assert select(under, outputs, (Condition(number, operator, value),), rows=1, after=False).together is None
    house = Condition(under.fields["户号"], "eq", 5)
    assert select(under, outputs, (house,), rows=1, after=False).together is None
