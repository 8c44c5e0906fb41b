"""The only door of the standards registry: data elements and code lists by version, and who follows them."""

from __future__ import annotations

from yiwang.blocks.standards.actions.registering import (
    Imported,
    discard_element,
    draft_element,
    draft_list,
    draft_list_from,
    import_elements,
    put_element_in_force,
    put_list_in_force,
    retire_element,
)
from yiwang.blocks.standards.domain.errors import (
    Problem,
    StandardFileUnreadable,
    StandardInvalid,
    StandardsError,
)
from yiwang.blocks.standards.domain.registering import (
    STATES,
    Code,
    ListForm,
    State,
    codes_csv,
    elements_csv,
    rules_for,
)
from yiwang.blocks.standards.queries.reading import (
    NATIONAL,
    ElementRow,
    ElementView,
    ListRow,
    ListView,
    VersionView,
    codes_in_force,
    element,
    elements,
    in_force,
    list_view,
    lists,
)
from yiwang.vocabulary.data_elements import CHECKS, TYPES, DataElement

__all__ = [
    "CHECKS", "NATIONAL", "STATES", "TYPES", "Code", "DataElement", "ElementRow", "ElementView", "Imported", "ListForm",
    "ListRow", "ListView", "Problem", "StandardFileUnreadable", "StandardInvalid", "StandardsError", "State",
    "VersionView", "codes_csv", "codes_in_force", "discard_element", "draft_element", "draft_list", "draft_list_from",
    "element", "elements", "elements_csv", "import_elements", "in_force", "list_view", "lists", "put_element_in_force",
    "put_list_in_force", "retire_element", "rules_for",
]  # fmt: skip
