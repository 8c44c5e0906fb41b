"""Where sealed values lie: columns of encrypted fields, and those that were kept when a field or table went."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from yiwang.blocks.registry.domain.compiled import Entity, System
from yiwang.blocks.registry.domain.layout import LOOKUP, PAST
from yiwang.blocks.registry.domain.releasing.naming import kept_name

_KEPT: Final = re.compile(r"__was_(\d+)$")


@dataclass(frozen=True, slots=True)
class Relation:
    """A table as it lies in the database, with its columns and those of them that hold bytes."""

    schema: str
    name: str
    columns: tuple[str, ...]
    binary: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column of sealed values.

    Attributes:
        key: columns of the record's key, which the values are bound to.
        places: what they may be bound to beside it, the likeliest first: a kept column has no declaration any more.
        lookup: column of their digests; empty where there is none.
    """

    schema: str
    table: str
    column: str
    key: tuple[str, ...]
    places: tuple[str, ...]
    lookup: str


def sealed_columns(relations: Iterable[Relation], releases: Sequence[System]) -> list[Sealed]:
    """The sealed columns of a system's tables; `releases` are all it has had, the newest last."""
    found = []
    for relation in relations:
        entities = [
            entity
            for release in reversed(releases)
            for entity in release.entities
            if _called(entity, relation.name)
        ]
        key = next(
            (
                table.key
                for entity in entities
                if set((table := entity.table("")).key) <= set(relation.columns)
            ),
            (),
        )
        for column in relation.binary:
            if column.startswith(LOOKUP):
                continue
            places = [
                (entity in entities, field.place(release.id, entity.id), field.columns[0])
                for release in reversed(releases)
                for entity in release.entities
                for field in entity.fields
                if field.encrypted and named(field.columns[0], column)
            ]
            places.sort(key=lambda one: not one[0])
            lookups = {_beside(stem, column) for _, _, stem in places} & set(relation.columns)
            found.append(
                Sealed(
                    relation.schema, relation.name, column, key,
                    tuple(dict.fromkeys(place for _, place, _ in places)), next(iter(sorted(lookups)), ""),
                )
            )  # fmt: skip
    return found


def _beside(declared: str, actual: str) -> str:
    """The column of the digests of a column, which may have been kept together with it."""
    kept = _KEPT.search(actual)
    return kept_name(LOOKUP + declared, int(kept[1])) if kept is not None else LOOKUP + declared


def _called(entity: Entity, table: str) -> bool:
    return any(named(one, table) for one in (entity.id, entity.id + PAST))


def named(declared: str, actual: str) -> bool:
    """Whether something is called so, or is what was kept of it."""
    kept = _KEPT.search(actual)
    return actual == declared or (kept is not None and actual == kept_name(declared, int(kept[1])))
