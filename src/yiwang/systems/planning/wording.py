"""Words that changed between two releases: names of fields and codes, their units and notes. They move no data."""

from __future__ import annotations

from collections.abc import Iterator

from yiwang.systems.model.base import Label
from yiwang.systems.model.entities import Entity
from yiwang.systems.model.lists import CodeList
from yiwang.systems.model.package import Package
from yiwang.systems.planning.changes import Change

Words = dict[str, tuple[Label, ...]]


def wording_changes(before: Package | None, after: Package) -> Iterator[Change]:
    """One change a table, a code list and the system itself, where words differ; what is new has words of its own."""
    if before is None:
        return
    yield from _compared("system", after.id, _of_system(before), _of_system(after))
    for entity in after.entities:
        old = before.entity(entity.id)
        if old is not None:
            yield from _compared("table", entity.id, _of_entity(old), _of_entity(entity))
    for codes in after.codes:
        known = before.code_list(codes.id)
        if known is not None:
            yield from _compared("list", codes.id, _of_list(known), _of_list(codes))


def _of_system(package: Package) -> Words:
    purposes = {f"purpose {one.id}": (one.title,) for one in package.access.purposes}
    return {"": (package.system.title,), **purposes}


def _of_entity(entity: Entity) -> Words:
    return {one.id: (one.title, one.unit, one.note) for one in entity.fields}


def _of_list(codes: CodeList) -> Words:
    return {
        "": (codes.title, *codes.levels),
        **{f"code {one.code}": (Label(one.zh, one.en),) for one in codes.codes},
    }


def _compared(thing: str, path: str, before: Words, after: Words) -> Iterator[Change]:
    count = sum(name in before and before[name] != words for name, words in after.items())
    if count:
        yield Change(
            kind="change", thing="wording", path=path, effect="additive", facts={"of": thing, "count": str(count)},
            zh=f"更改{_THINGS[thing]} {path} 的 {count} 处文字", en=f"{count} words of {thing} {path} change",
        )  # fmt: skip


_THINGS = {"system": "系统", "table": "数据表", "list": "代码表"}
