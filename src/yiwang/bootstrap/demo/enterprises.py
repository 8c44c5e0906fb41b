"""Synthetic enterprises of 澜州市 with codes that pass both their checks; the same rows for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from yiwang.bootstrap.demo import words
from yiwang.bootstrap.demo.residents import Row, family_name, given_name
from yiwang.vocabulary import organisation_code, uscc

TABLE = """
CREATE SCHEMA scjg;
CREATE TABLE scjg.qy_jbxx (
  tyshxydm char(18) PRIMARY KEY, qymc varchar(200) NOT NULL, qylx char(4) NOT NULL, qylxmc varchar(60) NOT NULL,
  fddbr varchar(50) NOT NULL, zczb numeric(16,2), clrq date NOT NULL, jyzt char(1) NOT NULL, jyztmc varchar(20) NOT NULL,
  hydm varchar(5) NOT NULL, djjg varchar(60) NOT NULL, djqh char(6) NOT NULL, zs varchar(200) NOT NULL,
  jyfw text NOT NULL, lxdh varchar(20), gxsj timestamp NOT NULL
);
COMMENT ON TABLE scjg.qy_jbxx IS '企业登记基本信息';
COMMENT ON COLUMN scjg.qy_jbxx.tyshxydm IS '统一社会信用代码';
COMMENT ON COLUMN scjg.qy_jbxx.qymc IS '企业名称';
COMMENT ON COLUMN scjg.qy_jbxx.qylx IS '企业类型代码';
COMMENT ON COLUMN scjg.qy_jbxx.qylxmc IS '企业类型';
COMMENT ON COLUMN scjg.qy_jbxx.fddbr IS '法定代表人';
COMMENT ON COLUMN scjg.qy_jbxx.zczb IS '注册资本（万元）';
COMMENT ON COLUMN scjg.qy_jbxx.clrq IS '成立日期';
COMMENT ON COLUMN scjg.qy_jbxx.jyzt IS '经营状态代码';
COMMENT ON COLUMN scjg.qy_jbxx.jyztmc IS '经营状态';
COMMENT ON COLUMN scjg.qy_jbxx.hydm IS '行业代码';
COMMENT ON COLUMN scjg.qy_jbxx.djjg IS '登记机关';
COMMENT ON COLUMN scjg.qy_jbxx.djqh IS '登记机关行政区划代码';
COMMENT ON COLUMN scjg.qy_jbxx.zs IS '住所';
COMMENT ON COLUMN scjg.qy_jbxx.jyfw IS '经营范围';
COMMENT ON COLUMN scjg.qy_jbxx.lxdh IS '联系电话';
COMMENT ON COLUMN scjg.qy_jbxx.gxsj IS '更新时间';
CREATE VIEW scjg.v_qy_zt AS SELECT tyshxydm, qymc, jyzt, jyztmc, clrq, gxsj FROM scjg.qy_jbxx;
COMMENT ON VIEW scjg.v_qy_zt IS '企业经营状态';
"""
COLUMNS = (
    "tyshxydm", "qymc", "qylx", "qylxmc", "fddbr", "zczb", "clrq", "jyzt", "jyztmc", "hydm", "djjg", "djqh", "zs",
    "jyfw", "lxdh", "gxsj",
)  # fmt: skip


def rows(count: int, today: date, seed: int = 17) -> Iterator[Row]:
    """`count` enterprises in the order of `COLUMNS`."""
    draw = random.Random(seed)  # noqa: S311 - synthetic data, not a secret
    for serial in range(count):
        division, district = draw.choices(words.DISTRICTS, (26, 22, 16, 14, 12, 10))[0]
        form = draw.choices(words.FORMS, [f[3] for f in words.FORMS])[0]
        state = draw.choices(words.STATES, [s[2] for s in words.STATES])[0]
        industry, trade, scope = draw.choice(words.TRADES)
        mark = "".join(draw.sample(words.FIRM_CHARACTERS, draw.choice((2, 2, 3))))
        founded = today - timedelta(days=int(draw.triangular(30, 11000, 1800)))
        capital = (
            None if form[0] == "4540" else draw.choice((10, 50, 100, 200, 300, 500, 1000, 2000, 5000, 10000))
        )
        yield (
            code(draw, division, serial), f"澜州{mark}{trade}{form[2]}", form[0], form[1],
            family_name(draw) + given_name(draw, draw.random() < 0.35), capital, founded, state[0], state[1], industry,
            f"澜州市{district}市场监督管理局", division,
            f"云泽省澜州市{district}{draw.choice(words.ROADS)}{draw.randrange(1, 900)}号", f"{scope}。",
            f"0290-{draw.randrange(10**7, 10**8 - 1)}", f"{today - timedelta(days=draw.randrange(400))} 06:10:00",
        )  # fmt: skip


def code(draw: random.Random, division: str, serial: int) -> str:
    """A 统一社会信用代码 of an enterprise, unique by its serial."""
    body = f"MA{draw.randrange(10)}{serial:05d}"
    inner = body + organisation_code.check_character(body)
    start = f"91{division}{inner}"
    return start + uscc.check_character(start)
