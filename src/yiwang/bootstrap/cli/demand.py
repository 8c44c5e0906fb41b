"""`yw demand`: needs as an account may see them, for operators and scripts."""

from __future__ import annotations

import json
from pathlib import Path

import click

from yiwang.bootstrap.cli.exchange import acting_officer, as_option, data_option


@click.group("demand", short_help="供需对接：查看需求")
def command() -> None:
    """List and show needs 需求: what departments look for and how far it is."""


@command.command("list")
@data_option
@as_option
@click.option(
    "--tab", type=click.Choice(["open", "mine", "routed", "bureau", "done"]), default="open", show_default=True,
    help="which needs: all open, of the account's agency, for it to answer, to be ruled on, ended",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
def list_needs(folder: Path, username: str, tab: str, limit: int) -> None:
    """Print needs, one JSON object a line, first due first."""
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.demand import public as demand

        found = demand.needs(actor, timezone.now(), tab=tab, per_page=limit)
        for row in found.rows:
            due = row.due
            _print(
                need=row.id, title=row.title, agency=row.agency_name, state=row.state, found=row.best,
                fit=row.best_score, due=due.at.date().isoformat() if due else None,
                days_left=due.remaining if due else None,
            )  # fmt: skip


@command.command("show")
@data_option
@as_option
@click.argument("number")
def show_need(folder: Path, username: str, number: str) -> None:
    """Print one need with its items, answers and steps, as much as the account may see."""
    with acting_officer(folder, username) as actor:
        from django.utils import timezone

        from yiwang.blocks.demand import public as demand

        view = demand.need(actor, number, timezone.now())
        _print(
            need=view.row.id, title=view.row.title, state=view.row.state, agency=view.row.agency_name,
            reason=view.said.reason, items=[item.name for item in view.said.items],
            resources=list(view.row.resources), answer=view.answer, basis=view.answer_basis,
            holders=[
                {"agency": one.agency_name, "answer": one.answer, "text": one.text} for one in view.candidates
            ],
            steps=[{"at": one.at.isoformat(), "step": one.step, "by": one.agency_name} for one in view.steps],
        )  # fmt: skip


def _print(**facts: object) -> None:
    click.echo(json.dumps(facts, ensure_ascii=False))
