"""What every page of the desk shares: who may open it, the counts beside the rail, where a refusal sends back to."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import APPROVER, DATA_OFFICER, REVIEWER, Actor
from yiwang.portal import formats
from yiwang.vocabulary.errors import YwError

OFFICE = (DATA_OFFICER, APPROVER)
DESK = (*OFFICE, REVIEWER)
OUTRUN = frozenset({"request-changed", "request-state-wrong", "grant-state-wrong"})
"""Somebody was faster: the page is shown again as it now stands, with what happened in a sentence."""


def draw(
    request: HttpRequest,
    me: Actor,
    template: str,
    tab: str,
    facts: Mapping[str, object],
    status: int = 200,
) -> HttpResponse:
    """A page of the desk, with the numbers of the rail."""
    now = timezone.now()
    counts = {
        "reviews": exchange.review_queue(me, now, per_page=1).total,
        "decisions": exchange.decision_queue(me, now, per_page=1).total,
    }
    frame = {"tab": tab, "unread": exchange.unread_count(me), "counts": counts, "now": now}
    return render(request, template, {**frame, **facts}, status=status)


def outrun(request: HttpRequest, error: YwError, url: str) -> HttpResponse:
    """Back to the page as it now stands. Raises: the error itself, when it is another kind of refusal."""
    if error.code not in OUTRUN:
        raise error
    messages.error(request, said(error))
    return HttpResponseRedirect(url)


def said(error: YwError) -> str:
    """What is wrong and what to do, as one line."""
    language = formats.language()
    return f"{error.text(language)} {error.mend(language)}"


def seen(request: HttpRequest) -> int | None:
    """The revision that the person's page showed."""
    text = request.POST.get("seen", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None
