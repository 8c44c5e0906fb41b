"""What earlier releases kept of a field is found under every name that it and its table have had."""

from __future__ import annotations

from yiwang.blocks.registry.domain.releasing.lineage import leftovers
from yiwang.blocks.registry.domain.sealed import Relation


def relation(name: str, *columns: str, binary: tuple[str, ...] = ()) -> Relation:
    return Relation("sys_shops", name, columns, binary)


RELATIONS = [
    relation("place", "number", "phone", "phone__was_7", "sealed__was_7", binary=("sealed__was_7",)),
    relation("place__past", "number", "phone", "phone__was_7"),
    relation("shop", "number", "tel", "tel__was_5", "size__was_5"),
    relation("store__was_3", "number", "tel"),
    relation("other", "phone", "phone__was_7"),
]
CHANGES = [
    ("move_column", "place.phone", "shop.tel"),
    ("rename_table", "shop", "store"),
]


def test_a_field_is_followed_through_renames_moves_and_tables_that_went() -> None:
    assert sorted(leftovers(RELATIONS, CHANGES)("place", "phone")) == [
        ("place", "phone__was_7"), ("place__past", "phone__was_7"), ("shop", "tel__was_5"), ("store__was_3", "tel"),
    ]  # fmt: skip


def test_columns_in_use_and_those_of_other_fields_and_tables_are_left_alone() -> None:
    found = leftovers(RELATIONS, CHANGES)("place", "phone")
    assert ("place", "phone") not in found
    assert ("shop", "tel") not in found, "another field may bear the name by now"
    assert all(column != "size__was_5" and table != "other" for table, column in found)
    assert leftovers(RELATIONS, CHANGES)("place", "number") == []


def test_sealed_leftovers_stay() -> None:
    changes = [("rename_column", "place.phone", "sealed")]
    assert ("place", "sealed__was_7") not in leftovers(RELATIONS, changes)("place", "phone")
