"""Old clients at the edge: let in by the platform's operator, one by one, until a day."""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import IntegrityError, transaction

from yiwang.blocks.exchange.domain.edge import (
    CompiledEdge,
    EdgeForm,
    EdgeService,
    addresses,
    parameters,
    problems,
)
from yiwang.blocks.exchange.domain.errors import FormInvalid, NotAllowed, ReasonMissing
from yiwang.blocks.exchange.domain.integration_errors import EdgeEnded, EdgeRequesterTaken, EdgeUnknown
from yiwang.blocks.exchange.store.integration_models import CompiledEdgeRow, Edge
from yiwang.blocks.exchange.store.models import Grant, Mount
from yiwang.blocks.exchange.store.numbers import next_number
from yiwang.blocks.exchange.store.rows import SYSTEM, refuse_if, terms_of
from yiwang.blocks.exchange.store.sealing import sealed_password
from yiwang.blocks.identity.public import (
    OPERATOR,
    Actor,
    acting,
    end_edge_client,
    extend_edge_client,
    open_edge_client,
)
from yiwang.blocks.journal.public import record_event
from yiwang.vocabulary.crypto import generate
from yiwang.vocabulary.forms import Problem


@dataclass(frozen=True)
class LetIn:
    """A client that was let in, with its shared secret, which is shown this once."""

    id: str
    secret: str


def open_edge(actor: Actor, form: EdgeForm, now: datetime) -> LetIn:
    """Let an old client in; its shared secret is made unless it brings its own.

    Raises: NotAllowed, FormInvalid, EdgeRequesterTaken.
    """
    _check_operator(actor)
    refuse_if(problems(form, now, opening=True))
    secret = form.secret or secrets.token_urlsafe(32)
    with acting(SYSTEM):
        services, grant = _services(form, now)
        if Edge.objects.filter(dialect=form.dialect, requester=form.requester, state="active").exists():
            raise EdgeRequesterTaken(requester=form.requester)
        edge_id, pair = next_number("E", now), generate("ed25519")
        until = _until(form)
        row = Edge(
            id=edge_id, dialect=form.dialect, requester=form.requester, consumer=grant.consumer,
            consumer_name=grant.consumer_name,
            client=open_edge_client(actor, grant.consumer, pair.public, until=until, now=now),
            sealed_secret=sealed_password(edge_id, secret),
            sealed_key=sealed_password(f"{edge_id}/key", pair.to_pem().decode("ascii")),
            addresses=list(addresses(form.addresses)), sunset_at=until, services=msgspec.to_builtins(services),
            created_at=now, created_by=actor.name, changed_at=now,
        )  # fmt: skip
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise EdgeRequesterTaken(requester=form.requester) from error
        store_edge(row)
        _record("edge-opened", row, actor, now)
    return LetIn(edge_id, secret)


def change_edge(actor: Actor, edge_id: str, form: EdgeForm, now: datetime) -> None:
    """Change addresses, last day and services; ids and secret stay.

    Raises: NotAllowed, EdgeUnknown, EdgeEnded, FormInvalid.
    """
    _check_operator(actor)
    refuse_if(problems(form, now, opening=False))
    with acting(SYSTEM):
        row = _locked(edge_id)
        services, grant = _services(form, now)
        if grant.consumer != row.consumer:
            raise FormInvalid((_PROBLEM_CONSUMER,))
        row.addresses, row.services = list(addresses(form.addresses)), msgspec.to_builtins(services)
        row.sunset_at, row.changed_at = _until(form), now
        row.save()
        extend_edge_client(actor, row.client, until=row.sunset_at, now=now)
        store_edge(row)
        _record("edge-changed", row, actor, now)


def end_edge(actor: Actor, edge_id: str, reason: str, now: datetime) -> None:
    """Shut an old client out for good. Raises: NotAllowed, EdgeUnknown, EdgeEnded, ReasonMissing."""
    _check_operator(actor)
    if not reason.strip():
        raise ReasonMissing()
    with acting(SYSTEM):
        row = _locked(edge_id)
        row.state, row.ended_reason, row.changed_at = "ended", reason.strip()[:300], now
        row.save()
        end_edge_client(actor, row.client, reason=reason, now=now)
        store_edge(row)
        _record("edge-ended", row, actor, now)


_PROBLEM_CONSUMER = Problem(
    "services.0.grant", "所列授权须属于同一个使用部门。", "All grants belong to one consuming agency."
)


def _services(form: EdgeForm, now: datetime) -> tuple[tuple[EdgeService, ...], Grant]:
    """What the lines of the form mean. Raises: FormInvalid."""
    found: list[EdgeService] = []
    wrong: list[Problem] = []
    grants: list[Grant] = []
    for at, line in enumerate(form.services):
        grant = Grant.objects.filter(pk=line.grant.strip(), state="active", not_after__gt=now).first()
        if grant is None:
            wrong.append(
                Problem(f"services.{at}.grant", "没有这个有效的授权。", "There is no such grant in force.")
            )
            continue
        grants.append(grant)
        terms = terms_of(grant.terms)
        purposes = [purpose.code for purpose in terms.purposes]
        purpose = line.purpose.strip() or (purposes[0] if len(purposes) == 1 else "")
        if purpose.partition(";case=")[0] not in purposes:
            said = "、".join(purposes)
            wrong.append(
                Problem(f"services.{at}.purpose", f"用途须为：{said}。", f"One of: {', '.join(purposes)}.")
            )
        mount = Mount.objects.filter(resource=grant.resource).exclude(state="withdrawn").first()
        key = tuple(mount.key) if mount is not None else ()
        exact = {one.name for one in terms.predicates if "eq" in one.operators}
        if "query" not in terms.modes or not key or not exact.issuperset(key):
            wrong.append(
                Problem(f"services.{at}.grant", "只能按完整主键查询，而这个授权或资源不允许。",
                        "Only look-ups by the whole key are let in, which this grant or resource does not allow.")
            )  # fmt: skip
            continue
        try:
            fields = parameters(line.parameters, key)
        except ValueError as problem:
            wrong.append(
                Problem(f"services.{at}.parameters", f"参数须恰好对应主键：{problem}。",
                        f"Parameters lead to exactly the key: {problem}.")
            )  # fmt: skip
            continue
        found.append(EdgeService(line.service, grant.resource, grant.id, purpose, fields))
    if len({grant.consumer for grant in grants}) > 1:
        wrong.append(_PROBLEM_CONSUMER)
    refuse_if(tuple(wrong))
    return tuple(found), grants[0]


def store_edge(row: Edge) -> None:
    """Tell the gateways what is known of an old client now."""
    compiled = CompiledEdge(
        id=row.id,
        dialect="gateway" if row.dialect == "gateway" else "gjgxjhpt",
        requester=row.requester,
        client=row.client,
        secret=row.sealed_secret,
        key=row.sealed_key,
        addresses=tuple(str(ipaddress.ip_network(one)) for one in row.addresses),
        sunset=int(row.sunset_at.timestamp()),
        services=msgspec.convert(row.services, tuple[EdgeService, ...]),
    )
    # a later client takes the id over from the ended ones
    CompiledEdgeRow.objects.filter(dialect=row.dialect, requester=row.requester).exclude(pk=row.id).delete()
    CompiledEdgeRow.objects.update_or_create(
        id=row.id,
        defaults={
            "dialect": row.dialect, "requester": row.requester, "state": row.state,
            "doc": msgspec.json.encode(compiled).decode("utf-8"),
        },
    )  # fmt: skip


def _record(event: str, row: Edge, actor: Actor, now: datetime) -> None:
    record_event(
        event, now, consumer=row.consumer, client=row.client,
        detail={
            "edge": row.id, "dialect": row.dialect, "by": actor.user_id or None, "sunset": row.sunset_at.date().isoformat(),
            "grants": sorted({str(one["grant"]) for one in row.services}),
        },
    )  # fmt: skip


def _until(form: EdgeForm) -> datetime:
    if form.sunset is None:
        raise AssertionError("checked above")
    return form.sunset


def _locked(edge_id: str) -> Edge:
    row = Edge.objects.select_for_update().filter(pk=edge_id).first()
    if row is None:
        raise EdgeUnknown(edge=edge_id)
    if row.state != "active":
        raise EdgeEnded(edge=edge_id)
    return row


def _check_operator(actor: Actor) -> None:
    if not actor.has(OPERATOR):
        raise NotAllowed(needs_zh="平台运维员", needs_en="an operator of the platform")
