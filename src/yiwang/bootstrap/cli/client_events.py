"""`yw client events`: the changes of a resource as they happen, one JSON object a line."""

from __future__ import annotations

from typing import Unpack

import click
import msgspec

from yiwang.bootstrap.cli.client import Target, calling, command, opened
from yiwang.bootstrap.cli.client_files import note
from yiwang.client.subscriptions import Subscriptions

__all__ = ["command"]


@command.command("events")
@click.argument("code")
@click.option("--purpose", required=True, metavar="P", help="item:<service item> or law:<law>#<article>")
@click.option("--grant", metavar="G", help="grant, where several fit")
@click.option("--follow", is_flag=True, help="go on until Ctrl-C; else stop when nothing more waits")
@click.option("--keep", is_flag=True, help="acknowledge nothing: the same events come again")
@click.option("--since", metavar="TIME", help="first go back to this moment, as 2026-11-20T08:00:00+08:00")
@calling
def show_events(
    code: str, purpose: str, grant: str | None, follow: bool, keep: bool, since: str | None, **target: Unpack[Target]
) -> None:  # fmt: skip
    """Subscribe to the resource CODE, if it is not yet, and print its events; each page is acknowledged once it is printed."""
    with opened(target) as client:
        following = Subscriptions(client, purpose=purpose, grant=grant)
        mine = following.subscribe(code)
        note(f"订阅 {mine.id}（{mine.state}）", f"subscription {mine.id} ({mine.state})")
        if since is not None:
            following.replay(mine.id, time=since)
        after = None
        wait = min(20, max(0, int(target["timeout"]) - 5)) if follow else 0
        while True:
            page = following.events(mine.id, after=after, wait=wait)
            after = page.cursor
            for event in page.events:
                shown = {
                    name: value for name, value in msgspec.to_builtins(event).items() if value is not None
                }
                click.echo(msgspec.json.encode(shown).decode("utf-8"))
            if page.events and not keep:
                following.ack(mine.id, page.cursor)
            if not follow and not page.more:
                return
