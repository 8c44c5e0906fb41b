"""`yw subscriptions`: subscriptions as an account may see and change them, for operators and scripts."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

from yiwang.bootstrap.cli.exchange import acting_officer, as_option, data_option


@click.group("subscriptions", short_help="变更订阅：查看、暂停、恢复、回放")
def command() -> None:
    """List, pause, resume and replay subscriptions 变更订阅 of a node, as one of its accounts."""


@command.command("list")
@data_option
@as_option
@click.option("--resource", default="", metavar="CODE", help="of this resource alone")
@click.option("--ended", is_flag=True, help="also those that ended")
def list_subscriptions(folder: Path, username: str, resource: str, ended: bool) -> None:
    """Print subscriptions of the account's agency on either side, one JSON object a line."""
    with acting_officer(folder, username) as actor:
        from yiwang.blocks.subscriptions import public as subs

        for row in subs.subscriptions(actor, resource=resource, ended=ended):
            hook, feed = row.hook, row.feed
            facts = {
                "subscription": row.id, "resource": row.resource, "grant": row.grant, "consumer": row.consumer,
                "client": row.client, "state": row.state, "reason": row.reason, "waiting": row.lag,
                "waiting_since": row.waiting_since.isoformat() if row.waiting_since else None,
                "acknowledged": row.acked_at.isoformat() if row.acked_at else None,
                "way": feed.way if feed else "", "webhook": hook.shown if hook else None,
                "failures": hook.failures if hook else 0, "error": hook.error.code if hook and hook.error else None,
                "next_try": hook.due_at.isoformat() if hook and hook.failures else None,
            }  # fmt: skip
            click.echo(json.dumps(facts, ensure_ascii=False))


@command.command("pause")
@data_option
@as_option
@click.argument("number")
def pause_subscription(folder: Path, username: str, number: str) -> None:
    """Give out nothing of the subscription NUMBER until it is resumed; its events wait."""
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.subscriptions import public as subs

        subs.pause(actor, number, timezone.now())


@command.command("resume")
@data_option
@as_option
@click.argument("number")
def resume_subscription(folder: Path, username: str, number: str) -> None:
    """Let the subscription NUMBER go on where it stood."""
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.subscriptions import public as subs

        subs.resume(actor, number, timezone.now())


@command.command("replay")
@data_option
@as_option
@click.argument("number")
@click.option("--since", required=True, metavar="TIME", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"]),
              help="as 2026-11-20T08:00:00+0800")  # fmt: skip
def replay_subscription(folder: Path, username: str, number: str, since: datetime) -> None:
    """Have the events of the subscription NUMBER given out again that were recorded since a moment."""
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.subscriptions import public as subs

        back = subs.replay(actor, number, since, timezone.now())
        click.echo(json.dumps({"subscription": number, "events_back": back}))
