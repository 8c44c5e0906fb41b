"""Synthetic residents of 澜州市: numbers that pass their check, nobody real, the same rows for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from yiwang.bootstrap.demo import words
from yiwang.vocabulary import resident_id

TABLE = """
CREATE SCHEMA hj;
CREATE TABLE hj.rk_jbxx (
  gmsfhm char(18) PRIMARY KEY, xm varchar(50) NOT NULL, xb char(1) NOT NULL, mz char(2) NOT NULL,
  csrq date NOT NULL, hjqh char(6) NOT NULL, hjdz varchar(200) NOT NULL, whcd char(2), hyzk char(2),
  lxdh varchar(20), hh varchar(9) NOT NULL, yhzgx char(2) NOT NULL, zxbs boolean NOT NULL DEFAULT false,
  gxsj timestamp NOT NULL
);
COMMENT ON TABLE hj.rk_jbxx IS '居民户籍基本信息';
COMMENT ON COLUMN hj.rk_jbxx.gmsfhm IS '公民身份号码';
COMMENT ON COLUMN hj.rk_jbxx.xm IS '姓名';
COMMENT ON COLUMN hj.rk_jbxx.xb IS '性别代码';
COMMENT ON COLUMN hj.rk_jbxx.mz IS '民族代码';
COMMENT ON COLUMN hj.rk_jbxx.csrq IS '出生日期';
COMMENT ON COLUMN hj.rk_jbxx.hjqh IS '户籍所在地行政区划代码';
COMMENT ON COLUMN hj.rk_jbxx.hjdz IS '户籍地址';
COMMENT ON COLUMN hj.rk_jbxx.whcd IS '文化程度代码';
COMMENT ON COLUMN hj.rk_jbxx.hyzk IS '婚姻状况代码';
COMMENT ON COLUMN hj.rk_jbxx.lxdh IS '联系电话';
COMMENT ON COLUMN hj.rk_jbxx.hh IS '户号';
COMMENT ON COLUMN hj.rk_jbxx.yhzgx IS '与户主关系代码';
COMMENT ON COLUMN hj.rk_jbxx.zxbs IS '注销标识';
COMMENT ON COLUMN hj.rk_jbxx.gxsj IS '更新时间';
"""
COLUMNS = (
    "gmsfhm", "xm", "xb", "mz", "csrq", "hjqh", "hjdz", "whcd", "hyzk", "lxdh", "hh", "yhzgx", "zxbs", "gxsj",
)  # fmt: skip
_EPOCH = date(1936, 1, 1)
Row = tuple[object, ...]


def rows(count: int, today: date, seed: int = 29) -> Iterator[Row]:
    """`count` residents in the order of `COLUMNS`, gathered in households of one to five."""
    draw = random.Random(seed)  # noqa: S311 - synthetic data, not a secret
    days = (today - _EPOCH).days
    used: set[str] = set()
    household, left, address, surname = 0, 0, ("", ""), ""
    for _ in range(count):
        if left == 0:
            household += 1
            left = draw.choices((1, 2, 3, 4, 5), (18, 27, 32, 16, 7))[0]
            address = place(draw)
            head = True
        else:
            head = False
        left -= 1
        female = draw.random() < 0.49
        if head or draw.random() < 0.45:
            surname = family_name(draw)
        born = _EPOCH + timedelta(days=int(days * draw.betavariate(1.6, 1.5)))
        number = _number(draw, address[0], born, female, used)
        adult = (today - born).days > 22 * 365
        yield (
            number, surname + given_name(draw, female), "2" if female else "1", pick(draw, words.ETHNIC), born,
            address[0], address[1], pick(draw, words.EDUCATION) if adult else None,
            pick(draw, words.MARITAL) if adult else "10", f"1{draw.choice('3578')}9{draw.randrange(10**8):08d}",
            f"{household:09d}", "01" if head else draw.choice(("10", "20", "30", "51")), draw.random() < 0.012,
            f"{today - timedelta(days=draw.randrange(900))} {draw.randrange(8, 18):02d}:{draw.randrange(60):02d}:00",
        )  # fmt: skip


def place(draw: random.Random) -> tuple[str, str]:
    """A division code of the city and an address in it."""
    code, district = draw.choices(words.DISTRICTS, (26, 22, 16, 14, 12, 10))[0]
    road, estate = draw.choice(words.ROADS), draw.choice(words.ESTATES)
    house = (
        f"{draw.randrange(1, 30)}栋{draw.randrange(1, 5)}单元{draw.randrange(1, 19)}0{draw.randrange(1, 5)}室"
    )
    return code, f"云泽省澜州市{district}{road}{draw.randrange(1, 400)}号{estate}{house}"


def family_name(draw: random.Random) -> str:
    """A surname; the common ones are common."""
    if draw.random() < 0.004:
        return draw.choice(words.COMPOUND_SURNAMES)
    return words.SURNAMES[min(int(draw.paretovariate(0.9)) - 1, len(words.SURNAMES) - 1)]


def given_name(draw: random.Random, female: bool) -> str:
    """One or two characters."""
    characters = words.GIVEN_FEMALE if female else words.GIVEN_MALE
    return "".join(draw.choice(characters) for _ in range(1 if draw.random() < 0.22 else 2))


def pick(draw: random.Random, weighted: tuple[tuple[str, int], ...]) -> str:
    """A code drawn by its weight."""
    return draw.choices([code for code, _ in weighted], [weight for _, weight in weighted])[0]


def _number(draw: random.Random, division: str, born: date, female: bool, used: set[str]) -> str:
    while True:
        sequence = draw.randrange(500) * 2 + (0 if female else 1)
        body = f"{division}{born:%Y%m%d}{sequence:03d}"
        number = body + resident_id.check_character(body)
        if number not in used:
            used.add(number)
            return number
