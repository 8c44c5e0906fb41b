"""What columns are called, and what titles mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.dataplane.census.naming import readings
from yiwang.dataplane.census.terms import concepts, terms
from yiwang.dataplane.census.titles import clean_title, meaning


@pytest.mark.parametrize(
    ("name", "title", "concept"),
    [
        ("tyshxydm", "统一社会信用代码", "uscc"), ("gmsfhm", "公民身份号码", "resident_id"), ("sfzh", "身份证号", "resident_id"),
        ("fddbr", "法定代表人", "person_name"), ("FDDBRLXDH", "法定代表人联系电话", "contact_phone"),
        ("qylxmc", "企业类型名称", "type_name"),
        ("xingming", "姓名", "person_name"),
        ("createTime", "创建时间", "datetime"), ("updated_at", "更新时间", "update_time"),
        ("prov_code", "省份代码", "division_code"), ("f_xm", "姓名", "person_name"), ("aac003", "姓名", "person_name"),
        ("XDR_SHXYM", "统一社会信用代码", "uscc"), ("enterprise_phone", "企业电话", "phone"), ("lxdh2", "联系电话2", "contact_phone"),
        ("date_of_birth", "出生日期", "birth_date"), ("qy_lxdh", "企业联系电话", "org_contact_phone"),
    ],
)  # fmt: skip
def test_names_of_government_databases_are_read(name: str, title: str, concept: str) -> None:
    best = readings(name)[0]
    assert (best.title, best.concept) == (title, concept)
    assert best.known


@pytest.mark.parametrize("name", ["c1", "field_07", "x", "列12", "zzzzqq", "___", "ünïcode"])
def test_a_name_that_says_nothing_stays_as_it_is(name: str) -> None:
    best = readings(name)[0]
    assert not best.known
    assert best.title == name
    assert best.confidence < 0.2


def test_a_comment_wins_over_the_name_and_explanations_are_cut_off() -> None:
    best = readings("xm", "项目名称（全称）。由发改委赋予")[0]
    assert best.title == "项目名称（全称）"
    assert clean_title("性别：1男 2女") == "性别"
    assert clean_title("经营状态 1-存续 2-注销") == "经营状态"
    assert readings("xm", "备用1")[0].title == "姓名"


@pytest.mark.parametrize(
    ("title", "concept", "owner"),
    [
        ("法定代表人联系电话", "contact_phone", "person"),
        ("单位负责人", "person_name", "organisation"), ("企业联系电话", "org_contact_phone", "organisation"),
        ("参保人姓名", "person_name", "person"),
        ("户籍地址", "home_address", "person"), ("办公地址", "org_address", "organisation"),
        ("性别代码", "sex", ""),
        ("受托人", "person_name", ""), ("企业法人", "", ""), ("户籍所在地行政区划代码", "person_division", "person"),
        ("开户银行账号", "bank_account", ""),
        ("行政村名称", "division_name", ""), ("参保人数", "count", "person"), ("是否有效", "flag", ""),
        ("学校联系电话", "contact_phone", "organisation"),
        ("身份证件类型", "id_type", ""), ("注册资本（万元）", "money", ""),
    ],
)  # fmt: skip
def test_the_end_of_a_title_tells_what_it_is(title: str, concept: str, owner: str) -> None:
    said = meaning(title)
    if concept:
        assert said.concept == concept
        assert said.owner == owner
    else:
        assert said.concept != "person_name"


@given(st.text(max_size=40), st.text(max_size=60))
def test_any_name_and_comment_get_a_reading(name: str, comment: str) -> None:
    found = readings(name, comment)
    assert found
    assert all(0 <= reading.confidence <= 1 for reading in found)
    assert list(found) == sorted(found, key=lambda r: -r.confidence)


def test_every_term_has_a_concept_that_exists() -> None:
    assert len(terms()) > 600
    assert {term.concept for term in terms()} <= concepts().keys()
    assert len({term.title for term in terms()}) == len(terms())


def test_sensitive_concepts_are_at_least_level_four_and_personal_ones_two() -> None:
    least = {"general": 1, "internal": 2, "personal": 2, "sensitive": 4, "secret": 4}
    assert all(concept.level >= least[concept.protection] for concept in concepts().values())
