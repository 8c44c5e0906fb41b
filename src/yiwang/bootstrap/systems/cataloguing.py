"""What a system in force declares, told to others: entries published, tables mounted, figures to be counted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import unquote, urlsplit

import msgspec

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.blocks.organisation.public import agency
from yiwang.blocks.registry.public import (
    Entity,
    Listed,
    System,
    declare_figures,
    left_out,
    list_entity,
    listed,
    system_of,
    unlist_entity,
)
from yiwang.bootstrap.systems.entries import drafted, mounted, served_columns

SOURCE = "本平台登记库"
"""Name of the node's own database among an agency's sources."""


@dataclass(frozen=True, slots=True)
class Told:
    """What stands now: entities with the codes of their entries, how many are mounted, and the fields and services that no
    mount can give."""

    entries: tuple[tuple[str, str], ...]
    mounted: int
    left_out: tuple[str, ...]


def tell(system_id: str, share_url: str, now: datetime) -> Told:
    """Bring catalogue and exchange to what a system in force declares; what is so already is left alone.

    Raises: SystemUnknown; what the catalogue and the exchange raise.
    """
    system = system_of(system_id)
    declare_figures(system.id, system.figures)
    actor = hand_of(system)
    known = listed(system.id)
    codes: list[tuple[str, str]] = []
    mounts = 0
    sealed: list[str] = []
    source = ""
    for entity in system.entities:
        draft = drafted(system, entity)
        if draft is None:
            continue
        if served_columns(entity) and share_url:
            source = source or _source(actor, share_url, now)
        before = known.pop(entity.id, None)
        digest = _digest(system, entity, draft, source)
        if before is not None and before.digest == digest:
            found = before
        else:
            resource = _entry(actor, system, draft, before, now)
            mount = _mount(actor, system, entity, resource, source, before, now)
            found = Listed(resource, mount, digest)
            list_entity(system.id, entity.id, found)
        codes.append((entity.id, found.resource))
        mounts += bool(found.mount)
        sealed += [f"{entity.id}.{one}" for one in left_out(entity)]
    for name, gone in known.items():
        if gone.mount:
            exchange.unmount_resource(actor, gone.mount, f"{system.title.zh} {system.version} 不再声明", now)
        exchange.withdraw_resource(actor, gone.resource, f"{system.title.zh} {system.version} 不再声明", now)
        unlist_entity(system.id, name)
    return Told(tuple(codes), mounts, tuple(sealed))


def hand_of(system: System) -> Actor:
    """The hand that writes what the owner declared: no account, a data officer of the owner for this one act."""
    owner = agency(system.owner)
    return Actor(
        0, f"system:{system.id}", f"系统包 {system.title.zh}", owner.uscc, owner.name_zh, owner.region.code,
        frozenset({DATA_OFFICER}), second_factor=True,
    )  # fmt: skip


def _entry(
    actor: Actor, system: System, draft: catalogue.ResourceDraft, before: Listed | None, now: datetime
) -> str:
    if before is not None:
        catalogue.edit_resource(actor, before.resource, draft, now)
        exchange.publish_resource(actor, before.resource, now, f"{system.title.zh} {system.version}")
        return before.resource
    try:
        code = catalogue.create_resource(actor, draft, now)
    except catalogue.TitleTaken:
        try:
            code = catalogue.create_resource(actor, _titled(draft, system.title.zh, system.title.en), now)
        except catalogue.TitleTaken:  # two systems of one name: their ids differ
            code = catalogue.create_resource(actor, _titled(draft, system.id, system.id), now)
    exchange.publish_resource(actor, code, now, f"{system.title.zh} {system.version}")
    return code


def _titled(draft: catalogue.ResourceDraft, zh: str, en: str) -> catalogue.ResourceDraft:
    english = f"{draft.title_en} ({en})" if draft.title_en and en else draft.title_en
    return replace(draft, title=f"{draft.title}（{zh}）", title_en=english)


def _mount(
    actor: Actor, system: System, entity: Entity, resource: str, source: str, before: Listed | None, now: datetime
) -> str:  # fmt: skip
    form = mounted(system, entity, resource, source) if source else None
    standing = before.mount if before is not None else ""
    if form is None:
        if standing:
            exchange.unmount_resource(actor, standing, f"{system.title.zh} {system.version} 不再提供", now)
        return ""
    if standing:
        exchange.change_mount(actor, standing, form, now)
        return standing
    return exchange.mount_resource(actor, form, now)


def _source(actor: Actor, share_url: str, now: datetime) -> str:
    """The node's own database among the owner's sources, reached by the role that reads shared views only."""
    parts = urlsplit(share_url)
    form = exchange.SourceForm(
        SOURCE, parts.hostname or "", parts.path.lstrip("/"), unquote(parts.username or ""),
        unquote(parts.password or ""), parts.port or 5432,
    )  # fmt: skip
    known = next((one for one in exchange.sources(actor) if one.name == SOURCE), None)
    if known is None:
        return exchange.add_source(actor, form, now)
    if (known.host, known.port) != (form.host, form.port):
        exchange.edit_source(actor, known.id, form, now)
    return known.id


def _digest(system: System, entity: Entity, draft: catalogue.ResourceDraft, source: str) -> str:
    form = mounted(system, entity, "", source)
    text = msgspec.json.encode(
        [msgspec.to_builtins(draft, str_keys=True, enc_hook=str), msgspec.to_builtins(form)]
    )
    return hashlib.sha256(text).hexdigest()
