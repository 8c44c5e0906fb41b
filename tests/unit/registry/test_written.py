"""Which entities the database can write as JSON, and that a wide one still fits its functions."""

from __future__ import annotations

from typing import Any

import msgspec

from yiwang.blocks.registry.domain.compiled import Entity, Field
from yiwang.blocks.registry.domain.labels import Label
from yiwang.blocks.registry.domain.written import written


def entity(*fields: Field, **more: Any) -> Entity:
    return Entity(id="e", title=Label("事", "E"), key=("a",), history="versions", fields=fields, **more)


def field(name: str, kind: str = "text", **more: object) -> Field:
    return msgspec.convert(
        {"id": name, "title": {"zh": name}, "kind": kind, "columns": [name], **more}, Field
    )


def test_work_of_the_application_stays_its_own() -> None:
    assert written(entity(field("a")), dated=False) is not None
    assert written(entity(field("a"), field("b", encrypted=True)), dated=False) is None
    assert written(entity(field("a"), fused=True), dated=False) is None
    joined = field("b", "ref", columns=["b_x", "b_y"], types=["date", "text"])
    assert written(entity(field("a"), joined), dated=False) is None


def test_no_call_has_more_arguments_than_the_database_takes() -> None:
    found = written(entity(*(field(f"f{n}") for n in range(300))), dated=True)
    assert found is not None
    assert found.count("concat(") > 7


def test_a_sign_of_percent_is_no_place_of_a_value() -> None:
    found = written(entity(field("a"), field("b", "integer", derived='"row"."a"::int % 7')), dated=False)
    assert found is not None
    assert "%% 7" in found
