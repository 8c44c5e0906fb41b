"""Between rows and the catalogue's own values."""

from __future__ import annotations

import msgspec
from django.db import connection

from yiwang.blocks.catalogue.domain.guide import highest_level
from yiwang.blocks.catalogue.domain.resource import ItemDraft, ResourceDraft
from yiwang.blocks.catalogue.domain.rules import highest_grade
from yiwang.blocks.catalogue.store.models import Item, Resource

_COLUMNS = (
    "title", "title_en", "summary", "summary_en", "share_type", "share_condition", "share_condition_en",
    "share_basis", "open", "open_condition", "update_cycle", "format_class", "format_type", "share_channel", "lead_department",
    "released_on", "duty", "office",
)  # fmt: skip


def draft_of(document: object) -> ResourceDraft:
    """A draft from its JSON."""
    return msgspec.convert(document, ResourceDraft)


def document_of(draft: ResourceDraft) -> dict[str, object]:
    """A draft as JSON."""
    document: dict[str, object] = msgspec.to_builtins(draft)
    return document


def items_of(row: Resource) -> tuple[ItemDraft, ...]:
    """The items of a resource in order."""
    return tuple(
        msgspec.convert(
            {
                "wire": item.wire, "title": item.title, "title_en": item.title_en, "type": item.type,
                "length": item.length, "grade": item.grade, "subject": item.subject,
                "check": item.check_rule, "mask": item.mask, "description": item.description,
                "level": item.level, "element": item.element,
            },
            ItemDraft,
        )
        for item in row.items.all()
    )  # fmt: skip


def current_of(row: Resource) -> ResourceDraft:
    """What the columns of a resource say, as a draft."""
    values = {name: getattr(row, name) for name in _COLUMNS}
    values |= {
        "classification": row.classification, "grade": row.grade, "share_ways": row.share_ways,
        "related": row.related, "volumes": row.volumes,
    }  # fmt: skip
    return msgspec.convert(
        {**values, "items": [msgspec.to_builtins(i) for i in items_of(row)]}, ResourceDraft
    )


def fill(row: Resource, draft: ResourceDraft) -> None:
    """Make the columns of a resource say what the draft says, unsaved; the classification stays."""
    for name in _COLUMNS:
        setattr(row, name, getattr(draft, name))
    row.grade = highest_grade(draft)
    row.level = highest_level(draft.items)
    row.share_ways, row.related = list(draft.share_ways), list(draft.related)
    row.volumes = msgspec.to_builtins(draft.volumes)


def item_rows(row: Resource, draft: ResourceDraft) -> list[Item]:
    """The draft's items as rows of the resource, unsaved."""
    return [
        Item(
            resource=row, position=position, wire=item.wire, title=item.title, title_en=item.title_en,
            type=item.type, length=item.length, grade=item.grade, subject=item.subject,
            check_rule=item.check, mask=item.mask, description=item.description, level=item.level,
            element=item.element,
        )
        for position, item in enumerate(draft.items)
    ]  # fmt: skip


def write(row: Resource, draft: ResourceDraft) -> None:
    """Make the columns and items of a resource say what the draft says; the classification stays."""
    fill(row, draft)
    row.save()
    row.items.all().delete()
    Item.objects.bulk_create(item_rows(row, draft))


def next_codes(classification: str, count: int) -> list[str]:
    """So many resource codes that were never given out: numbers of withdrawn or abandoned entries do not come back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalogue_code_counter (classification, last) VALUES (%s, %s) ON CONFLICT (classification)"
            " DO UPDATE SET last = catalogue_code_counter.last + excluded.last RETURNING last",
            [classification, count],
        )
        row = cursor.fetchone()
    last = int(row[0])
    return [f"{classification}/{number}" for number in range(last - count + 1, last + 1)]
