"""Files of other nodes: listed and fetched through this node's own gateway, under a grant that crosses nodes."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.client import ClientError
from yiwang.client.caller import Options
from yiwang.client.files import Files
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.files.fetching import fetched, purpose_of
from yiwang.portal.problems import explained
from yiwang.portal.share.beyond_calling import purposes_of
from yiwang.portal.share.reference import gateway

SHOWN: Final = 100
PATIENCE: Final = Options(timeout=75.0, retries=0, longest_wait=1.0)
"""Longer than the nodes on the way wait for each other."""


@require_GET
@requires(DATA_OFFICER)
@explained
def page(request: HttpRequest, number: str) -> HttpResponse:
    """The files of a resource that was granted to the person's agency by another node."""
    me, now = actor(request), timezone.now()
    one, held = _held(me, number)
    facts: dict[str, object] = {
        "tab": "beyond",
        "unread": exchange.unread_count(me),
        "one": one,
        "held": held,
        "purposes": purposes_of(one, held),
        "case": request.GET.get("case", "").strip()[:100],
    }
    if held.case_required and not facts["case"]:
        return render(request, "files/beyond.html", facts)
    try:
        with gateway(me, now, sandbox=False, patience=PATIENCE) as client:
            purpose = purpose_of(request, held.purposes)
            listed = Files(client).list(held.address, purpose=purpose, grant=held.number)
            facts["files"] = [file for file, _ in zip(listed, range(SHOWN), strict=False)]
    except ClientError as error:
        language = formats.language()
        facts["trouble"] = (error.text(language), error.mend(language))
    return render(request, "files/beyond.html", facts)


@require_GET
@requires(DATA_OFFICER)
@explained
def fetch(request: HttpRequest, number: str, file: str) -> HttpResponseBase:
    """One of them."""
    me, now = actor(request), timezone.now()
    _, held = _held(me, number)
    through = gateway(me, now, sandbox=False, patience=PATIENCE)
    return fetched(request, through, file, purpose_of(request, held.purposes), held.number)


def _held(me: Actor, number: str) -> tuple[cascade.AskingView, cascade.HoldingView]:
    """Raises: AskingUnknown, Http404."""
    one = cascade.asking(me, number)
    held = cascade.holding(me, one.owner, one.grant) if one.grant else None
    if held is None or held.state != "active" or "file" not in held.modes or not held.purposes:
        raise Http404
    return one, held
