"""A declared entity as a catalogue entry, and as what the exchange serves of it."""

from __future__ import annotations

from typing import Final, Literal

from yiwang.blocks.catalogue.public import ItemDraft, ResourceDraft
from yiwang.blocks.exchange.public import ColumnMap, MountForm
from yiwang.blocks.registry.public import (
    Entity,
    Field,
    System,
    readable_fields,
    served_services,
    share_schema,
    shared_fields,
)

ItemType = Literal["text", "integer", "decimal", "boolean", "date", "datetime", "json", "binary"]
_TYPES: Final[dict[str, ItemType]] = {
    "bigint": "integer", "boolean": "boolean", "date": "date", "timestamptz": "datetime",
}  # fmt: skip
_DATABASE: Final = {"timestamptz": "timestamp with time zone"}
_CYCLES: Final = frozenset(
    ("realtime", "daily", "weekly", "monthly", "quarterly", "half_yearly", "yearly", "irregular")
)
_MASKS: Final = {
    "name": "name", "id": "id_number", "phone": "phone", "address": "address", "bank_card": "bank_account",
}  # fmt: skip
_SUBJECTS: Final[dict[str, Literal["person", "organisation"]]] = {
    "resident_id": "person", "uscc": "organisation", "org": "organisation",
}  # fmt: skip
SEALED_ZH: Final = "加密保存，不随接口提供。"
_PURPOSES: Final = {
    "行政依据": "basis of decisions", "工作参考": "reference", "数据校核": "checking of data",
    "业务协同": "joint work",
}  # fmt: skip
_ITEM = "001"
"""目 of the classification, where a package names 类 and 项 only."""


def drafted(system: System, entity: Entity) -> ResourceDraft | None:
    """The entry; None for an entity that stands nowhere in the catalogue, since it is but a part of another."""
    classification = _classified(system, entity)
    if not classification:
        return None
    served = bool(served_columns(entity))
    shared = entity.share_type
    return ResourceDraft(
        title=entity.title.zh, title_en=entity.title.en, classification=classification,
        summary=entity.abstract or f"{system.title.zh}中的{entity.title.zh}",
        summary_en=entity.abstract_en or (f"{entity.title.en} of {system.title.en}" if entity.title.en else ""),
        items=tuple(item for field in entity.fields for item in _items(field)),
        share_type="none" if shared == "none" else "unconditional" if shared == "unconditional" else "conditional",
        share_condition=_condition(entity), share_condition_en=_condition_en(entity),
        share_basis=entity.share_basis or ("；".join(system.basis) if shared == "none" else ""),
        open=entity.open_type != "none", open_condition=_opened(entity),
        update_cycle=entity.update_cycle if entity.update_cycle in _CYCLES else "irregular",  # type: ignore[arg-type]
        format_class="database", format_type="PostgreSQL",
        share_channel="platform" if shared != "none" else "",
        share_ways=() if shared == "none" else ("api",) if served else ("database",),
        lead_department="" if not classification.startswith("2") else system.title.zh,
        duty="；".join(system.basis),
    )  # fmt: skip


def mounted(system: System, entity: Entity, resource: str, source: str) -> MountForm | None:
    """Where the exchange reads it: the columns that its services name, by its key; None where it has no such service."""
    columns = served_columns(entity)
    if not columns:
        return None
    key = tuple(c for name in entity.key for c in entity.field(name).columns)
    modes = {"verify" if service.mode == "verify" else "query" for service in served_services(entity)}
    return MountForm(
        resource=resource, source=source, schema=share_schema(system.id), relation=entity.id, columns=columns,
        key=key, modes=tuple(mode for mode in ("query", "verify") if mode in modes),
        disclosure=entity.disclosure, disclosure_basis=entity.disclosure_basis,
    )  # fmt: skip


def served_columns(entity: Entity) -> tuple[ColumnMap, ...]:
    """The columns that leave by interface: of fields that a served service names, and of the key."""
    services = served_services(entity)
    if not services:
        return ()
    readable = readable_fields(entity)
    named = {name for one in services for name in (*one.fields, *one.claims, *one.by)} | set(entity.key)
    found = []
    for field in shared_fields(entity):
        if field.id in named:
            for column, kind in zip(field.columns, field.stored_types(), strict=True):
                database = _DATABASE.get(kind, kind)
                found.append(ColumnMap(column, column, _type(kind), database, field.id in readable))
    return tuple(found)


def _classified(system: System, entity: Entity) -> str:
    """类, 项 and 目; a part stands where what it belongs to stands."""
    above = next(
        (one for one in system.entities if any(part.entity == entity.id for part in one.parts)), None
    )
    code = entity.classification or (above.classification if above is not None else "")
    if not code and entity.reference:
        code = next((one.classification for one in system.entities if one.classification), "")
    return code if len(code) >= 6 or not code else code[:3] + _ITEM


def _condition(entity: Entity) -> str:
    if entity.share_type != "conditional":
        return ""
    purposes = f"（{'、'.join(entity.purposes)}）" if entity.purposes else ""
    return f"{entity.share_condition or '须列明办理事项与法律依据'}{purposes}"


def _condition_en(entity: Entity) -> str:
    """The condition in English, where all of it is known in English."""
    if entity.share_type != "conditional" or (entity.share_condition and not entity.share_condition_en):
        return ""
    purposes = f" ({', '.join(_PURPOSES[one] for one in entity.purposes)})" if entity.purposes else ""
    return f"{entity.share_condition_en or 'name the matter handled and its legal basis'}{purposes}"


def _opened(entity: Entity) -> str:
    return "" if entity.open_type == "none" else entity.open_condition or "按公共数据开放的一般规定使用"


def _items(field: Field) -> list[ItemDraft]:
    kinds = field.stored_types() if not field.encrypted else ("text",)
    found = []
    for column, kind in zip(field.columns, kinds, strict=True):
        key = column.partition("__")[2]
        subject = _SUBJECTS.get(field.kind)
        found.append(
            ItemDraft(
                wire=column, title=f"{field.title.zh}（{key}）" if key else field.title.zh,
                title_en=field.title.en, type=_type(kind), length=_length(field),
                grade="sensitive" if field.grade >= 4 else "personal" if field.grade == 3 else "general",
                subject=subject if not field.encrypted else None,
                check="resident_id" if field.kind == "resident_id" and not field.encrypted
                else "uscc" if field.kind == "uscc" and not field.encrypted else None,
                mask=_MASKS.get(field.mask or ""), level=str(field.grade),  # type: ignore[arg-type]
                description=SEALED_ZH if field.encrypted else field.note, element=field.element or field.standard,
            )
        )  # fmt: skip
    return found


def _type(kind: str) -> ItemType:
    return "decimal" if kind.startswith("numeric") else _TYPES.get(kind, "text")


def _length(field: Field) -> int:
    return int(field.argument) if field.kind == "text" and field.argument.isdigit() else 0
