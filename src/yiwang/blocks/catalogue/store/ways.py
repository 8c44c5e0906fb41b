"""Between a resource's row and its way to publication; the node's policy and classification."""

from __future__ import annotations

import msgspec

from yiwang.blocks.catalogue.domain.difference import Change, changes
from yiwang.blocks.catalogue.domain.review import Way
from yiwang.blocks.catalogue.store.models import Class, Policy, Resource, Version
from yiwang.blocks.catalogue.store.rows import draft_of


def way_of(row: Resource) -> Way:
    """Where the unpublished text of the row stands."""
    return msgspec.convert(
        {
            "resource": row.code, "stage": row.stage, "authors": row.authors, "submitted_by": row.submitted_by,
            "reviewed_by": row.reviewed_by, "effective_from": row.effective_from,
        },
        Way,
    )  # fmt: skip


def put_way(row: Resource, way: Way) -> None:
    """Write it back, unsaved; the authors stay as the edits left them."""
    row.stage, row.submitted_by, row.reviewed_by = way.stage, way.submitted_by, way.reviewed_by
    row.effective_from = way.effective_from


def policy() -> Policy:
    """The node's policy; as shipped where nobody has set one."""
    return Policy.objects.filter(pk=1).first() or Policy(pk=1)


def class_known(classification: str) -> bool:
    """Whether 类 and 项 of a classification are on the node's list and not retired; a node without a list checks none."""
    return Class.objects.filter(code=classification[:3], retired=False).exists() or not Class.objects.exists()


def pending_changes(row: Resource) -> tuple[Change, ...]:
    """What the unpublished text changes against the present edition; nothing for an entry never published."""
    if row.draft is None or not row.version:
        return ()
    edition = Version.objects.filter(resource=row, version=row.version).first()
    return changes(draft_of(edition.doc), draft_of(row.draft)) if edition is not None else ()
