"""Two releases of a small package: a rename, a new required field, a narrowed list, a split, a field that goes."""

from __future__ import annotations

from pathlib import Path

_FILES = {
    "system.yaml": """\
id: shops
scope: [SY-00]
title: {{zh: 店铺, en: Shops}}
version: {version}
owner: {{kind: 政务服务, level: [city]}}
zone: extranet
grade: 2
depends: []
basis: [{{law: 测试}}]
calendar: {{place: "370100", office_hours: [["08:30", "12:00"]]}}
""",
    "access.yaml": """\
roles: [{{id: clerk, title: 登记, org: {{kind: 政务服务, level: city}}}}]
rules: [{{role: [clerk], entity: [shop{more}], verbs: [read, write], purpose: [upkeep]}}]
""",
    "stories/first.yaml": """\
id: first
title: 登记
clock: 2026-03-02T09:00:00+08:00
place: "370100"
steps:
  - {{who: outsider, does: read, entity: shop, refused: 无权查看}}
""",
}
_SHOP = """\
- id: shop
  title: {zh: 店铺, en: Shop}
  key: [number]
  history: %s
  classify: {category: "306"}
  abstract: 一户一条
  fields:
    - {id: number, type: text(20), title: 编号, required: true}
"""
_SHARE = """\
  share: {type: conditional, condition: 用于核查, purposes: [业务协同], reply_days: 5,
          services: [{id: by_number, mode: query, by: [number], fields: [number, kind]}]}
  open: {type: none, basis: 测试}
  update: {cycle: realtime}
  quality: [{rule: not_null, fields: [kind], severity: major}]
  retention: {time: 2y, from: created}
"""
PARTED = "versions\n  partition: {by: number, parts: 3}"
"""A history, and that rows lie in three parts."""
CODES = "- {id: kind, title: 类别, rows: [[shop, 店], [stall, 摊], [mall, 商场]]}\n"
NARROWED = """\
- {id: kind, title: 类别, rows: [[shop, 店], [mall, 商场]],
   retired: [{code: stall, zh: 摊, until: 2025-12-31, successor: [shop]}]}
"""
FIRST = """\
    - {id: name, type: text(50), title: 名称, required: true, search: true}
    - {id: kind, type: code(kind), title: 类别, required: true}
    - {id: size, type: text(10), title: 面积}
    - {id: address, type: text(100), title: 地址}
    - {id: phone, type: text(20), title: 电话}
    - {id: secret, type: text(20), title: 账号, protect: encrypt, grade: 4}
"""
SECOND = """\
    - {id: title, type: text(50), title: 名称, required: true, search: true, was: name}
    - {id: kind, type: code(kind), title: 类别, required: true}
    - {id: size, type: integer, title: 面积}
    - {id: letters, type: integer, title: 名称字数, required: true, fill: size(row.title)}
    - {id: open, type: boolean, title: 营业, required: true, default: true}
    - {id: account, type: text(20), title: 账号, protect: encrypt, grade: 4, was: secret}
"""
PLACE = """\
- id: place
  was: shop
  title: {zh: 店址, en: Place}
  key: [number]
  history: %s
  classify: {category: "306"}
  abstract: 一户一址
  fields:
    - {id: number, type: text(20), title: 编号, required: true}
    - {id: address, type: text(100), title: 地址, grade: 2}
  share: {type: none, basis: {law: 测试}}
  open: {type: none, basis: 测试}
  update: {cycle: realtime}
  quality: [{rule: not_null, fields: [number], severity: major}]
  retention: {time: 2y, from: created}
"""


def first(folder: Path, history: str = "versions") -> Path:
    """The first release."""
    return written(folder, "1.0.0", CODES, _SHOP % history + FIRST + _SHARE)


def second(folder: Path, history: str = "versions") -> Path:
    """The second release: everything changes."""
    entities = _SHOP % history + SECOND + _SHARE + PLACE % history
    return written(folder, "2.0.0", NARROWED, entities, ", place")


def other(folder: Path, fields: str, version: str = "2.0.0", history: str = "versions") -> Path:
    """A release with other fields."""
    return written(folder, version, CODES, _SHOP % history + fields + _SHARE)


def written(folder: Path, version: str, codes: str, entities: str, more: str = "") -> Path:
    """A package in `folder / version / shops`."""
    target = folder / version / "shops"
    for file, text in _FILES.items():
        path = target / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(version=version, more=more), encoding="utf-8")
    (target / "codes.yaml").write_text(codes, encoding="utf-8")
    (target / "entities.yaml").write_text(entities, encoding="utf-8")
    return target
