"""`yw cascade requests|disputes`: what was asked of other nodes and disputed with them, and what their nodes say."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yiwang.bootstrap.cli.cascade_news import acting, command
from yiwang.bootstrap.cli.exchange import as_option, data_option

if TYPE_CHECKING:
    from yiwang.blocks.cascade.public import AskingView, DisputeView
    from yiwang.vocabulary.errors import YwError

__all__ = ["command"]


@command.group("requests", short_help="向其他节点的申请：查看")
def requests() -> None:
    """Requests 使用申请 that cross nodes, as this node knows them."""


@requests.command("list")
@data_option
@as_option
def list_requests(folder: Path, username: str) -> None:
    """Print requests to and from other nodes, one JSON object a line, the latest first."""
    with acting(folder, username) as (actor, _):
        from yiwang.blocks.cascade import public as cascade

        for one in cascade.askings(actor):
            _print(**_asking(one))


@requests.command("show")
@data_option
@as_option
@click.argument("number")
def show_request(folder: Path, username: str, number: str) -> None:
    """Print the request NUMBER; `refusal` is what its owner's node itself says against the last step."""
    with acting(folder, username) as (actor, _):
        from yiwang.blocks.cascade import public as cascade

        one = cascade.asking(actor, number)
        _print(
            **_asking(one), reason=one.reason, fields=list(one.fields), purposes=list(one.purposes), number=one.number,
            basis=one.basis, due=one.due, grant=one.grant, grant_state=one.grant_state,
        )  # fmt: skip


@command.group("disputes", short_help="数据校核：查看")
def disputes() -> None:
    """Disputes 校核 on rows that were received, within this node and between nodes."""


@disputes.command("list")
@data_option
@as_option
def list_disputes(folder: Path, username: str) -> None:
    """Print disputes, one JSON object a line, open ones first."""
    with acting(folder, username) as (actor, now):
        from yiwang.blocks.cascade import public as cascade

        for one in cascade.disputes(actor, now):
            _print(**_dispute(one))


@disputes.command("show")
@data_option
@as_option
@click.argument("number")
def show_dispute(folder: Path, username: str, number: str) -> None:
    """Print the dispute NUMBER. The values of the row stay on the page."""
    with acting(folder, username) as (actor, now):
        from yiwang.blocks.cascade import public as cascade

        one = cascade.dispute(actor, number, now)
        _print(
            **_dispute(one), due=one.due_at.isoformat() if one.due_at else None, days_left=one.left,
            changed=one.updated_at.isoformat(),
        )  # fmt: skip


def _asking(one: AskingView) -> dict[str, object]:
    return {
        "request": one.id, "node": one.owner, "from": one.origin, "resource": one.resource, "title": one.title,
        "agency": one.consumer_name, "modes": list(one.modes), "state": one.state, "answer": one.answer,
        "refusal": _refusal(one.refusal), "since": one.created_at.isoformat(),
    }  # fmt: skip


def _dispute(one: DisputeView) -> dict[str, object]:
    return {
        "dispute": one.id, "node": one.owner, "from": one.origin, "resource": one.resource, "title": one.title,
        "agency": one.consumer_name, "field": one.field, "state": one.state, "answer": one.answer,
        "refusal": _refusal(one.refusal), "since": one.created_at.isoformat(),
    }  # fmt: skip


def _refusal(error: YwError | None) -> dict[str, str] | None:
    from yiwang.blocks.cascade import public as cascade

    said = cascade.in_both_languages(error)
    return None if said is None else asdict(said)


def _print(**facts: object) -> None:
    click.echo(json.dumps(facts, ensure_ascii=False))
