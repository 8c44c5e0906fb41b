"""One made-up value for one item: by its check rule, then by the words of its title, then by its type.

Everything follows from a seed, so the same question always has the same answer. Numbers of persons and organisations
pass their check digit and carry the division 299999, which does not exist: they can be nobody's. Telephone numbers
begin with 100, which no operator has; mail goes to `.invalid` (RFC 2606).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from yiwang.vocabulary import organisation_code, resident_id, uscc

Type = Literal["text", "integer", "decimal", "boolean", "date", "datetime", "json", "binary"]
Value = str | int | bool | dict[str, bool]
NOWHERE: Final = "299999"
"""A division that was never given: the mark of a made-up number."""

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
_GIVEN = "文静志远安然明轩思齐雨桐子涵嘉宁若溪启航乐山"
_TRADES = ("食品", "建材", "物流", "信息技术", "机械", "农业", "医疗器械", "服装")
_COUNTIES = ("110101", "310101", "440103", "510104", "610102", "620102")
"""County-level codes of GB/T 2260 that are in force."""
_FIRST_DAY: Final = date(2019, 1, 1)
_DAYS: Final = 2500


@dataclass(frozen=True)
class Shape:
    """What is known of an item: its name in answers, title, type, length in characters (0: free), check rule."""

    name: str
    title: str
    type: Type
    length: int = 0
    check: Literal["resident_id", "uscc"] | None = None


class Draw:
    """Numbers that follow from a seed."""

    def __init__(self, seed: bytes) -> None:
        """`seed`: the same bytes draw the same numbers."""
        self._seed = seed
        self._drawn = 0

    def below(self, end: int) -> int:
        """A number in [0, end)."""
        self._drawn += 1
        digest = hashlib.sha256(self._seed + self._drawn.to_bytes(4, "big")).digest()
        return int.from_bytes(digest[:8], "big") % end

    def digits(self, count: int) -> str:
        """So many decimal digits."""
        return "".join(str(self.below(10)) for _ in range(count))


def value(shape: Shape, draw: Draw) -> Value:
    """A value of the item's type, no longer than its length."""
    match shape.type:
        case "text":
            text = _text(shape, draw)
            return text[: shape.length] if shape.length else text
        case "integer":
            return _integer(shape.title, draw)
        case "decimal":
            return f"{1 + draw.below(20_000)}.{draw.digits(2)}"
        case "boolean":
            return draw.below(10) > 0
        case "date":
            return day(draw).isoformat()
        case "datetime":
            return f"{day(draw).isoformat()}T{draw.below(24):02d}:{draw.below(60):02d}:00Z"
        case "json":
            return {"synthetic": True}
        case "binary":
            return "c3ludGhldGlj"


def person_number(draw: Draw) -> str:
    """An 18-character resident id (GB 11643) of nobody: its check character is right, its division does not exist."""
    born = date(1950, 1, 1) + timedelta(days=draw.below(55 * 365))
    body = f"{NOWHERE}{born:%Y%m%d}{1 + draw.below(999):03d}"
    return body + resident_id.check_character(body)


def organisation_number(draw: Draw) -> str:
    """An 18-character 统一社会信用代码 (GB 32100) of nobody, with both check characters right."""
    inner = draw.digits(8)
    body = f"91{NOWHERE}{inner}{organisation_code.check_character(inner)}"
    return body + uscc.check_character(body)


def day(draw: Draw) -> date:
    """A day of the last years."""
    return _FIRST_DAY + timedelta(days=draw.below(_DAYS))


def _integer(title: str, draw: Draw) -> int:
    if "年龄" in title:
        return 18 + draw.below(70)
    if title.endswith(("年", "年份", "年度")):
        return 2016 + draw.below(10)
    return 1 + draw.below(500 if re.search("人数|数量|件数|次数", title) else 9999)


def _text(shape: Shape, draw: Draw) -> str:
    if shape.check == "resident_id":
        return person_number(draw)
    if shape.check == "uscc":
        return organisation_number(draw)
    for pattern, make in _BY_TITLE:
        if pattern.search(shape.title):
            return make(shape, draw)
    return f"样例{draw.digits(3)}"


def _name(_shape: Shape, draw: Draw) -> str:
    at = 2 * draw.below(len(_GIVEN) // 2)
    return _SURNAMES[draw.below(len(_SURNAMES))] + _GIVEN[at : at + 2]


def _firm(_shape: Shape, draw: Draw) -> str:
    return f"样例{_TRADES[draw.below(len(_TRADES))]}{draw.digits(3)}有限公司"


def _address(_shape: Shape, draw: Draw) -> str:
    return f"样例省样例市样例区测试路{1 + draw.below(200)}号"


def _division(shape: Shape, draw: Draw) -> str:
    code = _COUNTIES[draw.below(len(_COUNTIES))]
    return code.ljust(shape.length, "0") if shape.length in (9, 12) else code


def _number(shape: Shape, draw: Draw) -> str:
    room = min(shape.length or 10, 18)
    return ("SYN" + draw.digits(room))[:room] if room > 6 else draw.digits(room)


def _day_text(shape: Shape, draw: Draw) -> str:
    drawn = day(draw)
    return f"{drawn:%Y%m%d}" if shape.length == 8 else drawn.isoformat()


def _one_of(codes: tuple[str, ...], words: tuple[str, ...]) -> Callable[[Shape, Draw], str]:
    """A code where the item is short or says so, else its word."""

    def make(shape: Shape, draw: Draw) -> str:
        at = draw.below(len(codes))
        coded = "代码" in shape.title or 0 < shape.length <= len(codes[at])
        return codes[at] if coded else words[at]

    return make


_BY_TITLE: Final[tuple[tuple[re.Pattern[str], Callable[[Shape, Draw], str]], ...]] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        ("统一社会信用代码", lambda _shape, draw: organisation_number(draw)),
        ("身份证|身份号码", lambda _shape, draw: person_number(draw)),
        ("手机|电话|联系方式", lambda _shape, draw: f"100{draw.digits(8)}"),
        ("邮箱|邮件", lambda _shape, draw: f"user{draw.digits(3)}@example.invalid"),
        ("邮政编码|邮编", lambda _shape, draw: f"{draw.below(80):02d}0000"),
        ("区划", _division),
        ("性别", _one_of(("1", "2"), ("男", "女"))),  # GB/T 2261.1
        ("民族", _one_of(("01", "03", "11"), ("汉族", "回族", "满族"))),  # GB/T 3304
        ("婚姻", _one_of(("10", "20", "40"), ("未婚", "已婚", "离婚"))),  # GB/T 2261.2
        ("学历|文化程度", _one_of(("20", "60", "70"), ("大学本科", "普通高级中学", "初级中学"))),  # GB/T 4658
        ("姓名|代表人|负责人|联系人|监护人|经办人", _name),
        ("地址|住所|住址|地点", _address),
        ("日期|时间", _day_text),
        ("名称|单位|机构|企业|公司", _firm),
        ("状态", _one_of(("1", "0"), ("有效", "注销"))),
        ("编号|证号|号码|代码|编码|户号", _number),
    )
)
