"""Foreign keys: declared ones, and those that names suggest and values confirm."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from yiwang.dataplane.census.look import Seen
from yiwang.dataplane.census.profile import Profile
from yiwang.dataplane.census.source import Asked, Text

_GENERIC: Final = frozenset({
    "id", "code", "name", "bh", "dm", "bm", "xh", "no", "key", "seq", "pk", "guid", "uuid", "lsh", "编号", "代码", "序号", "名称",
})  # fmt: skip
_IDENTITIES: Final = frozenset({"uscc", "resident_id", "org_code", "parcel_no", "student_no", "household_no"})
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORDS: Final = re.compile(r"[A-Za-z]+|[\u4e00-\u9fff]+")
_ASKED: Final = 50
_INCLUDED: Final = 0.95
_LEAST: Final = 3


@dataclass(frozen=True, slots=True)
class _Target:
    seen: Seen
    column: str
    profile: Profile
    concept: str


def references_of(tables: Sequence[Seen]) -> dict[str, dict[str, tuple[str, Text]]]:
    """Table path (with its source) → column → where it points and why.

    Values are only compared inside one database, or between files that lie here: none travels from one source to
    another.
    """
    targets = _targets(tables)
    found: dict[str, dict[str, tuple[str, Text]]] = {}
    for seen in tables:
        found[place(seen)] = _of_table(seen, targets)
    return found


def place(seen: Seen) -> str:
    """A table's name that no other source has."""
    return f"{seen.source.address} {seen.table.path}"


def _targets(tables: Sequence[Seen]) -> dict[str, list[_Target]]:
    """Single-column keys by what points to them: their own name, `table_column`, or the concept."""
    found: dict[str, list[_Target]] = defaultdict(list)
    for seen in tables:
        if len(seen.keys.columns) != 1:
            continue
        name = seen.keys.columns[0]
        at = next(i for i, column in enumerate(seen.table.columns) if column.name == name)
        target = _Target(seen, name, seen.profiles[at], seen.identities[at].concept)
        words = _split(name)
        if "_".join(words) not in _GENERIC:
            found["=" + "_".join(words)].append(target)
        for stem in _stems(seen.table.name):
            found["=" + "_".join((stem, *words))].append(target)
        if target.concept in _IDENTITIES:
            found["#" + target.concept].append(target)
    return found


def _of_table(seen: Seen, targets: dict[str, list[_Target]]) -> dict[str, tuple[str, Text]]:
    found: dict[str, tuple[str, Text]] = {}
    for key in seen.table.foreign:
        for column, pointed in zip(key.columns, key.targets or key.columns, strict=False):
            found[column] = (f"{key.table}.{pointed}", Text("库中声明的外键", "declared as foreign key"))
    asked: list[tuple[str, _Target, tuple[str, ...]]] = []
    for at, held in enumerate(seen.profiles):
        name = held.column.name
        if name in found or not held.values or held.letter in {"D", "T", "L", "N", "G", "B", "F"}:
            continue
        best = _best(seen, name, seen.identities[at].concept, targets)
        if best is not None and best.profile.letter == held.letter:
            asked.append((name, best, held.values[:_ASKED]))
    by_source: dict[int, list[tuple[str, _Target, tuple[str, ...]]]] = defaultdict(list)
    for question in asked:
        by_source[id(question[1].seen.source)].append(question)
    for questions in by_source.values():
        source = questions[0][1].seen.source
        answers = source.found([Asked(t.seen.table, t.column, values) for _, t, values in questions])
        for (name, target, values), count in zip(questions, answers, strict=True):
            if count is not None and len(values) >= _LEAST and count >= _INCLUDED * len(values):
                part = count / len(values)
                found[name] = (
                    f"{target.seen.table.path}.{target.column}",
                    Text(
                        f"列名相符，{part:.0%} 的样本值在该表中",
                        f"names agree; {part:.0%} of sampled values stand there",
                    ),
                )
    return found


def _best(seen: Seen, name: str, concept: str, targets: dict[str, list[_Target]]) -> _Target | None:
    own = "_".join(_split(name))
    for key in ("=" + own, "#" + concept):
        fit = [
            target
            for target in targets.get(key, ())
            if not (target.seen is seen and target.column == name) and together(seen, target.seen)
            and not (seen.keys.columns == (name,) and _smaller(target.seen, seen))
        ]  # fmt: skip
        if fit:
            # several tables have such a key: the one with the most rows is its register
            return max(fit, key=lambda target: (target.seen.table.kind != "view", target.seen.rows))
    return None


def _smaller(target: Seen, seen: Seen) -> bool:
    """Two tables with the same key: the one with fewer rows points to the other."""
    return target.rows <= seen.rows


def together(one: Seen, other: Seen) -> bool:
    """Whether values of both may be compared: in one database, or in files that lie here."""
    return one.source is other.source or (
        one.table.kind in {"file", "sheet"} and other.table.kind in {"file", "sheet"}
    )


def _split(name: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORDS.findall(_CAMEL.sub("_", name))) or (name.lower(),)


def _stems(table: str) -> set[str]:
    """`cities` → city, cities; `t_department` → department; the words of a longer name too."""
    words = [word for word in _split(table) if len(word) > 2]
    found = set(words) | {"_".join(words)}
    for word in tuple(found):
        if word.endswith("ies"):
            found.add(word[:-3] + "y")
        elif word.endswith("s"):
            found.add(word[:-1])
    return found - {""}
