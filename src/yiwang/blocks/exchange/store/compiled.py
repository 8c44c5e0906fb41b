"""Writing what gateways load, in the transaction of the change, under an epoch of the journal."""

from __future__ import annotations

from typing import Literal

from django.conf import settings

from yiwang.blocks.catalogue.public import ResourceView, note_modes, resources_by_code
from yiwang.blocks.exchange.domain.compiled import CompiledField, CompiledResource, CompiledSource
from yiwang.blocks.exchange.domain.compiling import compile_grant, document
from yiwang.blocks.exchange.store.models import CompiledGrantRow, CompiledResourceRow, Grant, Mount
from yiwang.blocks.exchange.store.rows import columns_of, drift_of, modes_of, terms_of
from yiwang.blocks.exchange.store.sandboxes import store_sandboxes
from yiwang.blocks.journal.public import next_epoch

State = Literal["active", "revoked", "suspended", "withdrawn", "expired"]


def store_grant(row: Grant) -> None:
    """Make the compiled row of a grant say what the grant says."""
    compiled = compile_grant(
        row.id, row.version, row.resource, row.consumer, terms_of(row.terms), int(row.not_before.timestamp()),
        int(row.not_after.timestamp()), settings.YW_ZONE,
    )  # fmt: skip
    CompiledGrantRow.objects.update_or_create(
        id=row.id, defaults={"epoch": next_epoch(), "state": row.state, "doc": document(compiled)}
    )


def store_resource(mount: Mount) -> bool:
    """Make the compiled row of a mounted resource say what mount, source and catalogue say.

    Returns whether anything changed. Call it after each change of one of the three.
    """
    called = [mode for mode in modes_of(mount) if mode != "table"]  # searches narrow by ways of calling
    note_modes(mount.resource, () if mount.state == "withdrawn" else called)
    resource = resources_by_code({mount.resource}).get(mount.resource)
    before = CompiledResourceRow.objects.filter(pk=mount.resource).first()
    if resource is None or _says(before, mount, resource):
        return False
    CompiledResourceRow.objects.update_or_create(
        id=mount.resource,
        defaults={
            "epoch": next_epoch(),
            "state": _state(mount, resource),
            "doc": document(compiled_resource(mount, resource)),
        },
    )
    store_sandboxes(mount.resource)
    return True


def lagging(mounts: list[Mount]) -> list[Mount]:
    """Those whose compiled row does not say what mount, source and catalogue say, found in two reads."""
    codes = {mount.resource for mount in mounts}
    resources, rows = resources_by_code(codes), CompiledResourceRow.objects.in_bulk(codes)
    return [
        mount
        for mount in mounts
        if mount.resource in resources
        and not _says(rows.get(mount.resource), mount, resources[mount.resource])
    ]


def compiled_resource(mount: Mount, resource: ResourceView) -> CompiledResource:
    """A mounted resource as gateways read it: the items of its published edition that have a column."""
    behind = {column.item: column for column in columns_of(mount)}
    fields = tuple(
        CompiledField(
            name=item.wire, column=behind[item.wire].column, type=behind[item.wire].type,
            database_type=behind[item.wire].database_type, title=item.title, title_en=item.title_en,
            subject=item.subject, check=item.check,
        )
        for item in resource.items
        if item.wire in behind
    )  # fmt: skip
    names = {field.name for field in fields}
    keyless = any(drift.kind == "key-gone" for drift in drift_of(mount))
    key = tuple(mount.key) if names.issuperset(mount.key) and not keyless else ()
    source = mount.source
    return CompiledResource(
        code=resource.code, title=resource.title, title_en=resource.title_en, version=resource.version,
        provider=resource.provider, fields=fields, key=key, schema=mount.schema, relation=mount.relation,
        source=CompiledSource(
            id=source.id, host=source.host, port=source.port, database=source.database, user=source.user,
            sealed_password=source.sealed_password, pool_size=source.pool_size, timeout_ms=source.timeout_ms,
        ),
        disclosure=_disclosure(mount.disclosure),
    )  # fmt: skip


def _says(row: CompiledResourceRow | None, mount: Mount, resource: ResourceView) -> bool:
    if row is None or row.state != _state(mount, resource):
        return False
    return row.doc == document(compiled_resource(mount, resource))


def _disclosure(text: str) -> Literal["immediate", "delayed", "withheld"]:
    match text:
        case "delayed" | "withheld":
            return text
        case _:
            return "immediate"


def _state(mount: Mount, resource: ResourceView) -> State:
    if mount.state == "withdrawn" or resource.state == "withdrawn":
        return "withdrawn"
    if mount.state == "suspended" or mount.source.state == "suspended":
        return "suspended"
    # narrowing pauses: only a lost key leaves the service running, without paging
    broken = any(drift.kind != "key-gone" for drift in drift_of(mount))
    return "suspended" if broken else "active"
