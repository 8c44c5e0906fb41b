"""The page of a resource's files, and what its provider decides about them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.files import public as files
from yiwang.blocks.identity.public import DATA_OFFICER
from yiwang.client.files import Files
from yiwang.portal.account.access import actor, requires
from yiwang.portal.files.forms import ShelfFields, initial_of
from yiwang.portal.problems import explained
from yiwang.portal.purposes import purpose_names
from yiwang.portal.share.reference import gateway

LARGEST_WITHOUT_SCRIPT = 64 << 20
"""Bytes that are taken in one go where there is no script to cut the file."""


@require_GET
@explained
def page(request: HttpRequest, code: str) -> HttpResponse:
    """The files of a resource: the provider delivers them, receivers fetch them, auditors look."""
    return _drawn(request, code, None)


@require_POST
@requires(DATA_OFFICER)
@explained
def settle(request: HttpRequest, code: str) -> HttpResponse:
    """Open the exchange by file, or change what is taken."""
    form = ShelfFields(request.POST)
    if not form.is_valid():
        return _drawn(request, code, form)
    files.open_shelf(actor(request), code, form.shelf(), timezone.now())
    messages.success(request, gettext("Saved. Files can be delivered now."))
    return HttpResponseRedirect(reverse("share:files", args=[code]))


@require_POST
@requires(DATA_OFFICER)
@explained
def close(request: HttpRequest, code: str) -> HttpResponse:
    """Take and give no more files of this resource."""
    files.close_shelf(actor(request), code, request.POST.get("reason", "")[:300], timezone.now())
    messages.success(request, gettext("Files of this resource are no longer exchanged."))
    return HttpResponseRedirect(reverse("share:files", args=[code]))


@require_POST
@requires(DATA_OFFICER)
@explained
def withdraw(request: HttpRequest, code: str, file: str) -> HttpResponse:
    """Give up an upload, or take a file back."""
    with gateway(actor(request), timezone.now(), sandbox=False) as client:
        Files(client).withdraw(file)
    messages.success(request, gettext("The file was taken back."))
    return HttpResponseRedirect(reverse("share:files", args=[code]))


def _drawn(request: HttpRequest, code: str, form: ShelfFields | None) -> HttpResponse:
    me, now = actor(request), timezone.now()
    view = files.shelf(me, code, now)
    entry = exchange.resource_entry(me, code, now)
    grants = [exchange.grant(me, number, now) for number in view.grants]
    facts = {
        "tab": "resources",
        "unread": exchange.unread_count(me),
        "view": view,
        "resource": entry.resource,
        "form": form or ShelfFields(initial=initial_of(view.form)),
        "editing": form is not None or (view.mine and not view.is_open),
        "grants": [(one, purpose_names(one.terms.purposes)) for one in grants],
        "may_fetch": bool(grants) and me.has(DATA_OFFICER),
        "waiting": any(one.state == "checking" for one in view.files),
    }
    return render(request, "files/page.html", facts, status=422 if form is not None else 200)
