"""The plan from one package to the next, and the compatibility of two releases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from yiwang.systems.model.entities import Entity, QualityRule, Service
from yiwang.systems.model.lists import CodeList
from yiwang.systems.model.package import Package
from yiwang.systems.planning.changes import Change, Plan
from yiwang.systems.planning.columns import new_column, table_changes
from yiwang.systems.planning.wording import wording_changes


class _Named(Protocol):
    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=_Named)


def plan(before: Package | None, after: Package) -> Plan:
    """What must be done to bring a system from `before` (None: nothing applied yet) to `after`."""
    changes = [
        *_tables(before, after),
        *_codes(before, after),
        *_services(before, after),
        *_rest(before, after),
        *wording_changes(before, after),
    ]
    return Plan(after.id, before.system.version if before else None, after.system.version, tuple(changes))


def _tables(before: Package | None, after: Package) -> Iterator[Change]:
    old = {one.id: one for one in before.entities} if before else {}
    names = {one.id for one in after.entities}
    kept: set[str] = set()
    splits: dict[str, set[str]] = {}
    for entity in after.entities:
        if entity.id not in old and entity.was in old and entity.was in names:
            left = {one.id for one in old[entity.was].fields} - {
                f.id for e in after.entities if e.id == entity.was for f in e.fields
            }
            taken = {one.was or one.id for one in entity.fields} & left
            splits.setdefault(entity.was, set()).update(taken)
            yield from _split(entity, entity.was, taken)
    for entity in after.entities:
        if entity.id in old:
            kept.add(entity.id)
            yield from table_changes(old[entity.id], entity, frozenset(splits.get(entity.id, ())))
        elif entity.was in old and entity.was not in names:
            kept.add(entity.was)
            yield Change(
                kind="rename_table", thing="table", path=entity.id, effect="additive", breaking=True,
                facts={"from": entity.was, "to": entity.id},
                zh=f"数据表 {entity.was} 改名为 {entity.id}", en=f"table {entity.was} is renamed {entity.id}",
            )  # fmt: skip
            yield from table_changes(old[entity.was], entity)
        elif entity.was not in old:
            yield Change(
                kind="create_table", thing="table", path=entity.id, effect="additive",
                facts={"history": entity.history, "columns": str(len(entity.fields))},
                zh=f"新建数据表 {entity.id}（{entity.title.zh}，{len(entity.fields)} 个字段）",
                en=f"table {entity.id} is new ({len(entity.fields)} columns)",
            )  # fmt: skip
    for name in old:
        if name not in kept:
            yield Change(
                kind="drop_table", thing="table", path=name, effect="confirm", breaking=True,
                zh=f"数据表 {name} 不再使用（旧数据保留）", en=f"table {name} is no longer used (its data is kept)",
            )  # fmt: skip


def _split(entity: Entity, source: str, taken: set[str]) -> Iterator[Change]:
    yield Change(
        kind="split_table", thing="table", path=entity.id, effect="backfill", breaking=True,
        facts={"from": source, "fields": " ".join(sorted(taken))},
        zh=f"数据表 {entity.id} 由 {source} 拆出（{'、'.join(sorted(taken)) or '无字段'}）",
        en=f"table {entity.id} is split from {source} ({', '.join(sorted(taken)) or 'no field'})",
    )  # fmt: skip
    for field in entity.fields:
        was = field.was or field.id
        if was in taken:
            yield Change(
                kind="move_column", thing="column", path=f"{entity.id}.{field.id}", effect="backfill", breaking=True,
                facts={"from": f"{source}.{was}", "to": f"{entity.id}.{field.id}"},
                zh=f"{source}.{was} 移到 {entity.id}.{field.id}", en=f"{source}.{was} moves to {entity.id}.{field.id}",
            )  # fmt: skip
        elif field.id not in entity.key:
            yield from new_column(entity.id, field)


def _codes(before: Package | None, after: Package) -> Iterator[Change]:
    old = {one.id: one for one in before.codes} if before else {}
    for codes in after.codes:
        if codes.id not in old:
            yield Change(
                kind="create_list", thing="list", path=codes.id, effect="additive",
                zh=f"新建代码表 {codes.id}（{len(codes.codes)} 个代码）", en=f"list {codes.id} is new ({len(codes.codes)} codes)",
            )  # fmt: skip
            continue
        yield from _list(old[codes.id], codes)
    for name in set(old) - {one.id for one in after.codes}:
        yield Change(
            kind="drop_list", thing="list", path=name, effect="confirm", breaking=True,
            zh=f"代码表 {name} 不再使用", en=f"list {name} is no longer used",
        )  # fmt: skip


def _list(before: CodeList, after: CodeList) -> Iterator[Change]:
    old, new = {one.code: one for one in before.codes}, {one.code: one for one in after.codes}
    for code, one in new.items():
        path = f"{after.id}.{code}"
        if code not in old:
            yield Change(
                kind="add_code",
                thing="code",
                path=path,
                effect="additive",
                zh=f"新增代码 {path} {one.zh}",
                en=f"code {path} is new",
            )
        elif one.until and not old[code].until:
            successor = " ".join(one.successor)
            yield Change(
                kind="retire_code", thing="code", path=path, effect="backfill" if successor else "confirm", breaking=True,
                facts={"until": one.until, "successor": successor},
                zh=f"代码 {path} 用到 {one.until}，由 {successor or '（未指明）'} 接续",
                en=f"code {path} ends on {one.until}; successor {successor or 'not named'}",
            )  # fmt: skip
    for code in old:
        if code not in new:
            path = f"{after.id}.{code}"
            yield Change(
                kind="drop_code", thing="code", path=path, effect="confirm", breaking=True,
                zh=f"代码 {path} 被删去而未指明接续代码（请移到 retired 并写 successor）",
                en=f"code {path} is gone without a successor (move it to retired and name one)",
            )  # fmt: skip


def _services(before: Package | None, after: Package) -> Iterator[Change]:
    """Catalogue entries and the services on them."""
    for entity in after.entities:
        old = before.entity(entity.id) if before else None
        terms = (
            entity.title,
            entity.abstract,
            entity.classify,
            entity.share.type,
            entity.share.condition,
            entity.open,
        )
        was = old and (old.title, old.abstract, old.classify, old.share.type, old.share.condition, old.open)
        if old is None:
            yield _plain("create", "catalogue entry", entity.id)
        elif terms != was:
            stricter = ("unconditional", "conditional", "none")
            narrower = stricter.index(entity.share.type) > stricter.index(old.share.type)
            yield _plain("change", "catalogue entry", entity.id, narrower)
        yield from _named(
            "service", f"{entity.id}.", old.share.services if old else (), entity.share.services, _narrows
        )
        yield from _named(
            "interface", f"{entity.id}.", old.open.interfaces if old else (), entity.open.interfaces
        )
        yield from _named(
            "quality rule", f"{entity.id}.", _keyed(old.quality if old else ()), _keyed(entity.quality)
        )


@dataclass(frozen=True, slots=True)
class _Keyed:
    id: str
    value: object


def _keyed(rules: Iterable[QualityRule]) -> list[_Keyed]:
    return [_Keyed(one.id or f"{one.rule}({','.join(one.fields) or one.field})", one) for one in rules]


def _narrows(before: Service, after: Service) -> bool:
    return not (
        set(before.fields) <= set(after.fields)
        and set(before.claims) <= set(after.claims)
        and before.by == after.by
    )


def _rest(before: Package | None, after: Package) -> Iterator[Change]:
    def pair(name: str) -> tuple[Sequence[_Named], Sequence[_Named]]:
        return (getattr(before, name) if before else (), getattr(after, name))

    yield from _named(
        "role", "", before.access.roles if before else (), after.access.roles, lambda *_: False, True
    )
    old_rules = {_rule_id(one): one for one in before.access.rules} if before else {}
    new_rules = {_rule_id(one): one for one in after.access.rules}
    for name, rule in new_rules.items():
        if name not in old_rules:
            yield _plain("create", "access rule", name)
        elif old_rules[name] != rule:
            yield _plain("change", "access rule", name)
    for name in old_rules:
        if name not in new_rules:
            yield _plain("drop", "access rule", name, True)
    for thing, name in (
        ("indicator", "indicators"), ("view", "views"), ("light", "supervise"), ("parameter", "parameters"),
        ("rule", "rules"), ("form", "forms"), ("item", "items"), ("process", "processes"), ("schedule", "schedules"),
        ("story", "stories"),
    ):  # fmt: skip
        yield from _named(thing, "", *pair(name))
    old, new = (before.exchange if before else None), after.exchange
    yield from _named("need", "", old.needs if old else (), new.needs)
    yield from _named("feed", "", old.feeds if old else (), new.feeds)
    if before is not None and before.fusion != after.fusion:
        yield _plain("change", "fusion", after.id)


def _rule_id(rule: object) -> str:
    role, entity = getattr(rule, "role", ()), getattr(rule, "entity", ())
    verbs, purpose = getattr(rule, "verbs", ()), getattr(rule, "purpose", ())
    rows = getattr(rule, "rows", None)
    return f"{'+'.join(role)}:{'+'.join(entity)}:{'+'.join(verbs)}:{'+'.join(purpose)}:{rows.text if rows else '*'}"


def _named(
    thing: str,
    prefix: str,
    before: Iterable[N],
    after: Iterable[N],
    narrows: object = None,
    dropped_breaks: bool = False,
) -> Iterator[Change]:
    old: Mapping[str, N] = {one.id: one for one in before}
    new: Mapping[str, N] = {one.id: one for one in after}
    for name, one in new.items():
        if name not in old:
            yield _plain("create", thing, prefix + name)
        elif old[name] != one:
            breaking = bool(callable(narrows) and narrows(old[name], one))
            yield _plain("change", thing, prefix + name, breaking)
    for name in old:
        if name not in new:
            yield _plain("drop", thing, prefix + name, thing in ("service", "interface") or dropped_breaks)


_THINGS = {
    "catalogue entry": "目录条目", "service": "共享服务", "interface": "开放接口", "quality rule": "质量规则",
    "role": "角色", "access rule": "权限规则", "indicator": "指标", "view": "视图", "light": "督办规则",
    "parameter": "参数", "rule": "规则", "form": "表单", "item": "事项", "process": "流程", "schedule": "定时任务",
    "story": "故事", "need": "数据需求", "feed": "上报", "fusion": "融合计划",
}  # fmt: skip
_WORDS = {"create": ("新增", "is new"), "change": ("更改", "changes"), "drop": ("撤下", "is withdrawn")}


def _plain(kind: str, thing: str, path: str, breaking: bool = False) -> Change:
    zh, en = _WORDS[kind]
    return Change(
        kind=kind, thing=thing, path=path, effect="confirm" if kind == "drop" and breaking else "additive",  # type: ignore[arg-type]
        breaking=breaking, zh=f"{zh}{_THINGS[thing]} {path}", en=f"{thing} {path} {en}",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compatibility:
    """Whether the new version number says what the changes are.

    Attributes:
        least: the least version that semantic versioning allows.
        sound: whether the package's version reaches it.
    """

    least: str
    sound: bool
    breaking: tuple[Change, ...]


def compatibility(before: Package, after: Package) -> Compatibility:
    """Compare two releases for those who use them."""
    made = plan(before, after)
    breaking = tuple(one for one in made.changes if one.breaking)
    major, minor, patch = (int(one) for one in before.system.version.split("."))
    if breaking:
        least = (major + 1, 0, 0)
    elif any(one.kind.startswith(("create", "add")) for one in made.changes):
        least = (major, minor + 1, 0)
    else:
        least = (major, minor, patch + 1) if made.changes else (major, minor, patch)
    have = tuple(int(one) for one in after.system.version.split("."))
    return Compatibility(".".join(map(str, least)), have >= least, breaking)
