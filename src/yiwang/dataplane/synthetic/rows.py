"""Made-up rows whose values agree with each other: birth, sex and age follow from the number of the person."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date

from yiwang.dataplane.synthetic.values import Draw, Shape, Value, value

_THIS_YEAR = 2026
"""Ages are counted to this year, so that an answer does not change with the calendar."""


def row(shapes: Sequence[Shape], seed: bytes, fixed: Mapping[str, Value]) -> dict[str, Value]:
    """A row by item name. `fixed` values stand as they are, the others follow from `seed` and from them."""
    made = {
        shape.name: fixed[shape.name] if shape.name in fixed else value(shape, _draw(seed, shape.name))
        for shape in shapes
    }
    number = next((made[shape.name] for shape in shapes if shape.check == "resident_id"), None)
    if isinstance(number, str) and len(number) == 18 and number[6:17].isdigit():
        for shape in shapes:
            if shape.name not in fixed:
                made[shape.name] = _of_person(shape, number, made[shape.name])
    return made


def _draw(seed: bytes, name: str) -> Draw:
    return Draw(hashlib.sha256(seed + b"\0" + name.encode("utf-8")).digest())


def _of_person(shape: Shape, number: str, drawn: Value) -> Value:
    """What a resident id says of its holder: GB 11643, digits 7–14 the day of birth, the 17th odd for men."""
    if "出生" in shape.title and shape.type in ("date", "text") and "地" not in shape.title:
        born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
        try:
            date.fromisoformat(born)
        except ValueError:
            return drawn
        return number[6:14] if shape.length == 8 else born
    if "性别" in shape.title and shape.type == "text":
        male = int(number[16]) % 2 == 1
        if drawn in ("1", "2"):
            return "1" if male else "2"
        return "男" if male else "女"
    if "年龄" in shape.title and shape.type == "integer":
        return max(0, _THIS_YEAR - int(number[6:10]))
    return drawn
