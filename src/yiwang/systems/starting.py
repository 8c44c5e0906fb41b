"""A small package that works, to begin from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar, Final

from yiwang.systems.checking.names import SQL_RESERVED, SYSTEM_NAMES
from yiwang.systems.errors import SystemsError

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,40}\Z")
_FILES: Final = {
    "system.yaml": """\
id: {name}
scope: [SY-00]
title: {{zh: 我的系统, en: My system}}
version: 0.1.0
owner: {{kind: 政务服务, level: [city]}}
zone: extranet
grade: 2
depends: []
basis: [{{law: 在此写明法律依据}}]
calendar: {{place: "370100", office_hours: [["08:30", "12:00"], ["13:30", "17:30"]]}}
""",
    "codes.yaml": """\
- {{id: visit_state, title: {{zh: 状态, en: State}}, rows: [[planned, 已预约, Planned], [done, 已办结, Done]]}}
""",
    "entities.yaml": """\
- id: visit
  title: {{zh: 预约, en: Appointment}}
  key: [number]
  history: versions
  classify: {{category: "306"}}
  abstract: {{zh: 市民到窗口办事的预约，一次一条, en: "Appointments at the counter, one row each"}}
  fields:
    - {{id: number, type: "serial(YY{{yyyy}}{{n:6}})", title: {{zh: 编号, en: Number}}}}
    - {{id: visitor, type: text(50), title: {{zh: 姓名, en: Name}}, required: true, grade: 3, mask: name, search: true}}
    - {{id: phone, type: phone, title: {{zh: 电话, en: Phone}}, grade: 3, mask: phone}}
    - {{id: day, type: date, title: {{zh: 日期, en: Day}}, required: true}}
    - {{id: state, type: code(visit_state), title: {{zh: 状态, en: State}}, required: true, default: planned}}
  share:
    type: conditional
    condition: {{zh: 用于窗口排班, en: to plan the counters}}
    purposes: [业务协同]
    reply_days: 5
    services:
      - {{id: by_number, mode: query, by: [number], fields: [number, day, state]}}
  open: {{type: none, basis: 中华人民共和国个人信息保护法}}
  update: {{cycle: realtime}}
  quality:
    - {{rule: not_null, fields: [day, state], severity: blocking}}
    - {{rule: expr, id: done_not_ahead, dimension: 一致性, expr: "row.state != 'done' || row.day <= today", severity: major, message: {{zh: 未到日期不能办结, en: Done before its day}}}}
  retention: {{time: 2y, from: created}}
""",
    "access.yaml": """\
purposes:
  - {{id: reception, title: {{zh: 窗口接待, en: Reception}}}}
roles:
  - {{id: clerk, title: {{zh: 窗口, en: Clerk}}, org: {{kind: 政务服务, level: city}}}}
rules:
  - {{role: [clerk], entity: [visit], verbs: [read, write, export], purpose: [reception]}}
""",
    "views.yaml": """\
- {{id: list, kind: list, of: visit, title: {{zh: 预约, en: Appointments}}, columns: [number, visitor, day, state], search: [number, visitor], filters: [state, day], for: [clerk]}}
- {{id: detail, kind: detail, of: visit, title: {{zh: 预约详情, en: Appointment}}, tabs: [history], for: [clerk]}}
""",
    "indicators.yaml": """\
- {{id: done_share, title: {{zh: 办结率, en: Share done}}, of: visit, measure: "share(row.state == 'done')", per: month, at: day, dimensions: [state], unit: "%", target: 95, direction: up}}
""",
    "stories/first.yaml": """\
id: first
title: {{zh: 预约并办结, en: Booked and done}}
clock: 2026-03-02T09:00:00+08:00
place: "370100"
steps:
  - {{who: clerk, does: create, as: booked, entity: visit, with: {{visitor: 市民甲, day: 2026-03-02}}, expect: ["booked.state == 'planned'"]}}
  - {{who: clerk, does: correct, entity: visit, use: booked, with: {{state: done}}, expect: ["tables.visit.exists(v, v.state == 'done')"]}}
  - {{who: outsider, does: read, entity: visit, refused: 无权查看}}
""",
}


class SystemName(SystemsError):
    """A name that no system can have."""

    code: ClassVar[str] = "system-name"
    message_zh: ClassVar[str] = "{name} 不能作系统名称。"
    message_en: ClassVar[str] = "{name} cannot be the name of a system."
    mend_zh: ClassVar[str] = "用小写字母开头、含小写字母数字下划线、2 至 41 字的名称，且不是 SQL 保留字。"
    mend_en: ClassVar[str] = "Use 2 to 41 lower-case letters, digits and _, first a letter, no word of SQL."


class FolderTaken(SystemsError):
    """The folder is there already."""

    code: ClassVar[str] = "system-folder-taken"
    message_zh: ClassVar[str] = "文件夹 {folder} 已存在。"
    message_en: ClassVar[str] = "The folder {folder} is there already."
    mend_zh: ClassVar[str] = "换一个名称，或先移走该文件夹。"
    mend_en: ClassVar[str] = "Choose another name or move the folder away."


def new_package(name: str, folder: Path) -> tuple[Path, ...]:
    """Write a package of one table into `folder / name`.

    Raises:
        SystemName: where no system can be called so.
        FolderTaken: where the folder exists.
    """
    if not _NAME.match(name) or name in SQL_RESERVED or name in SYSTEM_NAMES or name.startswith("pg_"):
        raise SystemName(name=name)
    target = folder / name
    if target.exists():
        raise FolderTaken(folder=str(target))
    written: list[Path] = []
    for file, text in _FILES.items():
        path = target / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(name=name), encoding="utf-8")
        written.append(path)
    return tuple(written)
