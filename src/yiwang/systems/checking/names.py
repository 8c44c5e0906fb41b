"""Ids: unique of their kind, and nothing that YAML, SQL or the engine reads as something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

from yiwang.systems.cel.parsing import RESERVED
from yiwang.systems.errors import NameReserved, NameTwice, PackageFault
from yiwang.systems.model.package import Package
from yiwang.systems.reading.places import Place

_SQL_WORDS: Final = """
    all analyse analyze and any array as asc asymmetric both case cast check collate column constraint
    create current_catalog current_date current_role current_time current_timestamp current_user default
    deferrable desc distinct do else end except false fetch for foreign grant group having initially
    intersect into lateral leading limit localtime localtimestamp not null offset only or placing
    primary references returning select session_user some symmetric table then to trailing true union
    unique user using variadic when where window with authorization binary collation concurrently cross
    current_schema freeze full ilike inner is isnull join left like natural notnull outer overlaps right
    similar tablesample verbose
"""
SQL_RESERVED: Final = frozenset(_SQL_WORDS.split())
"""Words that PostgreSQL or DuckDB take for themselves."""
USABLE: Final = frozenset(("order", "left", "from", "user", "end", "check", "case", "to", "default"))
"""Reserved words that packages may use: the engine quotes every name, and they are the words of the trade."""
ENGINE: Final = frozenset(
    ("row", "actor", "purpose", "now", "today", "tables", "kept", "out", "form", "created", "changed")
)
"""Variables of expressions and fields that the engine adds itself."""
SYSTEM_NAMES: Final = frozenset(("public", "information_schema", "core", "yw", "registry", "platform"))


def check_names(package: Package) -> Iterator[PackageFault]:
    """Reserved and repeated ids."""
    system = package.system
    if system.id in SYSTEM_NAMES or system.id.startswith("pg_") or system.id in SQL_RESERVED:
        yield _reserved(system.id, system.place)
    for entity in package.entities:
        if not _sound(entity.id) or entity.id in ENGINE or entity.id.startswith("pg_"):
            yield _reserved(entity.id, entity.place)
        inner: list[_Declared] = [*entity.fields, *entity.parts]
        for one in inner:
            if not _sound(one.id) or one.id in ENGINE or one.id in RESERVED:
                yield _reserved(one.id, one.place)
        yield from _twice("字段", "field", ((one.id, one.place) for one in inner))
        yield from _twice(
            "质量规则", "quality rule", ((one.id, one.place) for one in entity.quality if one.id)
        )
        yield from _twice("共享服务", "service", ((one.id, one.place) for one in entity.share.services))
        yield from _twice("开放接口", "interface", ((one.id, one.place) for one in entity.open.interfaces))
    for zh, en, named in _kinds(package):
        yield from _twice(zh, en, ((one.id, one.place) for one in named))
    for codes in package.codes:
        yield from _twice("代码", "code", ((one.code, one.place) for one in codes.codes if one.until is None))


class _Declared(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def place(self) -> Place: ...


def _kinds(package: Package) -> Iterator[tuple[str, str, Sequence[_Declared]]]:
    yield "数据表", "table", package.entities
    yield "代码表", "code list", package.codes
    yield "参数", "parameter", package.parameters
    yield "角色", "role", package.access.roles
    yield "视图", "view", package.views
    yield "指标", "indicator", package.indicators
    yield "督办规则", "light", package.supervise
    yield "规则", "rule", package.rules
    yield "表单", "form", package.forms
    yield "事项", "item", package.items
    yield "流程", "process", package.processes
    yield "数据需求", "need", package.exchange.needs
    yield "上报", "feed", package.exchange.feeds
    yield "定时任务", "schedule", package.schedules
    yield "故事", "story", package.stories


def _sound(name: str) -> bool:
    return name.lower() not in SQL_RESERVED - USABLE and not name.startswith("_") and "__" not in name


def _reserved(name: str, place: Place) -> NameReserved:
    return NameReserved(
        place, found=name, expected="不是 SQL 保留字或引擎变量、不含双下划线的标识",
        expected_en="an id that is no word of SQL or of the engine, without double underscores",
    )  # fmt: skip


def _twice(zh: str, en: str, things: Iterable[tuple[str, Place]]) -> Iterator[PackageFault]:
    seen: dict[str, Place] = {}
    for name, place in things:
        folded = name.lower()
        if folded in seen:
            yield NameTwice(place, what=zh, what_en=en, found=name, first=str(seen[folded]))
        seen.setdefault(folded, place)
