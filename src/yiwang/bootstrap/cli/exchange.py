"""`yw exchange`: look into a database, check mounts, and the steps of sharing for scripts.

The verbs with `--as` are for the operator of a node, who holds its folder anyway. They go through the same
actions and checks as the pages, and each leaves an event that it came from the command line.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import click

from yiwang.bootstrap.cli.exchange_copy import copy_table
from yiwang.bootstrap.cli.exchange_quarantine import jobs_group
from yiwang.bootstrap.node import NodeFolder, Ports, environment
from yiwang.bootstrap.running import database_of
from yiwang.bootstrap.starting import set_up_django
from yiwang.dataplane.connectors.facts import SourceAddress
from yiwang.dataplane.connectors.hosts import AllowedHosts
from yiwang.dataplane.connectors.postgresql import opened

if TYPE_CHECKING:
    from yiwang.blocks.identity.public import Actor

data_option = click.option(
    "--data", "folder", type=click.Path(path_type=Path), default=Path(".yiwang"), show_default=True,
    help="the node's folder",
)  # fmt: skip
as_option = click.option("--as", "username", required=True, help="account in whose name it is done")


@click.group()
def command() -> None:
    """Copy tables, test sources, check mounts, share and ask from scripts."""


command.add_command(copy_table)
command.add_command(jobs_group)


@command.group()
def sources() -> None:
    """External databases."""


@sources.command("test")
@click.argument("url")
@click.option("--table", "relation", help="SCHEMA.TABLE to describe, with a sample as proof that it reads")
def test_source(url: str, relation: str | None) -> None:
    """Connect to postgresql://USER:PASSWORD@HOST:PORT/DATABASE and say what is there. Needs no node."""
    address = _address(url)
    # a person at the command line connects with their own rights; the operator's list binds servers
    with opened(address, AllowedHosts((address.host.lower(),))) as database:
        server = database.server()
        click.echo(f"PostgreSQL {server.version}, {server.encoding}, {server.milliseconds} ms")
        if server.superuser or server.writable:
            click.echo(f"warning: the role can write: {', '.join(server.writable) or 'superuser'}", err=True)
        if relation is None:
            for found in database.relations():
                paging = "" if found.has_key else "  (no unique key: cannot be paged)"
                click.echo(f"{found.schema}.{found.name}  {found.kind}  {found.comment}{paging}")
            return
        schema, _, name = relation.rpartition(".")
        facts = database.relation(schema or "public", name)
        for column in facts.columns:
            shown = column.type or "cannot be exchanged"
            click.echo(f"{column.name}  {column.database_type}  {shown}  {column.comment}")
        for key in facts.keys:
            click.echo(f"key: {', '.join(key)}")
        usable = [column.name for column in facts.columns if column.type is not None]
        click.echo(f"sample: {len(database.sample(facts.name.schema, name, usable, 5))} rows read")


@command.group()
def mounts() -> None:
    """Mounted resources."""


@mounts.command("check")
@data_option
@as_option
def check_mounts(folder: Path, username: str) -> None:
    """Compare every mount in reach with its table; exit code 1 when one has drifted or does not answer."""
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.exchange import public as exchange
        from yiwang.dataplane.connectors.errors import ConnectorError

        wrong = 0
        for row in exchange.mounts(actor):
            try:
                found = exchange.check_mount(actor, row.id, timezone.now())
            except ConnectorError as error:
                click.echo(f"{row.resource}  {error.code}: {error.text('en')}")
                wrong += 1
                continue
            told = "; ".join(f"{drift.kind} {drift.item} {drift.was} {drift.now}".strip() for drift in found)
            click.echo(f"{row.resource}  {told or 'fits'}")
            wrong += bool(found)
    raise SystemExit(1 if wrong else 0)


@command.command("mount")
@data_option
@as_option
@click.option("--url", required=True, help="postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
@click.option("--table", "relation", required=True, help="SCHEMA.TABLE")
@click.option("--title", required=True)
@click.option("--classification", required=True, help="code before the slash, such as 306001003")
@click.option("--summary", required=True)
@click.option("--condition", default="", help="conditions of sharing; without them it is unconditional")
@click.option("--accept-writable", is_flag=True, help="take on a role that can write")
def mount_table(
    folder: Path, username: str, url: str, relation: str, title: str, classification: str, summary: str,
    condition: str, accept_writable: bool,
) -> None:  # fmt: skip
    """Register a database, catalogue one of its tables as proposed, mount and publish it; prints the code."""
    address = _address(url)
    schema, _, name = relation.rpartition(".")
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.catalogue import public as catalogue
        from yiwang.blocks.exchange import public as exchange

        now = timezone.now()
        source = exchange.add_source(
            actor,
            exchange.SourceForm(
                f"{address.host}:{address.port}/{address.database}", address.host, address.database,
                address.user, address.password, address.port, accept_writable=accept_writable,
            ),
            now,
        )  # fmt: skip
        draft = replace(
            exchange.propose_resource(actor, source, schema or "public", name, now),
            title=title, classification=classification, summary=summary, share_condition=condition,
            share_type="conditional" if condition else "unconditional",
        )  # fmt: skip
        facts = exchange.source_relation(actor, source, schema or "public", name)
        columns = tuple(exchange.ColumnMap(item.wire, item.wire, item.type, "") for item in draft.items)
        code = catalogue.create_resource(actor, draft, now)
        key = facts.keys[0] if facts.keys else ()
        mount = exchange.mount_resource(
            actor, exchange.MountForm(code, source, schema or "public", name, columns, key), now
        )
        exchange.publish_resource(actor, code, now)
    _print(resource=code, source=source, mount=mount)


@command.command("request")
@data_option
@as_option
@click.argument("code")
@click.option("--field", "fields", multiple=True, required=True)
@click.option("--by", "lookups", multiple=True, required=True, help="field to look up by, compared whole")
@click.option("--claim", "claims", multiple=True, help="field that verify may compare")
@click.option("--purpose", required=True, help="item:<code> or law:<id>#<article>")
@click.option("--purpose-title", required=True)
@click.option("--purpose-title-en", default="", help="its name in English, for English pages")
@click.option("--reason", required=True)
@click.option("--days", default=365, show_default=True)
def request_resource(
    folder: Path, username: str, code: str, fields: tuple[str, ...], lookups: tuple[str, ...],
    claims: tuple[str, ...], purpose: str, purpose_title: str, purpose_title_en: str, reason: str, days: int,
) -> None:  # fmt: skip
    """Ask for a resource and hand the request in; prints its number and, where it is granted at once, the grant."""
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.exchange import public as exchange

        now = timezone.now()
        number = exchange.create_request(
            actor, code,
            exchange.RequestInput(
                reason=reason, modes=("query", "verify") if claims else ("query",), fields=fields,
                lookups=tuple(exchange.LookupForm(name, ("eq", "in")) for name in lookups), claims=claims,
                purposes=(exchange.Purpose(purpose, purpose_title, purpose_title_en),), days=days,
            ),
            now,
        )  # fmt: skip
        exchange.submit_request(actor, number, now)
        view = exchange.request(actor, number, now)
    _print(request=number, state=view.state, grant=view.grant)


@command.command("decide")
@data_option
@as_option
@click.argument("number")
@click.argument("step", type=click.Choice(["accept", "return", "reject", "approve", "refuse", "revoke"]))
@click.option("--text", default="", help="reason, read by the other side")
@click.option("--basis", default="", help="legal basis of a refusal")
def decide(folder: Path, username: str, number: str, step: str, text: str, basis: str) -> None:
    """Take a step on a request (or revoke a grant); prints its state and, where there is one, the grant."""
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.exchange import public as exchange

        now = timezone.now()
        match step:
            case "accept":
                exchange.accept_request(actor, number, now, text=text)
            case "return":
                exchange.return_request(actor, number, text, now)
            case "reject":
                exchange.reject_request(actor, number, text, now)
            case "approve":
                exchange.approve_request(actor, number, exchange.Approval(text=text), now)
            case "refuse":
                exchange.refuse_request(actor, number, text, basis, now)
            case _:
                exchange.revoke_grant(actor, number, text, now)
                _print(grant=number, state="revoked")
                return
        view = exchange.request(actor, number, now)
    _print(request=number, state=view.state, grant=view.grant)


@contextmanager
def acting_officer(folder: Path, username: str) -> Iterator[Actor]:
    """The account as an actor, on the node's database, with an event of its own that says whence it came."""
    node = NodeFolder(folder)
    with database_of(node) as urls:
        mode, name = os.environ.get("YW_MODE", "demo"), os.environ.get("YW_NODE", "lanzhou")
        os.environ |= environment(node, Ports.from_first(8000), urls, mode=mode, name=name)
        set_up_django()
        from django.utils import timezone

        from yiwang.blocks.identity.public import actor_for
        from yiwang.blocks.journal.public import record_event

        now = timezone.now()
        actor = actor_for(username, now)
        record_event("command-line-used", now, detail={"account": actor.user_id})
        yield actor


def _address(url: str) -> SourceAddress:
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.hostname or not parts.path.strip("/"):
        raise click.BadParameter("postgresql://USER:PASSWORD@HOST:PORT/DATABASE is expected")
    return SourceAddress(
        parts.hostname, parts.port or 5432, unquote(parts.path.lstrip("/")), unquote(parts.username or ""),
        unquote(parts.password or ""), timeout_ms=10_000,
    )  # fmt: skip


def _print(**facts: str | None) -> None:
    click.echo(json.dumps(facts, ensure_ascii=False))
