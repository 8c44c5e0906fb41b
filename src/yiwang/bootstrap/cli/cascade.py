"""`yw cascade`: join nodes, see peers, suspend, resume, re-key, leave. For the operator, who holds the node's folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yiwang.bootstrap.cli.exchange import acting_officer, as_option, data_option
from yiwang.bootstrap.identity import use_identity
from yiwang.vocabulary.errors import YwError

if TYPE_CHECKING:
    from datetime import datetime

    from yiwang.blocks.identity.public import Actor


class CardUnreadable(YwError):
    """The file given with --card is no node's card."""

    code = "node-card-unreadable"
    message_zh = "{file} 读不出来。"
    message_en = "{file} cannot be read."
    mend_zh = "请对方用 ./yw cascade card 导出名片，原样传送。"
    mend_en = "Ask the other operator for the output of ./yw cascade card, unchanged."


@click.group(short_help="级联：接入、暂停、换钥、退出")
def command() -> None:
    """Join nodes of nation, province and city, and look after them."""


@contextmanager
def acting(folder: Path, username: str) -> Iterator[tuple[Actor, datetime]]:
    """The account as an actor of the node in a folder, which knows its own name and level, and the time."""
    use_identity(folder)
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        yield actor, timezone.now()


@command.command()
@data_option
@as_option
def card(folder: Path, username: str) -> None:
    """Print this node's signed card; tell its fingerprint to the other operator by another way."""
    with acting(folder, username) as (_, now):
        import msgspec

        from yiwang.blocks.cascade import public as cascade

        click.echo(msgspec.json.encode(cascade.signed_card(now)).decode("utf-8"))
        click.echo(f"fingerprint: {cascade.here(now).kid}", err=True)


@command.command()
@data_option
@as_option
def invite(folder: Path, username: str) -> None:
    """Print a one-time invitation for a child node; it works once within 24 hours."""
    with acting(folder, username) as (actor, now):
        from yiwang.blocks.cascade import public as cascade

        click.echo(cascade.invite(actor, now))


@command.command()
@data_option
@as_option
@click.argument("invitation", required=False)
@click.option("--card", "file", type=click.Path(path_type=Path, exists=True), help="the other node's card")
@click.option("--fingerprint", help="of the other node's key, told by another way than the card")
@click.option(
    "--relation", type=click.Choice(["parent", "child"]), default="parent", show_default=True,
    help="what the other node is to this one (with --card)",
)  # fmt: skip
def join(
    folder: Path,
    username: str,
    invitation: str | None,
    file: Path | None,
    fingerprint: str | None,
    relation: str,
) -> None:
    """Join a parent by its INVITATION; or pin the card that the other operator gave (both sides do this)."""
    if (invitation is None) == (file is None) or (file is not None and not fingerprint):
        raise click.UsageError("give an INVITATION, or --card with --fingerprint")
    with acting(folder, username) as (actor, now):
        from yiwang.blocks.cascade import public as cascade
        from yiwang.bootstrap.following import HttpTransport

        if invitation is not None:
            name = cascade.join_by_invitation(actor, invitation, HttpTransport(), now)
        else:
            name = cascade.join_by_card(
                actor, cascade.read_signed(_read(file)), fingerprint or "", relation, now
            )
        click.echo(json.dumps({"joined": name}))


@command.command("peers")
@data_option
@as_option
def list_peers(folder: Path, username: str) -> None:
    """Print every peer, one JSON object a line: state, fingerprint, what waits, when it was last heard of."""
    with acting(folder, username) as (actor, _):
        from yiwang.blocks.cascade import public as cascade

        for peer in cascade.peers(actor):
            click.echo(
                json.dumps(
                    {
                        "node": peer.name, "relation": peer.relation, "level": peer.level, "state": peer.state,
                        "url": peer.url, "fingerprint": peer.kid, "received": peer.got, "waiting": peer.waiting,
                        "heads_kept": peer.heads, "seen": peer.seen_at.isoformat() if peer.seen_at else None,
                        "problem": peer.error.text("en") if peer.error is not None else peer.problem,
                        "problem_code": peer.error.code if peer.error is not None else "",
                    },
                    ensure_ascii=False,
                )
            )  # fmt: skip


@command.command()
@data_option
@as_option
def alarms(folder: Path, username: str) -> None:
    """Print alarms over evidence, one JSON object a line, the latest first."""
    with acting(folder, username) as (actor, _):
        from yiwang.blocks.cascade import public as cascade

        for one in cascade.alarms(actor):
            click.echo(
                json.dumps(
                    {
                        "node": one.node, "log": one.log, "kind": one.kind, "start": one.start, "stop": one.stop,
                        "index": one.index, "found_by": one.found_by, "at": one.raised_at.isoformat(),
                        "zh": one.zh, "en": one.en,
                    },
                    ensure_ascii=False,
                )
            )  # fmt: skip


@command.command()
@data_option
@as_option
@click.argument("node")
def suspend(folder: Path, username: str, node: str) -> None:
    """Take nothing from NODE and give it nothing until it is resumed; what happens meanwhile waits for it."""
    with acting(folder, username) as (actor, now):
        from yiwang.blocks.cascade import public as cascade

        cascade.suspend_peer(actor, node, now)


@command.command()
@data_option
@as_option
@click.argument("node")
def resume(folder: Path, username: str, node: str) -> None:
    """Go on with a suspended NODE."""
    with acting(folder, username) as (actor, now):
        from yiwang.blocks.cascade import public as cascade

        cascade.resume_peer(actor, node, now)


@command.command()
@data_option
@as_option
def rekey(folder: Path, username: str) -> None:
    """Make a new key for this node; peers get the new card, signed by the old key. Prints the new fingerprint."""
    with acting(folder, username) as (actor, now):
        from yiwang.blocks.cascade import public as cascade

        click.echo(json.dumps({"fingerprint": cascade.rekey(actor, now)}))


@command.command()
@data_option
@as_option
@click.argument("node")
@click.option("--reason", default="", help="told to the other node")
def leave(folder: Path, username: str, node: str, reason: str) -> None:
    """End the cascade with NODE: its keys count no more, and what came through it is withdrawn."""
    with acting(folder, username) as (actor, now):
        from yiwang.blocks.cascade import public as cascade

        cascade.leave_peer(actor, node, reason, now)


def _read(file: Path | None) -> bytes:
    try:
        return b"" if file is None else file.read_bytes()
    except OSError as problem:
        raise CardUnreadable(file=str(file)) from problem
