"""A mask hides the same in the database as it does here."""

from __future__ import annotations

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Server
from yiwang.dataplane.masking import MASKS
from yiwang.dataplane.masking_sql import masked

SIGNS = st.sampled_from("0123456789aZ @.-·王敏省市区县州盟旗自治地兰州城关甘肃 ")
USUAL = st.sampled_from([
    "11010519491231002X", "王敏", "Li Ming", "13812345678", "23812345678", "1381234567", "138123456789", "1381234567a", "0931-8888888",
    "甘肃省兰州市城关区某路1号", "广西壮族自治区南宁市",
    "chen.chen@example.cn", "@b", "a@b@c", "6222021234567890", "19491231", "1949-12-31", "194", "",
])  # fmt: skip
SCRIPTS = {"phone", "year_only"}


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(values=st.lists(st.text(SIGNS, max_size=24) | USUAL, min_size=20, max_size=60))
def test_a_mask_in_sql_gives_what_the_mask_gives(pg_server: Server, values: list[str]) -> None:
    with psycopg.connect(pg_server.admin) as held:
        for kind, mask in MASKS.items():
            statement = f"SELECT v, {masked(kind, 'v')} FROM unnest(%s::text[]) v"
            for value, hidden in held.execute(statement.encode(), (values,)):
                if kind in SCRIPTS and not value.isascii():
                    assert hidden in {"****", mask(value)}
                else:
                    assert hidden == mask(value), (kind, value)
        assert held.execute(f"SELECT {masked('name', 'NULL::text')}".encode()).fetchall() == [(None,)]
