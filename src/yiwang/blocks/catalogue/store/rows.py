"""Between rows and the catalogue's own values."""

from __future__ import annotations

import msgspec
from django.db import connection

from yiwang.blocks.catalogue.domain.resource import ItemDraft, ResourceDraft
from yiwang.blocks.catalogue.domain.rules import highest_grade
from yiwang.blocks.catalogue.store.models import Item, Resource

_COLUMNS = (
    "title", "title_en", "summary", "summary_en", "share_type", "share_condition", "share_basis", "open",
    "open_condition", "update_cycle",
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
            },
            ItemDraft,
        )
        for item in row.items.all()
    )  # fmt: skip


def current_of(row: Resource) -> ResourceDraft:
    """What the columns of a resource say, as a draft."""
    values = {name: getattr(row, name) for name in _COLUMNS}
    values |= {"classification": row.classification, "grade": row.grade}
    return msgspec.convert(
        {**values, "items": [msgspec.to_builtins(i) for i in items_of(row)]}, ResourceDraft
    )


def write(row: Resource, draft: ResourceDraft) -> None:
    """Make the columns and items of a resource say what the draft says; the classification stays."""
    for name in _COLUMNS:
        setattr(row, name, getattr(draft, name))
    row.grade = highest_grade(draft)
    row.save()
    row.items.all().delete()
    Item.objects.bulk_create(
        Item(
            resource=row, position=position, wire=item.wire, title=item.title, title_en=item.title_en,
            type=item.type, length=item.length, grade=item.grade, subject=item.subject,
            check_rule=item.check, mask=item.mask, description=item.description,
        )
        for position, item in enumerate(draft.items)
    )  # fmt: skip


def next_code(classification: str) -> str:
    """A resource code that was never given out: numbers of withdrawn or abandoned entries do not come back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalogue_code_counter (classification, last) VALUES (%s, 1)"
            " ON CONFLICT (classification) DO UPDATE SET last = catalogue_code_counter.last + 1 RETURNING last",
            [classification],
        )
        row = cursor.fetchone()
    return f"{classification}/{row[0]}"
