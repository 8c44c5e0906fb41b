"""Tags of answers and rows that came from a provider."""

from __future__ import annotations

from django import template

from yiwang.portal.share.beyond_row import Received, received
from yiwang.portal.share.console import Entered, Outcome

register = template.Library()


@register.simple_tag
def received_row(entered: Entered, outcome: Outcome) -> Received | None:
    """The rows of an answer, from which a dispute begins."""
    return received(entered.given, (outcome.body or {}).get("rows"))
