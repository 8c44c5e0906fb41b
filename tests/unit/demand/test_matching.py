"""The ranking, measured on a small set made by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.catalogue.domain.searching.parsing import WEAK
from yiwang.blocks.catalogue.domain.searching.words import words
from yiwang.blocks.demand.domain.matching import Known, Words, holders, match, ranked

ENTRIES = (
    (
        "企业登记基本信息",
        "市场监管",
        ("统一社会信用代码", "企业名称", "法定代表人", "成立日期"),
        "企业登记注册",
    ),
    ("企业股权出质登记", "市场监管", ("统一社会信用代码", "出质人", "出质股权数额"), "企业登记注册"),
    ("居民户籍基本信息", "公安", ("公民身份号码", "姓名", "户籍地址"), "户籍管理"),
    ("机动车登记信息", "公安", ("号牌号码", "车辆识别代号", "所有人"), "车辆管理"),
    ("不动产登记信息", "自然资源", ("不动产单元号", "权利人", "坐落"), "不动产登记"),
    ("婚姻登记信息", "民政", ("男方身份号码", "女方身份号码", "登记日期"), "婚姻登记"),
    ("残疾人证信息", "残联", ("公民身份号码", "残疾类别", "残疾等级"), "残疾人服务"),
    ("养老保险参保信息", "人社", ("公民身份号码", "参保状态", "缴费月数"), "社会保险"),
    ("道路运输从业资格", "交通", ("证件号码", "从业类别", "有效期"), "道路运输"),
    ("学籍信息", "教育", ("学籍号", "姓名", "学校"), "学籍管理"),
)
NEEDS = (
    ("家庭成员车辆情况", ("号牌号码", "所有人"), "机动车登记信息"),
    ("股权质押", ("出质股权数额",), "企业股权出质登记"),
    ("残疾等级与有效期", ("残疾等级",), "残疾人证信息"),
    ("不动产权利人核验", ("权利人", "坐落"), "不动产登记信息"),
    ("是否已婚", ("登记日期", "男方身份号码"), "婚姻登记信息"),
    ("职工养老参保状态", ("参保状态",), "养老保险参保信息"),
    ("户籍地址核对", ("户籍地址",), "居民户籍基本信息"),
    ("在校学生学籍", ("学籍号",), "学籍信息"),
    ("运输从业资格核查", ("从业类别",), "道路运输从业资格"),
    ("企业法定代表人", ("法定代表人",), "企业登记基本信息"),
)


def telling(text: str) -> frozenset[str]:
    return frozenset(words(text)) - WEAK


KNOWN = tuple(
    Known(
        f"3/{i}", title, agency, agency, telling(title), tuple((name, telling(name)) for name in items), duty,
        telling(duty),
    )
    for i, (title, agency, items, duty) in enumerate(ENTRIES)
)  # fmt: skip


def wanted(title: str, items: tuple[str, ...]) -> Words:
    named = tuple((name, telling(name)) for name in items)
    return Words(telling(title), named, telling(title).union(*(w for _, w in named)))


def test_the_right_entry_comes_first_in_at_least_nine_of_ten_needs() -> None:
    first = [
        next((one.title for one in ranked(wanted(title, items), KNOWN)), "") for title, items, _ in NEEDS
    ]
    right = sum(found == meant for found, (_, _, meant) in zip(first, NEEDS, strict=True))
    assert right >= 9, list(zip(first, NEEDS, strict=True))


def test_what_nobody_holds_finds_nothing() -> None:
    assert ranked(wanted("公交刷卡流水", ("卡号",)), KNOWN) == ()


def test_every_match_says_why() -> None:
    best = ranked(wanted("企业登记", ("法定代表人",)), KNOWN)[0]
    assert (best.words, best.items) == (("企业", "登记"), ("法定代表人",))


def test_an_agency_is_asked_once_for_its_best_entry() -> None:
    found = ranked(wanted("企业登记", ("统一社会信用代码",)), KNOWN)
    assert len({one.agency for one in holders(found)}) == len(holders(found)) <= 3


WORD = st.text("甲乙丙丁戊", max_size=4).map(frozenset)


@given(WORD, st.lists(st.tuples(st.sampled_from("甲乙丙"), WORD), max_size=4), WORD, WORD)
def test_a_score_is_a_percentage_and_the_same_entry_twice_is_no_better(
    title: frozenset[str],
    items: list[tuple[str, frozenset[str]]],
    other: frozenset[str],
    duty: frozenset[str],
) -> None:
    need = Words(title, tuple(items), title)
    known = Known("3/1", "甲", "A", "A", other, tuple(items), "", duty)
    assert 0 <= match(need, known).score <= 100
    assert [one.score for one in ranked(need, [known, known])] == [
        match(need, known).score
    ] * 2 or not ranked(need, [known])
