"""A small package whose notes hold an account, a telephone number and an income that are encrypted."""

from __future__ import annotations

from pathlib import Path

_FILES = {
    "system.yaml": """\
id: %(id)s
scope: [SY-00]
title: {zh: 密文登记%(id)s, en: Sealed notes}
version: 0.1.0
owner: {kind: 政务服务, level: [city]}
zone: extranet
grade: 2
depends: []
basis: [{law: 测试}]
calendar: {place: "370100", office_hours: [["08:30", "12:00"], ["13:30", "17:30"]]}
""",
    "codes.yaml": "- {id: note_state, title: {zh: 状态, en: State}, rows: [[open, 在办, Open], [done, 已办, Done]]}\n",
    "access.yaml": """\
purposes:
  - {id: reception, title: {zh: 窗口接待, en: Reception}}
roles:
  - {id: clerk, title: {zh: 窗口, en: Clerk}, org: {kind: 政务服务, level: city}}
  - {id: viewer, title: {zh: 查看, en: Viewer}, org: {kind: 政务服务, level: city}}
rules:
  - {role: [clerk], entity: [note], verbs: [read, write, export], purpose: [reception]}
  - {role: [viewer], entity: [note], verbs: [read, export], purpose: [reception], fields: {allow: [number, name, day, state]}}
""",
    "entities.yaml": """\
- id: note
  title: {zh: 密文登记, en: Note}
  key: [number]
  history: versions
  classify: {category: "306"}
  abstract: {zh: 一次一条, en: One row each}
  fields:
    - {id: number, type: text(20), title: {zh: 编号, en: Number}, required: true}
    - {id: name, type: text(50), title: {zh: 姓名, en: Name}, required: true, search: true, grade: 3}
    - {id: day, type: date, title: {zh: 日期, en: Day}, required: true}
    - {id: state, type: code(note_state), title: {zh: 状态, en: State}, required: true, default: open}
    - {id: account, type: text(40), title: {zh: 账号, en: Account}, grade: 4, protect: encrypt, lookup: true}
    - {id: phone, type: phone, title: {zh: 电话, en: Phone}, grade: 4, protect: encrypt, lookup: true, mask: phone}
    - {id: remark, type: text(2000), title: {zh: 备注, en: Remark}}
    - {id: income, type: money, title: {zh: 收入, en: Income}, grade: 4, protect: encrypt}
  share:
    type: conditional
    condition: {zh: 用于窗口排班, en: to plan the counters}
    purposes: [业务协同]
    reply_days: 5
    services:
      - {id: by_number, mode: query, by: [number], fields: [number, name, day, state]}
  open: {type: none, basis: 测试}
  update: {cycle: realtime}
  quality:
    - {rule: not_null, id: given, fields: [account], severity: major}
    - {rule: unique, id: once, fields: [account], severity: major}
    - {rule: expr, id: long, dimension: 准确性, expr: "row.account == null || size(row.account) > 30", severity: minor,
       message: {zh: 账号太短, en: Too short}}
    - {rule: not_null, fields: [day, state], severity: blocking}
  retention: {time: 2y, from: created}
""",
    "indicators.yaml": "[]\n",
    "views.yaml": """\
- {id: list, kind: list, of: note, title: {zh: 登记, en: Notes}, columns: [number, name, day, phone], search: [number, name],
   filters: [state, day, account], for: [clerk, viewer]}
- {id: detail, kind: detail, of: note, title: {zh: 登记详情, en: Note}, tabs: [history], for: [clerk, viewer]}
""",
    "stories/first.yaml": """\
id: first
title: {zh: 登记并办结, en: Noted and done}
clock: 2026-03-02T09:00:00+08:00
place: "370100"
steps:
  - {who: clerk, does: create, as: noted, entity: note, with: {number: S1, name: 市民甲, day: 2026-03-02, account: 编造的账号},
     expect: ["noted.state == 'open'"]}
  - {who: clerk, does: correct, entity: note, use: noted, with: {state: done}, expect: ["tables.note.exists(v, v.state == 'done')"]}
  - {who: outsider, does: read, entity: note, refused: 无权查看}
""",
}


def package(parent: Path, system: str) -> Path:
    """The package under this name. What its story enters is made up: a package is kept as it is written."""
    folder = parent / system
    for name, text in _FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text % {"id": system}, encoding="utf-8")
    return folder
