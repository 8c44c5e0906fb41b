"""What a table job may read under a grant: the source behind it, narrowed to the grant, and whether that still holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import connection

from yiwang.blocks.catalogue.public import resources_by_code
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.domain.compiled import CompiledResource
from yiwang.blocks.exchange.domain.granting import granted_of
from yiwang.blocks.exchange.domain.sealing import open_password
from yiwang.blocks.exchange.domain.terms import Terms
from yiwang.blocks.exchange.store.compiled import compiled_resource
from yiwang.blocks.exchange.store.hosts import allowed_hosts
from yiwang.blocks.exchange.store.models import Grant, Mount, Source
from yiwang.blocks.exchange.store.rows import SYSTEM, terms_of
from yiwang.blocks.identity.public import acting
from yiwang.dataplane.connectors.facts import SourceAddress
from yiwang.dataplane.connectors.places import DatabasePlace
from yiwang.dataplane.transfer.granted import Granted
from yiwang.vocabulary.crypto import key_provider

READING_MS = 600_000
"""How long one statement of a table job may take at its source."""


@dataclass(frozen=True)
class GrantStanding:
    """Whether a grant lets a table out now. Epochs grow with every change of grant or mount."""

    grant_state: str
    grant_epoch: int
    resource_state: str
    resource_epoch: int


@dataclass(frozen=True)
class DeliverySource:
    """Everything a table job reads by. `place` holds the source's password: it stays inside of a run.

    Attributes:
        source: number of the database behind the resource.
        key: fields that tell rows apart.
        types: field by field, the type in the catalogue.
        masks: by field, the mask of the grant.
        offered: whether the mount still offers whole tables.
    """

    grant: str
    source: str
    grant_version: int
    resource: str
    resource_version: int
    terms: Terms
    not_before: datetime
    not_after: datetime
    granted: Granted
    key: tuple[str, ...]
    types: dict[str, str]
    masks: dict[str, str]
    offered: bool
    place: DatabasePlace
    standing: GrantStanding


def grant_standing(grant_id: str, resource: str) -> GrantStanding:
    """In one look, at what gateways go by too."""
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT state || ' ' || epoch FROM exchange_compiled_grant WHERE id = %s),"
            " (SELECT state || ' ' || epoch FROM exchange_compiled_resource WHERE id = %s)",
            (grant_id, resource),
        )
        row = msgspec.convert(cursor.fetchone(), tuple[str | None, str | None])
    grant, mounted = ((one or "withdrawn 0").split(" ") for one in row)
    return GrantStanding(grant[0], int(grant[1]), mounted[0], int(mounted[1]))


def delivery_source(grant_id: str) -> DeliverySource:
    """Read as the platform, for a job that its consumer has made. Raises: GrantUnknown, NotMounted, ConnectorError."""
    with acting(SYSTEM):
        row = Grant.objects.filter(pk=grant_id).first()
        if row is None:
            raise errors.GrantUnknown(grant=grant_id)
        entry = resources_by_code({row.resource}).get(row.resource)
        mounts = Mount.objects.select_related("source").exclude(state="withdrawn")
        mount = mounts.filter(resource=row.resource).first()
        if mount is None or entry is None:
            raise errors.NotMounted(resource=row.resource)
        compiled = compiled_resource(mount, entry)
        standing = grant_standing(grant_id, row.resource)
    terms = terms_of(row.terms)
    fields = {field.name: field for field in compiled.fields}
    masks = {field.name: field.mask for field in terms.fields if field.mask}
    return DeliverySource(
        grant=row.pk, source=mount.source_id, grant_version=row.version, resource=row.resource, resource_version=compiled.version,
        terms=terms,
        not_before=row.not_before, not_after=row.not_after,
        granted=granted_of(compiled, terms.fields, terms.rows),
        key=compiled.key, types={name: field.type for name, field in fields.items()},
        masks={name: mask for name, mask in masks.items() if mask is not None}, offered="table" in mount.modes,
        place=source_place(compiled), standing=standing,
    )  # fmt: skip


def place_of_source(source_id: str) -> DatabasePlace | None:
    """A database of an agency, whatever is mounted on it now; None where it is known no more.

    Raises: SealBroken, ConnectorError.
    """
    with acting(SYSTEM):
        row = Source.objects.filter(pk=source_id).first()
    if row is None:
        return None
    return _place(row.id, row.host, row.port, row.database, row.user, row.sealed_password)


def source_place(compiled: CompiledResource) -> DatabasePlace:
    """The database behind a mounted resource, its address pinned, its password open. Raises: ConnectorError."""
    source = compiled.source
    return _place(source.id, source.host, source.port, source.database, source.user, source.sealed_password)


def _place(source: str, host: str, port: int, database: str, user: str, sealed: str) -> DatabasePlace:
    password = open_password(key_provider(), source, sealed)
    address = SourceAddress(host, port, database, user, password, timeout_ms=READING_MS)
    return DatabasePlace("postgresql", address, allowed_hosts().pin(host, port))
