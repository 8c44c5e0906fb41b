"""Tags of answers and rows that came from a provider."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.urls import reverse

from yiwang.portal.share.beyond_row import Received, received
from yiwang.portal.share.console import Entered, Outcome

register = template.Library()


@register.simple_tag
def entry_address(called: str) -> str:
    """The page of a resource as calls name it: `CODE`, or `CODE@NODE` of another node."""
    code, _at, owner = called.partition("@")
    if owner in ("", settings.YW_NODE):
        return reverse("share:resource", args=[code])
    return reverse("share:beyond-entry", args=[owner, code])


@register.simple_tag
def received_row(entered: Entered, outcome: Outcome) -> Received | None:
    """The rows of an answer, from which a dispute begins."""
    return received(entered.given, (outcome.body or {}).get("rows"))
