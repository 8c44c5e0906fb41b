"""What values look like that break a rule, without saying any: digits as 9, letters as A, Han characters as 汉."""

from __future__ import annotations

from yiwang.dataplane.quality import rules as r
from yiwang.dataplane.quality.compiling import truth_of
from yiwang.dataplane.quality.dialects import DIALECTS

MOST, LONGEST = 5, 40
"""Shapes told of a rule, and characters of a shape."""


def shapes(rule: r.Rule, dialect: r.DialectName, table: str, field: str) -> str:
    """A statement for the most frequent shapes of a column's values that break a rule about single rows, with counts."""
    used = DIALECTS[dialect]
    text = used.as_text(used.column(field))
    for pattern, sign in (("[0-9]", "9"), ("[A-Za-z]", "A"), ("[㐀-鿿]", "汉")):
        text = f"regexp_replace({text}, {used.text(pattern)}, {used.text(sign)}, 'g')"
    truth = truth_of(rule, used)
    return (
        f"SELECT substr({text}, 1, {LONGEST}) AS shape, count(*) AS n FROM {table} AS {used.identifier('row')}"  # noqa: S608
        f" WHERE {truth.tested} AND {truth.failed} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST}"
    )
