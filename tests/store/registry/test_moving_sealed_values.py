"""Sealed values move with their field: into a table of another name, a field of another name, a table of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.store.registry import shops
from tests.store.registry.applied import NOW, applied, holder, owner
from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import ChangeUnsupported, Errand, Wanted
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

pytestmark = pytest.mark.django_db
FIELDS = shops.FIRST.replace("protect: encrypt", "protect: encrypt, lookup: true")
SECRET = "    - {id: secret, type: text(20), title: 账号, protect: encrypt, lookup: true, grade: 4}\n"


@pytest.fixture
def clerk(tmp_path: Path) -> Errand:
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    applied(shops.other(tmp_path, FIELDS, "1.0.0"))
    made = holder(1, "shops.clerk", purpose="upkeep")
    for at in range(3):
        values = {"number": f"S{at}", "name": "店", "kind": "shop", "secret": f"账{at}", "address": "街"}
        registry.create_record(made, "shops", "shop", values, NOW)
    return made


def secrets(clerk: Errand, entity: str, field: str = "secret") -> list[object]:
    return [one.values[field] for one in registry.records(clerk, "shops", entity, Wanted({}), NOW).records]


def found(clerk: Errand, entity: str, secret: str, field: str = "secret") -> list[object]:
    wanted = Wanted({field: secret})
    return [one.values["number"] for one in registry.records(clerk, "shops", entity, wanted, NOW).records]


def test_a_field_of_another_name_opens_and_is_found(clerk: Errand, tmp_path: Path) -> None:
    renamed = FIELDS.replace("{id: secret,", "{id: account, was: secret,")
    applied(shops.other(tmp_path, renamed), confirmation="改名")
    assert secrets(clerk, "shop", "account") == ["账0", "账1", "账2"]
    assert found(clerk, "shop", "账1", "account") == ["S1"]


def test_a_table_of_another_name_opens_and_is_found(clerk: Errand, tmp_path: Path) -> None:
    package = shops.other(tmp_path, FIELDS)
    for file in ("entities.yaml", "access.yaml", "stories/first.yaml"):
        text = (package / file).read_text(encoding="utf-8")
        text = text.replace("id: shop\n", "id: store\n  was: shop\n").replace(
            "entity: [shop]", "entity: [store]"
        )
        (package / file).write_text(text.replace("entity: shop", "entity: store"), encoding="utf-8")
    applied(package, confirmation="改名")
    assert secrets(clerk, "store") == ["账0", "账1", "账2"]
    assert found(clerk, "store", "账1") == ["S1"]


def split(tmp_path: Path, key: str = "number", more: str = "", secret: str = SECRET) -> Path:
    place = shops.PLACE.replace("key: [number]", f"key: [{key}]") % "versions"
    place = place.replace("  share: {type: none", f"{secret}{more}  share: {{type: none")
    rest = "".join(one for one in FIELDS.splitlines(True) if "secret" not in one and "address" not in one)
    rest = rest.replace("title: 电话}", "title: 电话, grade: 2}")
    entities = shops._SHOP % "versions" + rest + shops._SHARE + place
    return shops.written(tmp_path, "2.0.0", shops.CODES, entities, ", place")


def test_a_field_in_a_table_of_its_own_opens_and_is_found_and_so_do_values_written_later(
    clerk: Errand, tmp_path: Path
) -> None:
    applied(split(tmp_path), confirmation="拆")
    assert secrets(clerk, "place") == ["账0", "账1", "账2"]
    assert found(clerk, "place", "账1") == ["S1"]
    registry.create_record(clerk, "shops", "place", {"number": "S9", "secret": "账9"}, NOW)
    assert found(clerk, "place", "账9") == ["S9"]
    registry.reseal_fields(owner(), 1)
    assert secrets(clerk, "place") == ["账0", "账1", "账2", "账9"]


def test_a_field_renamed_while_it_moves_opens_and_is_found(clerk: Errand, tmp_path: Path) -> None:
    moved = SECRET.replace("{id: secret,", "{id: account, was: secret,")
    applied(split(tmp_path, secret=moved), confirmation="拆")
    assert secrets(clerk, "place", "account") == ["账0", "账1", "账2"]
    assert found(clerk, "place", "账2", "account") == ["S2"]


def test_a_table_of_its_own_with_another_key_is_refused_in_words(clerk: Errand, tmp_path: Path) -> None:
    name = "    - {id: name, type: text(50), title: 名称, required: true}\n"
    with pytest.raises(ChangeUnsupported) as refused:
        applied(split(tmp_path, "number, name", name), confirmation="拆")
    assert "主键" in refused.value.text("zh")
    del clerk


def test_a_field_that_becomes_encrypted_while_it_moves_is_refused_in_words(
    clerk: Errand, tmp_path: Path
) -> None:
    package = split(tmp_path)
    file = package / "entities.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("title: 地址, grade: 2", "title: 地址, protect: encrypt, grade: 3"), encoding="utf-8"
    )
    with pytest.raises(ChangeUnsupported) as refused:
        applied(package, confirmation="拆")
    assert "加密" in refused.value.text("zh")
    del clerk
