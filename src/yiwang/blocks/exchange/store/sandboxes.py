"""Writing what gateways read of sandboxes, in the transaction of the change."""

from __future__ import annotations

import msgspec
from django.conf import settings

from yiwang.blocks.catalogue.public import ResourceView, resources_by_code
from yiwang.blocks.exchange.domain.asking import ItemFacts
from yiwang.blocks.exchange.domain.compiled import CompiledResource
from yiwang.blocks.exchange.domain.sandbox import (
    NO_SOURCE,
    CompiledSandbox,
    compile_sandbox,
    sandbox_field,
)
from yiwang.blocks.exchange.store.integration_models import CompiledSandboxRow, Sandbox
from yiwang.blocks.exchange.store.models import Mount
from yiwang.blocks.exchange.store.rows import SYSTEM, columns_of, default_mask, modes_of
from yiwang.blocks.identity.public import acting


def store_sandboxes(resource: str) -> None:
    """Make the compiled rows of an entry's sandboxes say what entry and mount say."""
    with acting(SYSTEM):
        rows = list(Sandbox.objects.filter(resource=resource))
        if not rows:
            return
        entry = resources_by_code({resource}).get(resource)
        mount = Mount.objects.filter(resource=resource).exclude(state="withdrawn").first()
    if entry is None:
        return
    state = "active" if entry.state == "published" and entry.share_type != "none" else "withdrawn"
    for row in rows:
        doc = msgspec.json.encode(_compiled(row, entry, mount)).decode("utf-8")
        CompiledSandboxRow.objects.update_or_create(
            id=row.id, defaults={"consumer": row.consumer, "resource": resource, "state": state, "doc": doc}
        )


def _compiled(row: Sandbox, entry: ResourceView, mount: Mount | None) -> CompiledSandbox:
    """The items that the mount serves, or all of the entry before it is mounted."""
    columns = columns_of(mount) if mount is not None else ()
    types = {column.item: column.type for column in columns}
    compared = {column.item for column in columns if not column.readable}
    items = tuple(item for item in entry.items if mount is None or item.wire in types)
    key = tuple(mount.key) if mount is not None else ()
    facts = tuple(
        ItemFacts(
            name=item.wire, title=item.title, type=types.get(item.wire, item.type), sensitive=item.grade == "sensitive",
            subject=item.subject is not None, key=item.wire in key, mask=default_mask(item),
            readable=item.wire not in compared,
        )
        for item in items
    )  # fmt: skip
    fields = tuple(
        sandbox_field(item.wire, item.title, item.title_en, fact.type, item.subject, item.check)
        for item, fact in zip(items, facts, strict=True)
    )
    resource = CompiledResource(
        code=entry.code, title=entry.title, title_en=entry.title_en, version=entry.version, provider=entry.provider,
        fields=fields, key=key, schema="", relation="", source=NO_SOURCE,
    )  # fmt: skip
    modes = modes_of(mount) if mount is not None else ("query", "verify")
    lengths = {item.wire: item.length for item in items if item.length}
    return compile_sandbox(row.id, row.consumer, resource, facts, lengths, modes, settings.YW_ZONE)
