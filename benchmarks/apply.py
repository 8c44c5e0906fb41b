"""Applying a package: `./yw bench apply [--entities N] [--rounds N]`.

A package of N tables (12 fields, a reference, two access rules, quality rules, a list view each) is read, checked,
compiled and applied to a new node, catalogue entries and mounts included, as `yw system apply` does it. The ceiling
is the same DDL, sent bare in one transaction. The goal is 10 s for 40 tables. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks._node import BareNode

GOAL_SECONDS = 10.0
_SYSTEM = """\
id: wide
scope: [SY-00]
title: {{zh: 大系统, en: Wide}}
version: 1.0.{release}
owner: {{kind: 民政, level: [city]}}
zone: extranet
grade: 2
depends: []
basis: [{{law: 测试}}]
calendar: {{place: "370100", office_hours: [["08:30", "12:00"]]}}
"""
_CODES = "- {id: state, title: 状态, rows: [[new, 新], [active, 在办], [closed, 办结]]}\n"
_STORY = """\
id: first
title: 登记
clock: 2026-03-02T09:00:00+08:00
place: "370100"
steps:
  - {who: outsider, does: read, entity: thing0, refused: 无权查看}
"""
_ENTITY = """\
- id: thing{n}
  title: {{zh: 事物{n}, en: Thing {n}}}
  key: [number]
  history: {history}
  classify: {{category: "306"}}
  abstract: 第 {n} 类事物，一条一行
  fields:
    - {{id: number, type: "serial(T{n}N{{yyyy}}{{n:8}})", title: 编号}}
    - {{id: name, type: text(50), title: 名称, required: true, search: true, grade: 2}}
    - {{id: state, type: code(state), title: 状态, required: true, default: new}}
    - {{id: division, type: division(town), title: 区划, required: true}}
    - {{id: opened, type: date, title: 开始日期, required: true}}
    - {{id: closed, type: date, title: 结束日期}}
    - {{id: amount, type: money, title: 金额, default: 0}}
    - {{id: rate, type: "decimal(10,2)", title: 比率}}
    - {{id: phone, type: phone, title: 电话, grade: 3, mask: phone}}
    - {{id: note, type: long_text, title: 备注}}
    - {{id: urgent, type: boolean, title: 紧急, required: true, default: false}}
    - {{id: above, type: ref(thing{above}), title: 上级}}
  share:
    type: conditional
    condition: 用于核查
    purposes: [业务协同]
    reply_days: 5
    services: [{{id: by_number, mode: query, by: [number], fields: [number, name, state, opened]}}]
  open: {{type: none, basis: 测试}}
  update: {{cycle: realtime}}
  quality:
    - {{rule: not_null, fields: [name, state], severity: blocking}}
    - {{rule: expr, id: order, dimension: 一致性, expr: "row.closed == null || row.closed >= row.opened", severity: major}}
  retention: {{time: 5y, from: created}}
"""


def wide_package(folder: Path, entities: int, release: int = 0) -> Path:
    """A package of so many tables in `folder / wide`."""
    target = folder / "wide"
    (target / "stories").mkdir(parents=True, exist_ok=True)
    histories = ("versions", "bitemporal", "none")
    names = ", ".join(f"thing{n}" for n in range(entities))
    texts = {
        "system.yaml": _SYSTEM.format(release=release),
        "codes.yaml": _CODES,
        "stories/first.yaml": _STORY,
        "entities.yaml": "".join(
            _ENTITY.format(n=n, above=max(n - 1, 0), history=histories[n % 3]) for n in range(entities)
        ),
        "access.yaml": (
            "roles:\n  - {id: clerk, title: 经办, org: {kind: 民政, level: city}}\n"
            "  - {id: reader, title: 查询, org: {any: true}}\nrules:\n"
            f"  - {{role: [clerk], entity: [{names}], verbs: [read, write], rows: row.division == actor.division, purpose: [work]}}\n"
            f"  - {{role: [reader], entity: [{names}], verbs: [read], fields: {{deny: [phone]}}, purpose: [reference]}}\n"
        ),
        "views.yaml": "".join(
            f"- {{id: list{n}, kind: list, of: thing{n}, title: 清单{n}, columns: [number, name, state], search: [name],"
            f" filters: [state, division], for: [clerk]}}\n"
            for n in range(entities)
        ),
    }
    for name, text in texts.items():
        (target / name).write_text(text, encoding="utf-8")
    return target


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="yw bench apply")
    options.add_argument("--entities", type=int, default=40)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    whole: list[float] = []
    bare: list[float] = []
    with tempfile.TemporaryDirectory(prefix="yw-bench-apply-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        node = BareNode(folder / "node", mode="demo")
        node.start()
        try:
            os.environ.update(node.environment(YW_DATABASE_URL=node.urls.app))
            importlib.import_module("django").setup()
            _agency()
            package = wide_package(folder, given.entities)
            for turn in range(given.rounds):
                seconds, ceiling = _round(node, package)
                whole.append(seconds)
                bare.append(ceiling)
                print(f"round {turn + 1}: {seconds:.2f} s, bare DDL {ceiling:.2f} s")
        finally:
            node.stop()
    middle, least = statistics.median(whole), statistics.median(bare)
    print(
        json.dumps(
            {
                "bench": "apply", "entities": given.entities, "seconds": round(middle, 2), "bare_ddl_seconds": round(least, 2),
                "ratio": round(least / middle, 2), "goal_seconds": GOAL_SECONDS, "reached": middle <= GOAL_SECONDS,
            }
        )
    )  # fmt: skip


def _agency() -> None:
    from yiwang.blocks.identity.public import node_actor
    from yiwang.blocks.organisation import public as organisation
    from yiwang.bootstrap.demo.city import AGENCY_OF, REGIONS

    hand = node_actor("290000")
    for code, zh, en, parent, _level in REGIONS[:2]:
        organisation.register_region(hand, code=code, name_zh=zh, name_en=en, parent=parent)
    one = AGENCY_OF["minzheng"]
    organisation.register_agency(
        hand, uscc=one.code, slug="lan-minzheng", name_zh=one.name_zh, name_en=one.name_en, short_zh=one.short_zh,
        short_en=one.short_en, region="290100", line=one.line,
    )  # fmt: skip


def _round(node: BareNode, package: Path) -> tuple[float, float]:
    """Seconds of an application, and of its DDL alone; everything is taken away again."""
    from yiwang.blocks.registry.public import owner_connection
    from yiwang.bootstrap.systems.applying import ROLES, apply_folder
    from yiwang.bootstrap.systems.cataloguing import tell

    now = datetime.now(UTC)
    gone = b"DROP SCHEMA IF EXISTS sys_wide, sys_wide_read, sys_wide_share, sys_wide_quality CASCADE"
    with owner_connection(node.urls.owner) as connection:
        begun = time.perf_counter()
        prepared = apply_folder(connection, package, ROLES, now, by="bench")
        tell("wide", node.urls.share, now)
        seconds = time.perf_counter() - begun
        for table in (
            "exchange_mount",
            "registry_listing",
            "registry_system",
            "registry_apply_step",
            "registry_apply",
        ):
            connection.execute(f"TRUNCATE {table} CASCADE".encode())
        connection.execute(b"TRUNCATE catalogue_resource CASCADE")
        connection.execute(gone)
        begun = time.perf_counter()
        with connection.transaction():
            for step in prepared.steps:
                connection.execute(";".join(step.do).encode())
        ceiling = time.perf_counter() - begun
        connection.execute(gone)
    return seconds, ceiling


if __name__ == "__main__":
    main()
