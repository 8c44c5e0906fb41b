"""One table of sixty columns as departments have them in MySQL: each with two values, the second at an edge of its type."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final

UTF8: Final = "varchar(40) CHARACTER SET utf8mb4"
GBK: Final = "varchar(40) CHARACTER SET gbk"
LONG_GBK: Final = "longtext CHARACTER SET gbk"
DATE, TIME, MOMENT = "datetime(6)", "time(6)", "timestamp(6) NULL"
MONEY, WIDE = "decimal(20,6)", "decimal(65,30)"
COLUMNS: Final[tuple[tuple[str, str, Any, Any], ...]] = (
    ("select", UTF8, "王敏", "😀𠮷龘 \t\n'\"\\%_"),
    ("from", UTF8, "兰州市城关区", ""),
    ("group", UTF8, "周航", " 前后空格 "),
    ("order", UTF8, "a\u0301", "ＡＢＣ"),
    ("table", UTF8, "NULL", "\\N"),
    ("user", UTF8, "‘引号’", "\u200b\ufeff"),
    ("姓名", GBK, "赵静", "龍鳳呈祥"),
    ("户籍地址", GBK, "甘肃省兰州市城关区，东岗西路", "·，。、（）"),
    ("备注", LONG_GBK, "经核实，情况属实。", "核" * 3000),
    ("曾用名", GBK, "陈晨", ""),
    ("工作单位", LONG_GBK, "市民政局", "\n\r\n 换行"),
    ("数据来源", GBK, "业务库 abc", "%s%d{}"),
    ("key", MONEY, Decimal("12.340000"), Decimal("99999999999999.999999")),
    ("注册资本", MONEY, Decimal("0.000001"), Decimal("-99999999999999.999999")),
    ("利率", WIDE, Decimal("3.141592653589793238462643383279"), Decimal("9" * 35 + "." + "9" * 30)),
    ("误差", WIDE, Decimal("-0.000000000000000000000000000001"), Decimal("-" + "9" * 35 + "." + "9" * 30)),
    ("价格", MONEY, Decimal("100.000000"), Decimal("0.000000")),
    ("汇总", WIDE, Decimal("1.000000000000000000000000000000"), Decimal("0E-30")),
    ("values", "tinyint", 1, -128),
    ("default", "tinyint", 0, 127),
    ("check", "int unsigned", 1, 2**32 - 1),
    ("limit", "int unsigned", 0, 2**31),
    ("desc", "bigint", 1, -(2**63)),
    ("主键外键", "bigint", -1, 2**63 - 1),
    ("primary", "bigint unsigned", 1, 2**64 - 1),
    ("累计", "bigint unsigned", 0, 2**63),
    ("是否有效", "tinyint(1)", True, False),
    ("是否注销", "tinyint(1)", False, True),
    ("权限位", "bit(12)", 1, 4095),
    ("标志位", "bit(12)", 0, 2048),
    ("year", "year", 2026, 1901),
    ("年份", "year", 1969, 2155),
    ("date", "date", dt.date(2026, 11, 29), dt.date(1000, 1, 1)),
    ("出生日期", "date", dt.date(1949, 10, 1), dt.date(9999, 12, 31)),
    ("成立日期", "date", dt.date(1969, 12, 31), dt.date(1582, 10, 10)),
    ("死亡日期", "date", dt.date(1970, 1, 1), dt.date(2000, 2, 29)),
    ("timestamp", DATE, dt.datetime(1969, 12, 31, 23, 59, 59, 999999), dt.datetime(1000, 1, 1)),
    ("登记时间", DATE, dt.datetime(1912, 2, 12, 8, 30), dt.datetime(9999, 12, 31, 23, 59, 59, 999999)),
    ("夏令时间", DATE, dt.datetime(1986, 5, 4, 2, 30), dt.datetime(1991, 9, 15, 1, 30, 0, 1)),
    ("更新时间", MOMENT, dt.datetime(2026, 11, 29, 4, 5, 6, 7), dt.datetime(1970, 1, 1, 0, 0, 1)),
    ("推送时间", MOMENT, dt.datetime(1988, 7, 1), dt.datetime(2038, 1, 19, 3, 14, 7)),
    ("interval", TIME, dt.timedelta(hours=8, minutes=30), dt.timedelta(hours=838, minutes=59, seconds=58)),
    ("时差", TIME, dt.timedelta(0), -dt.timedelta(hours=838, seconds=1)),
    ("json", "json", '{"名": "王敏", "n": [1, 2.5, null, true]}', '"\\"引号\\\\"'),
    ("扩展信息", "json", "[]", '{"深": {"k": {"k": ["", -9007199254740992]}}}'),
    ("附加", "json", "null", "false"),
    ("binary", "longblob", b"\x00\xff'\"\\%", bytes(range(256))),
    ("照片", "longblob", b"\x89PNG\r\n\x1a\n\x00", b""),
    ("指纹", "varbinary(20)", b"\x00" * 20, b"\xff" * 20),
    ("签名", "varbinary(20)", b"\\x41", "汉".encode("gbk")),
    ("double", "double", 0.1, 1.7976931348623157e308),
    ("经度", "double", 103.834303, -2.2250738585072014e-308),
    ("纬度", "double", 36.061089, 5e-9),
    ("float", "float", 1.5, -(2.0**100)),
    ("性别", "enum('男','女')", "女", "男"),
    ("a b", UTF8, "空格列", "x" * 40),
    ("per%cent", UTF8, "%", "%%s"),
    ('quo"te', UTF8, '"', "'"),
    ("back`tick", UTF8, "`", ";--"),
    ("列" * 20, UTF8, "长列名", "王" * 40),
)


def rows() -> list[tuple[Any, ...]]:
    """Usual values, those at the edges, nothing at all, and every second one missing."""
    usual, edges = tuple(c[2] for c in COLUMNS), tuple(c[3] for c in COLUMNS)
    mixed = tuple(value if at % 2 else None for at, value in enumerate(edges))
    return [usual, edges, (None,) * len(COLUMNS), mixed]
