"""The sandbox of an entry: opened at once, tried on the page, with code and reference to build by."""

from __future__ import annotations

import time
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.client import ClientError, GatewayRefused
from yiwang.client.samples import Sample
from yiwang.client.where import Where
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.problems import explained
from yiwang.portal.share import reference
from yiwang.portal.share.console import Outcome
from yiwang.portal.share.samples import callers_key, tabs

PURPOSE = "item:sandbox"
"""A sandbox takes every purpose; code samples name this one."""


@require_POST
@requires(DATA_OFFICER)
@explained
def opened(request: HttpRequest, code: str) -> HttpResponse:
    """Open the agency's sandbox and go there."""
    me = actor(request)
    exchange.open_sandbox(me, code, timezone.now())
    messages.success(
        request, gettext("The sandbox is open. Its answers are made up, and nothing is recorded.")
    )
    return HttpResponseRedirect(reverse("share:sandbox", args=[code]))


@require_GET
@requires(DATA_OFFICER)
@explained
def page(request: HttpRequest, code: str) -> HttpResponse:
    """Try it, the code, the reference."""
    me, now = actor(request), timezone.now()
    return render(request, "share/sandbox.html", _facts(me, code, now))


@require_POST
@requires(DATA_OFFICER)
@explained
def call(request: HttpRequest, code: str) -> HttpResponse:
    """Send what stands in the form to the sandbox."""
    me, now = actor(request), timezone.now()
    facts = _facts(me, code, now)
    found = facts["reference"]
    first = found.first if isinstance(found, reference.Reference) else None
    value = request.POST.get("value", "").strip()[:200]
    wish = request.POST.get("simulate", "").strip()[:60]
    purpose = f"{PURPOSE};case=simulate:{wish}" if wish else PURPOSE
    where: Where = {first.name: value} if first is not None else {}
    facts |= {
        "value": value,
        "wish": wish,
        "outcome": _sent(me, code, str(facts["sandbox_id"]), where, purpose, now),
    }
    facts["samples"] = _samples(me, code, str(facts["sandbox_id"]), where, purpose, now)
    if request.headers.get("HX-Request"):
        return render(request, "share/console_result.html", facts)
    return render(request, "share/sandbox.html", facts)


@require_GET
@requires(DATA_OFFICER)
@explained
def download(request: HttpRequest, code: str) -> HttpResponse:
    """The OpenAPI document of the sandbox."""
    me = actor(request)
    view = exchange.sandbox(me, code)
    return reference.as_file(reference.asked(me, code, view.id, timezone.now(), sandbox=True), view.id)


def _facts(me: Actor, code: str, now: datetime) -> dict[str, object]:
    view = exchange.sandbox(me, code)
    found = reference.listed(reference.asked(me, code, view.id, now, sandbox=True))
    first = found.first
    where: Where = {first.name: str(first.example)} if first is not None else {}
    return {
        "tab": "resources",
        "unread": exchange.unread_count(me),
        "sandbox": view,
        "sandbox_id": view.id,
        "resource": view.resource,
        "reference": found,
        "value": str(first.example) if first is not None else "",
        "wish": "",
        "wishes": ["empty", "slow", *(error.code for error in found.errors)],
        "samples": _samples(me, code, view.id, where, PURPOSE, now),
        "address": settings.YW_GATEWAY_URL + reference.SANDBOX,
    }


def _samples(me: Actor, code: str, sandbox_id: str, where: Where, purpose: str, now: datetime) -> object:
    sample = Sample(
        code=code,
        given=where,
        purpose=purpose,
        gateway=settings.YW_GATEWAY_URL + reference.SANDBOX,
        grant=sandbox_id,
        node=f"sandbox.{settings.YW_NODE}",
        language="en" if formats.language() == "en" else "zh",
    )
    return tabs(sample, callers_key(me, now), trust=None)


def _sent(me: Actor, code: str, sandbox_id: str, where: Where, purpose: str, now: datetime) -> Outcome:
    """What the sandbox says; its receipt is checked by the client, and is no evidence to show."""
    started = time.perf_counter()

    def took() -> int:
        return round((time.perf_counter() - started) * 1000)

    try:
        with reference.gateway(me, now, sandbox=True) as caller:
            answer = caller.query(code, where=where, purpose=purpose, grant=sandbox_id, limit=10)
        body: dict[str, object] = {
            "resource": answer.resource, "version": answer.version, "rows": answer.rows, "next": answer.next,
            "synthetic": True,
        }  # fmt: skip
        return Outcome(200, took(), body, request_id=answer.request_id, rows=len(answer.rows))
    except GatewayRefused as refused:
        return Outcome(refused.status, took(), error=refused, request_id=refused.request_id or "")
    except ClientError as failed:
        return Outcome(0, took(), error=failed)
