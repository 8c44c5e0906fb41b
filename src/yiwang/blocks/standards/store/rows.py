"""Between rows and the registry's own values."""

from __future__ import annotations

import msgspec

from yiwang.blocks.standards.domain.registering import Code, ListForm
from yiwang.blocks.standards.store import models
from yiwang.vocabulary.data_elements import DataElement


def element_of(row: models.Element) -> DataElement:
    """An element as the vocabulary knows it."""
    return msgspec.convert(
        {
            "number": row.number, "name": row.name, "name_en": row.name_en, "definition": row.definition,
            "type": row.type, "format": row.format, "longest": row.longest, "pattern": row.pattern,
            "check": row.check_rule, "code_list": row.code_list, "unit": row.unit, "standard": row.standard,
            "edition": row.edition, "source": row.source, "verified": row.verified,
        },
        DataElement,
    )  # fmt: skip


def fill_element(row: models.Element, element: DataElement) -> None:
    """Write an element to its row, unsaved."""
    row.number, row.name, row.name_en = element.number.strip(), element.name.strip(), element.name_en.strip()
    row.definition, row.type, row.format = element.definition.strip(), element.type, element.format.strip()
    row.longest, row.pattern, row.check_rule = element.longest, element.pattern, element.check
    row.code_list, row.unit, row.standard = element.code_list, element.unit.strip(), element.standard.strip()
    row.edition, row.source, row.verified = element.edition.strip(), element.source.strip(), element.verified


def codes_of(row: models.CodeList) -> tuple[Code, ...]:
    """The codes of a list."""
    return msgspec.convert(row.codes, tuple[Code, ...])


def fill_list(row: models.CodeList, form: ListForm) -> None:
    """Write a list to its row, unsaved."""
    row.list_id, row.title, row.codes = form.id, form.title.strip(), msgspec.to_builtins(form.codes)
    row.standard, row.edition = form.standard.strip(), form.edition.strip()
    row.source, row.verified = form.source.strip(), form.verified
