"""Finding an entry among those of a whole country: `./yw bench search [--entries N] [--rounds N]`.

Entries are made up: titles of 3 to 6 words of government, agencies, items; where the public titles lie beside the
repository, one in ten is made from those. Eight people search at once, each in a process of its own and with no time
to think, through the same function as the page (words, ranking, facets, the page's rows). Before the clock runs, both
are asked for a few rounds, so that none pays for cold caches. The ceiling is the bare
`SELECT code … WHERE tsv @@ … LIMIT 20` of the same words under the same load; the peer is what a catalogue without an
index of words asks (`title ILIKE %word%`, the newest first, no facets). The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from multiprocessing.queues import Queue
from pathlib import Path

import psycopg

from benchmarks._node import BareNode

SEARCHERS = 8
WARMING = 6
"""Rounds asked before the clock runs."""


def _words(text: str) -> list[str]:
    return text.split()


WHAT = _words(
    """
    企业 个体户 事业单位 社会组织 食品 药品 医疗器械 特种设备 建筑工程 道路运输 机动车 驾驶证 不动产
    宅基地 林权 采矿权 土地 房屋 住房 公积金 婚姻 收养 殡葬 低保 残疾人 老年人 儿童 退役军人 居民 户籍
    流动人口 学生 教师 学校 医院 医生 护士 疫苗 职业病 养老保险 医疗保险 失业保险 工伤保险 就业 职称
    技能人才 律师 公证 仲裁 信访 税务 发票 进出口 商标 专利 标准 计量 电梯 锅炉 危险化学品 烟花爆竹
    矿山 消防 气象 水文 河道 水库 排污 污染源 空气质量 噪声 固体废物 森林 草原 湿地 耕地 种子 农药
    兽药 畜禽 屠宰 农机 合作社 粮食 旅游 文物 图书馆 体育场馆 网吧 出版 电影 广播 快递 邮政 通信 电力
    燃气 供水 供热 公交 停车 桥梁 港口 船舶 航空 铁路 招标 采购 国有资产 预算 债务 统计 人口普查
    经济普查 慈善 彩票 志愿者
    """
)
DOES = _words(
    """
    登记 许可 备案 年检 注销 变更 处罚 检查 抽检 监测 评价 评定 认定 资格 证书 执照 合同 缴费 补贴
    救助 奖励 投诉 举报 预警 应急 统计 名录 台账 档案 公示 信用 黑名单 红名单 注册 审批 验收 检验 鉴定
    核查 申报
    """
)
END = _words(
    """
    信息 基本信息 数据 明细 结果 记录 情况 名单 目录 汇总
    """
)
PLACES = _words(
    """
    兰州 天水 酒泉 张掖 武威 定西 陇南 平凉 庆阳 白银 金昌 嘉峪关 临夏 甘南 城关区 七里河区 西固区
    安宁区 红古区 永登县 榆中县 皋兰县
    """
)
OFFICES = _words(
    """
    市场监督管理局 民政局 公安局 自然资源局 住房和城乡建设局 交通运输局 卫生健康委员会
    人力资源和社会保障局 教育局 生态环境局 农业农村局 应急管理局 税务局 文化和旅游局 水务局 医疗保障局
    司法局 统计局 财政局 退役军人事务局
    """
)
ITEMS = _words(
    """
    名称 统一社会信用代码 证件号码 姓名 登记日期 有效期 状态 地址 联系电话 金额 类型 经办机构 许可证号
    法定代表人
    """
)
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "catalog" / "tw_data_gov_tw_titles.txt"
PINYIN = _words(
    """
    qiye hunyin budongchan jidongche shipin yaopin gongjijin dibao zhiyebing qydj hydj spxk bdcdj jdc
    ylbx
    """
)
Search = tuple[str, dict[str, str]]


def agencies() -> list[tuple[str, str]]:
    return [
        (f"11{n:06d}MB{n:07d}X"[:18], f"{place}{office}")
        for n, (place, office) in enumerate((p, o) for p in PLACES for o in OFFICES)
    ]


def entries(count: int, dice: random.Random) -> Iterator[tuple[str, str, str, str, str, str, str, str]]:
    """Code, agency, its name, title, summary, share type, cycle, grade."""
    public = SHARED.read_text(encoding="utf-8").splitlines() if SHARED.exists() else []
    offices = agencies()
    for n in range(count):
        agency, name = dice.choice(offices)
        if public and n % 10 == 0:
            title = f"{dice.choice(public)[:60]}{n}"
        else:
            what = "".join(dice.sample(WHAT, dice.choice((1, 1, 2))))
            title = f"{dice.choice(PLACES)}{what}{dice.choice(DOES)}{dice.choice(END)}{n}"
        summary = f"{name}办理{dice.choice(WHAT)}{dice.choice(DOES)}时产生的{dice.choice(END)}。"
        code = f"{dice.choice((1, 2, 3, 3, 3))}{dice.randrange(1, 40):02d}{dice.randrange(1, 60):03d}/{n + 1}"
        yield (
            code, agency, name, title, summary,
            dice.choice(("conditional", "conditional", "unconditional", "none")),
            dice.choice(("daily", "monthly", "yearly", "irregular")),
            dice.choice(("general", "personal", "sensitive")),
        )  # fmt: skip


def load(url: str, count: int) -> None:
    dice = random.Random(1)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = list(entries(count, dice))
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        with cursor.copy(
            "COPY catalogue_resource (code, agency, agency_name, classification, title, title_en, summary, summary_en,"
            " share_type, share_condition, share_basis, open, open_condition, update_cycle, grade, state, version,"
            " created_at, updated_at, published_at, withdrawn_reason, format_class, format_type, share_channel,"
            " share_ways, lead_department, related, released_on, duty, office, volumes, level, revision, edited_by,"
            " stage, authors) FROM STDIN"
        ) as copy:
            for n, (code, agency, name, title, summary, share, cycle, grade) in enumerate(made):
                when = start + timedelta(seconds=n)
                copy.write_row((
                    code, agency, name, code.split("/")[0], title, "", summary, "", share, "", "", False, "", cycle,
                    grade, "published", 1, when, when, when, "", "", "", "", "[]", "", "[]", "", "", "", "{}", "", 0,
                    "", "", "[]",
                ))  # fmt: skip
        with cursor.copy(
            "COPY catalogue_item (resource_id, position, wire, title, title_en, type, length, grade, description,"
            " level, element) FROM STDIN"
        ) as copy:
            for code, *_ in made:
                for position, item in enumerate(dice.sample(ITEMS, 4)):
                    copy.write_row(
                        (code, position, f"f{position}", item, "", "text", 0, "general", "", "", "")
                    )
        cursor.execute("ANALYZE catalogue_resource")
        cursor.execute("ANALYZE catalogue_item")


def searches(dice: random.Random) -> dict[str, Callable[[], Search]]:
    offices = agencies()
    return {
        "one_word": lambda: (dice.choice((*WHAT, *WHAT, *DOES, *PLACES)), {}),
        "multi_word": lambda: (f"{dice.choice(WHAT)} {dice.choice(DOES)} {dice.choice(('', *PLACES))}", {}),
        "pinyin": lambda: (dice.choice(PINYIN), {}),
        "faceted": lambda: (
            dice.choice(("", *WHAT)),
            dice.choice((
                {"provider": dice.choice(offices)[0]},
                {"share_type": "unconditional", "grade": "general"},
                {"theme": "1", "update_cycle": "daily"},
            )),
        ),
    }  # fmt: skip


def setup(url: str) -> None:
    os.environ["YW_DATABASE_URL"] = url
    os.environ["DJANGO_SETTINGS_MODULE"] = "yiwang.bootstrap.settings"
    import django

    django.setup()


def searcher(number: int, url: str, rounds: int, how: str, ready: object, out: Queue[object]) -> None:
    setup(url)
    from django.db import connection

    from yiwang.blocks.catalogue.domain.searching import parsing
    from yiwang.blocks.catalogue.public import find
    from yiwang.blocks.identity.public import Actor

    actor = Actor(1, "u", "周航", "1", "市民政局", "290100", frozenset())
    dice = random.Random(number)
    kinds = searches(dice)
    took: dict[str, list[float]] = {kind: [] for kind in kinds}
    for make in [*kinds.values()] * 3:  # dictionary, connection and plans, which a server holds already
        find(actor, *make())
    find(actor, "查无此物")
    if (
        how == "bare"
    ):  # by the index of words, as `find` does; the planner now and then prefers to read every row
        with connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = off")
    ready.wait()  # type: ignore[attr-defined]
    for _ in range(rounds):
        for kind, make in kinds.items():
            text, facets = make()
            query = parsing.by_words(parsing.parse(text), titles=False)
            started = time.perf_counter()
            if how == "find":
                find(actor, text, facets)
            elif query:
                with connection.cursor() as cursor:
                    cursor.execute(*statement(how, text, query))
                    cursor.fetchall()
            took[kind].append(time.perf_counter() - started)
    out.put(took)


def statement(how: str, text: str, query: str) -> tuple[str, list[str]]:
    """The ceiling (`bare`: the look-up alone) or the peer (`like`: words anywhere in the title, the newest first)."""
    if how == "bare":
        return "SELECT code FROM catalogue_search WHERE tsv @@ %s::tsquery LIMIT 20", [query]
    words = text.split()
    likes = " AND ".join(["title ILIKE %s"] * len(words))
    said = f"SELECT code FROM catalogue_resource WHERE {likes} AND state = 'published' ORDER BY updated_at DESC LIMIT 20"
    return said, [f"%{word}%" for word in words]


def crowd(url: str, rounds: int, how: str) -> tuple[dict[str, list[float]], float]:
    context = multiprocessing.get_context("spawn")
    out: Queue[object] = context.Queue()
    ready = context.Barrier(SEARCHERS + 1)
    people = [
        context.Process(target=searcher, args=(n, url, rounds, how, ready, out)) for n in range(SEARCHERS)
    ]
    for one in people:
        one.start()
    ready.wait(120)
    started = time.perf_counter()
    took: dict[str, list[float]] = {}
    for _ in people:
        told = out.get(timeout=600)
        assert isinstance(told, dict)
        for kind, times in told.items():
            took.setdefault(kind, []).extend(times)
    elapsed = time.perf_counter() - started
    for one in people:
        one.join()
    return took, elapsed


def p95(values: list[float]) -> float:
    """The 95th percentile, in milliseconds."""
    return round(statistics.quantiles(values, n=20)[-1] * 1000, 1)


def rebuild() -> float:
    """Seconds to build the index anew from the entries."""
    from yiwang.blocks.catalogue.public import rebuild_search

    started = time.perf_counter()
    rebuild_search({}, datetime.now(UTC), lambda done, of: print(f"{done:,} / {of:,}", flush=True))
    return time.perf_counter() - started


def main() -> int:
    asked = argparse.ArgumentParser(prog="yw bench search")
    asked.add_argument("--entries", type=int, default=470_000)
    asked.add_argument("--rounds", type=int, default=40)
    asked.add_argument("--data", type=Path, help="keep the node in this folder; a later run finds it filled")
    asked.add_argument("--keep-index", action="store_true", help="search the index as it lies in --data")
    told = asked.parse_args(sys.argv[1:])
    rebuilt: float | None = None
    with ExitStack() as stack:
        temporary = tempfile.TemporaryDirectory(prefix="yw-search-", ignore_cleanup_errors=True)
        folder = told.data or Path(stack.enter_context(temporary))
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        node = BareNode(folder, settings={"shared_buffers": "512MB", "maintenance_work_mem": "512MB"})
        node.start()
        stack.callback(node.stop)
        filled = folder / f"filled-{told.entries}"
        if not filled.exists():
            load(node.urls.owner, told.entries)
            filled.touch()
        os.environ.update(node.environment())
        setup(node.urls.owner)
        if not told.keep_index:
            rebuilt = rebuild()
            print(f"index rebuilt in {rebuilt:.1f} s", flush=True)
        for how in (
            "bare",
            "find",
        ):  # pages of the index and of the tables, which a server in use holds already
            crowd(node.urls.app, WARMING, how)
        bare, _ = crowd(node.urls.app, told.rounds, "bare")
        like, _ = crowd(node.urls.app, max(1, min(3, told.rounds // 8)), "like")  # seconds each
        took, elapsed = crowd(node.urls.app, told.rounds, "find")
    every = [t for times in took.values() for t in times]
    worded = ("one_word", "multi_word")
    bare_words = [t for kind in (*worded, "pinyin") for t in bare[kind]]
    like_words = [t for kind in worded for t in like[kind]]
    found_words = [t for kind in worded for t in took[kind]]
    result = {
        "entries": told.entries,
        "searchers": SEARCHERS,
        "rebuild_s": None if rebuilt is None else round(rebuilt, 1),
        "p95_ms": p95(every),
        "median_ms": round(statistics.median(every) * 1000, 1),
        "searches_per_s": round(len(every) / elapsed, 1),
        "p95_ms_by_kind": {kind: p95(times) for kind, times in took.items()},
        "p95_ms_bare_select": p95(bare_words),
        "ratio_to_bare": round(p95(bare_words) / p95(every), 3),
        "p95_ms_like": p95(like_words),
        "times_faster_than_like": round(p95(like_words) / p95(found_words), 2),
    }
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    # under its own name, so that the searchers' processes find what they are to run
    raise SystemExit(importlib.import_module("benchmarks.search").main())
