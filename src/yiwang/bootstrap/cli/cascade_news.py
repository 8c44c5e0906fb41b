"""`yw cascade needs|returns`: needs passed up and answered, data given back, for operators and scripts."""

from __future__ import annotations

import json
from pathlib import Path

import click

from yiwang.bootstrap.cli.cascade import acting, command
from yiwang.bootstrap.cli.exchange import as_option, data_option

__all__ = ["acting", "command"]


@command.group("needs", short_help="上级：下级上报的需求")
def needs() -> None:
    """Pass a need 需求 up to the nodes above, and answer those that nodes below have passed up."""


@needs.command("list")
@data_option
@as_option
def list_needs(folder: Path, username: str) -> None:
    """Print needs that nodes below have passed up, one JSON object a line, the latest first."""
    with acting(folder, username) as (actor, _):
        from yiwang.blocks.cascade import public as cascade

        for one in cascade.needs_from_below(actor):
            _print(
                need=one.id, node=one.origin, title=one.title, agency=one.agency_name, state=one.state,
                since=one.created_at.isoformat(), answerable=one.answerable,
            )  # fmt: skip


@needs.command("show")
@data_option
@as_option
@click.argument("number")
def show_need(folder: Path, username: str, number: str) -> None:
    """Print the need NUMBER that a node below has passed up, and its answer."""
    with acting(folder, username) as (actor, _):
        from yiwang.blocks.cascade import public as cascade

        one = cascade.need_from_below(actor, number)
        if one is None:
            raise cascade.NeedUnknown(need=number[:100])
        _print(
            need=one.id, node=one.origin, title=one.title, agency=one.agency_name, reason=one.text,
            items=list(one.items), state=one.state, answer=one.answer, resource=one.resource,
            answered_at=one.answered_at_node, answered_by=one.answered_by, since=one.created_at.isoformat(),
            changed=one.updated_at.isoformat(),
        )  # fmt: skip


@needs.command("pass-up")
@data_option
@as_option
@click.argument("number")
def pass_up(folder: Path, username: str, number: str) -> None:
    """Pass the need NUMBER of this node (yw demand list) up. For a reviewer; a second time changes nothing."""
    with acting(folder, username) as (actor, now):
        from yiwang.blocks.demand import public as demand

        _print(need=demand.pass_up(actor, number, now))


@needs.command("answer")
@data_option
@as_option
@click.argument("number")
@click.option("--resource", metavar="CODE", help="the published resource of this node that meets it")
@click.option("--none", "declined", is_flag=True, help="nothing here meets it")
@click.option("--text", required=True, help="what the asker is told: how to have it, or why not")
def answer(folder: Path, username: str, number: str, resource: str | None, declined: bool, text: str) -> None:
    """Answer the need NUMBER of a node below. For a reviewer; once."""
    if (resource is not None) == declined:
        raise click.UsageError("give --resource or --none")
    with acting(folder, username) as (actor, now):
        from yiwang.blocks.cascade import public as cascade

        state = "declined" if declined else "met"
        cascade.supply(actor, number, state, text, resource or "", now)
        _print(need=number, state=state)


@command.group("returns", short_help="数据回流：查看、提供、结束")
def returns() -> None:
    """Give data back 回流 to nodes below, each the rows of its own division."""


@returns.command("list")
@data_option
@as_option
def list_returns(folder: Path, username: str) -> None:
    """Print what is given back, by this node and to it, one JSON object a line, the latest first."""
    with acting(folder, username) as (actor, _):
        from yiwang.blocks.cascade import public as cascade

        for one in cascade.returns(actor):
            _print(
                resource=one.resource, title=one.title, title_en=one.title_en, owner=one.owner, node=one.node,
                provider=one.provider_name, field=one.field, division=one.division, state=one.state,
                since=one.at.isoformat(),
            )  # fmt: skip


@returns.command("offer")
@data_option
@as_option
@click.argument("resource")
@click.option("--node", required=True, help="the node below that may ask for its rows")
@click.option("--field", required=True, help="wire name of the item that holds the division code")
@click.option("--division", required=True, help="how its codes begin: 2, 4 or 6 digits, such as 2901")
def offer(folder: Path, username: str, resource: str, node: str, field: str, division: str) -> None:
    """Let a node below ask for the rows of its division. For a data officer of the provider.

    From then on other nodes may ask for RESOURCE only where it is given back to them.
    """
    with acting(folder, username) as (actor, now):
        from yiwang.blocks.cascade import public as cascade

        cascade.offer_return(actor, resource, node, field, division, now)
        _print(resource=resource, node=node, state="offered")


@returns.command("end")
@data_option
@as_option
@click.argument("resource")
@click.option("--node", required=True, help="the node below")
def end(folder: Path, username: str, resource: str, node: str) -> None:
    """Take no more requests of that node; grants already given stand until they are revoked."""
    with acting(folder, username) as (actor, now):
        from yiwang.blocks.cascade import public as cascade

        cascade.end_return(actor, resource, node, now)
        _print(resource=resource, node=node, state="ended")


def _print(**facts: object) -> None:
    click.echo(json.dumps(facts, ensure_ascii=False))
