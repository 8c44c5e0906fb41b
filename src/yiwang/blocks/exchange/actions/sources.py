"""External databases of an agency. The database is asked before the transaction, so that a slow one holds no lock."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from yiwang.blocks.exchange.actions.forms import SourceForm
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.domain.sealing import open_password
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.compiled import store_resource
from yiwang.blocks.exchange.store.connecting import address_of
from yiwang.blocks.exchange.store.faults import keep_answer, keep_fault
from yiwang.blocks.exchange.store.hosts import allowed_hosts
from yiwang.blocks.exchange.store.models import Source
from yiwang.blocks.exchange.store.numbers import next_number
from yiwang.blocks.exchange.store.reach import sources_in_reach
from yiwang.blocks.exchange.store.rows import refuse_if
from yiwang.blocks.exchange.store.sealing import sealed_password
from yiwang.blocks.identity.public import DATA_OFFICER, OPERATOR, Actor, acting
from yiwang.blocks.journal.public import record_event
from yiwang.dataplane.connectors.errors import ConnectorError
from yiwang.dataplane.connectors.facts import ServerFacts, SourceAddress
from yiwang.dataplane.connectors.postgresql import opened
from yiwang.vocabulary.crypto import key_provider
from yiwang.vocabulary.forms import Problem


def add_source(actor: Actor, form: SourceForm, now: datetime) -> str:
    """Register a database of the actor's agency after it answered; returns its number.

    Raises: NotAllowed, FormInvalid, WritableRole, SourceNameTaken, ConnectorError.
    """
    _check_officer(actor)
    refuse_if(_problems(form, password_needed=True))
    facts = _asked(form, form.password)
    with acting(actor):
        source_id = next_number("S", now)
        row = Source(
            id=source_id, agency=actor.agency, agency_name=actor.agency_name, created_at=now,
            created_by=actor.name, sealed_password=sealed_password(source_id, form.password),
        )  # fmt: skip
        _fill(row, form)
        keep_answer(row, facts, now)
        _save(row)
        record_event("source-added", now, provider=row.agency, detail={"source": row.id})
    return source_id


def edit_source(actor: Actor, source_id: str, form: SourceForm, now: datetime) -> None:
    """Change how a database is reached, after it answered; an empty password keeps the old one.

    Raises: SourceUnknown, NotAllowed, FormInvalid, WritableRole, SourceNameTaken, ConnectorError.
    """
    _check_officer(actor)
    with acting(actor):
        row = _own(actor, source_id)
        kept = open_password(key_provider(), row.id, row.sealed_password)
        moved = (row.host, row.port) != (form.host.strip(), form.port)
    # a kept password is not sent to another host: whoever edits must know it
    refuse_if(_problems(form, password_needed=moved))
    password = form.password or kept
    facts = _asked(form, password)
    with acting(actor):
        row = _own(actor, source_id)
        _fill(row, form)
        row.sealed_password = sealed_password(row.id, password)
        keep_answer(row, facts, now)
        _save(row)
        recompile(row)
        record_event("source-changed", now, provider=row.agency, detail={"source": row.id})


def check_source(actor: Actor, source_id: str, now: datetime) -> bool:
    """Connect once and remember the result; the source's view says what is wrong.

    Raises: SourceUnknown, NotAllowed.
    """
    with acting(actor):
        address = address_of(_reached(actor, source_id))
    fault: ConnectorError | None = None
    facts: ServerFacts | None = None
    try:
        with opened(address, allowed_hosts()) as database:
            facts = database.server()
    except ConnectorError as error:
        fault = error
    with acting(actor):
        row = _reached(actor, source_id)
        if facts is not None:
            keep_answer(row, facts, now)
        elif fault is not None:
            keep_fault(row, fault, now)
        row.save()
    return fault is None


@as_actor
def suspend_source(actor: Actor, source_id: str, reason: str, now: datetime) -> None:
    """Stop every service on a source at once. Raises: SourceUnknown, NotAllowed, ReasonMissing."""
    if not reason.strip():
        raise errors.ReasonMissing()
    _set_state(_reached(actor, source_id), "suspended", now)


@as_actor
def resume_source(actor: Actor, source_id: str, now: datetime) -> None:
    """Let the services on a source run again. Raises: SourceUnknown, NotAllowed."""
    _set_state(_reached(actor, source_id), "active", now)


@as_actor
def remove_source(actor: Actor, source_id: str, now: datetime) -> None:
    """Forget a source that carries no mount in force. Raises: SourceUnknown, NotAllowed, SourceInUse."""
    _check_officer(actor)
    row = _own(actor, source_id)
    carried = sorted(row.mounts.exclude(state="withdrawn").values_list("resource", flat=True))
    if carried:
        raise errors.SourceInUse(source=source_id, resources=carried)
    if row.mounts.exists():
        # ended mounts keep their history: the row stays without its password and out of the lists
        row.state, row.sealed_password, row.name = "removed", "", f"{row.name} ({row.id})"[:100]
        row.save()
    else:
        row.delete()
    record_event("source-removed", now, provider=actor.agency, detail={"source": source_id})


def _asked(form: SourceForm, password: str) -> ServerFacts:
    address = SourceAddress(
        form.host.strip(),
        form.port,
        form.database,
        form.user,
        password,
        form.connect_timeout_ms,
        form.timeout_ms,
    )
    with opened(address, allowed_hosts()) as database:
        facts = database.server()
    if (facts.superuser or facts.writable) and not form.accept_writable:
        tables = list(facts.writable) if facts.writable else ["*"]
        raise errors.WritableRole(user=form.user, tables=tables)
    return facts


def _fill(row: Source, form: SourceForm) -> None:
    row.name, row.host, row.port = form.name.strip(), form.host.strip(), form.port
    row.database, row.user = form.database, form.user
    row.connect_timeout_ms, row.timeout_ms = form.connect_timeout_ms, form.timeout_ms
    row.pool_size, row.writable_accepted = form.pool_size, form.accept_writable


def _save(row: Source) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise errors.SourceNameTaken(name=row.name) from error


def _set_state(row: Source, state: str, now: datetime) -> None:
    if row.state == state:
        return
    row.state = state
    row.save()
    recompile(row)
    name = "source-suspended" if state == "suspended" else "source-resumed"
    record_event(name, now, provider=row.agency, detail={"source": row.id})


def recompile(row: Source) -> None:
    """Tell the gateways what the source says now."""
    for mount in row.mounts.exclude(state="withdrawn").select_related("source"):
        store_resource(mount)


def _own(actor: Actor, source_id: str) -> Source:
    row = sources_in_reach(actor).select_for_update().filter(pk=source_id).exclude(state="removed").first()
    if row is None or row.agency != actor.agency:
        raise errors.SourceUnknown(source=source_id)
    return row


def _reached(actor: Actor, source_id: str) -> Source:
    """The source, for its own officers and for operators, who test, stop and start but do not change it."""
    row = sources_in_reach(actor).select_for_update().filter(pk=source_id).exclude(state="removed").first()
    if row is None:
        raise errors.SourceUnknown(source=source_id)
    if not actor.has(OPERATOR):
        _check_officer(actor)
    return row


def _check_officer(actor: Actor) -> None:
    if not (actor.agency and actor.has(DATA_OFFICER)):
        raise errors.NotAllowed(
            needs_zh="提供方的数据专员", needs_en="a data officer of the providing agency"
        )


def _problems(form: SourceForm, *, password_needed: bool) -> tuple[Problem, ...]:
    found = [
        Problem(where, "请填写。", "This is needed.")
        for where, text in (
            ("name", form.name), ("host", form.host), ("database", form.database), ("user", form.user),
        )
        if not text.strip()
    ]  # fmt: skip
    if password_needed and not form.password:
        found.append(Problem("password", "请填写口令。", "The password is needed."))
    if not 1 <= form.port <= 65535:
        found.append(Problem("port", "端口应在 1 到 65535 之间。", "A port is between 1 and 65535."))
    for where, value in (("connect_timeout_ms", form.connect_timeout_ms), ("timeout_ms", form.timeout_ms)):
        if not 100 <= value <= 60_000:
            found.append(
                Problem(where, "超时应在 100 到 60000 毫秒之间。", "A time-out is between 100 and 60000 ms.")
            )
    if not 1 <= form.pool_size <= 64:
        found.append(Problem("pool_size", "连接数应在 1 到 64 之间。", "Connections are between 1 and 64."))
    if len(form.name) > 100 or len(form.host) > 255 or max(len(form.database), len(form.user)) > 128:
        found.append(Problem("name", "名称过长。", "A name is too long."))
    return tuple(found)
