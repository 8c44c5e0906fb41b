"""The score of a table from what its rules found, by dimension and altogether.

D_d = Σ w_r·p_r / Σ w_r over the rules of a dimension that could be tested, w_r = 1, 3 or 9 by severity;
score = 100 · Σ W_d·D_d / Σ W_d over measured dimensions. What was not measured does not count as good: coverage is
published beside the score. A blocking rule that any row breaks caps the level at 2 of 5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from yiwang.dataplane.quality.rules import DIMENSIONS, WEIGHT, Dimension, Outcome, Rule

EQUAL: Final[dict[Dimension, float]] = dict.fromkeys(DIMENSIONS, 1.0)
"""W_d where a node has not set others."""
LEVELS: Final = ((95.0, 5), (85.0, 4), (70.0, 3), (50.0, 2), (0.0, 1))
"""From which score a level is reached."""
CAP: Final = 2


@dataclass(frozen=True, slots=True)
class Score:
    """How good a table is.

    Attributes:
        value: 0 to 100, rounded down to a tenth so that only a faultless table reads 100; None if nothing was tested.
        level: 1 to 5; None if nothing was tested.
        dimensions: D_d, 0 to 1, of the dimensions that were measured.
        blocked: ids of the blocking rules that some row breaks.
        fields_covered: share of the table's fields that a rule looks at, 0 to 1.
    """

    value: float | None
    level: int | None
    dimensions: dict[Dimension, float]
    blocked: tuple[str, ...]
    fields_covered: float


def score(
    rules: Sequence[Rule],
    outcomes: Mapping[str, Outcome],
    fields: Sequence[str],
    weights: Mapping[Dimension, float] = EQUAL,
) -> Score:
    """The score of a table with these `fields`; `outcomes` by rule id."""
    measured: dict[Dimension, float] = {}
    for dimension in DIMENSIONS:
        pairs = [
            (WEIGHT[rule.severity], rate)
            for rule in rules
            if rule.dimension == dimension and (rate := outcomes[rule.id].rate) is not None
        ]
        if pairs:
            measured[dimension] = sum(w * p for w, p in pairs) / sum(w for w, _ in pairs)
    blocked = tuple(rule.id for rule in rules if rule.severity == "blocking" and outcomes[rule.id].failed)
    covered = {name for rule in rules for name in rule.fields} & set(fields)
    share = len(covered) / len(fields) if fields else 0.0
    total = sum(weights[d] for d in measured)
    if not measured or total == 0:
        return Score(None, None, measured, blocked, share)
    value = 100 * sum(weights[d] * part for d, part in measured.items()) / total
    value = int(value * 10 + 1e-9) / 10
    level = next(number for least, number in LEVELS if value >= least)
    return Score(value, min(level, CAP) if blocked else level, measured, blocked, share)
