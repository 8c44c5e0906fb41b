"""Client applications of an agency: register, keys by upload or one-time link, rotate, revoke, suspend, resume."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.blocks.identity import public as identity
from yiwang.portal.account import forms
from yiwang.portal.account.access import actor, requires
from yiwang.vocabulary.crypto import CryptoError

READERS = (
    identity.DATA_OFFICER, identity.APPROVER, identity.SECURITY_ADMIN, identity.OPERATOR, identity.AUDITOR,
)  # fmt: skip
STOPPERS = (identity.DATA_OFFICER, identity.SECURITY_ADMIN, identity.OPERATOR)


@require_GET
@requires(*READERS)
def clients(request: HttpRequest) -> HttpResponse:
    """The applications of the agency; of the region for those who run and watch it."""
    me = actor(request)
    found = identity.clients(me, timezone.now())
    facts = {
        "tab": "clients",
        "clients": found,
        "several": len({one.agency for one in found}) > 1,
        "may_register": me.has(identity.DATA_OFFICER),
    }
    return render(request, "account/clients.html", facts)


@require_http_methods(["GET", "POST"])
@requires(identity.DATA_OFFICER)
def client_new(request: HttpRequest) -> HttpResponse:
    """Register an application of one's own agency."""
    form = forms.ClientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = identity.register_client(
                actor(request), name=form.cleaned_data["name"], now=timezone.now()
            )
        except identity.BadClientName as error:
            forms.refuse(form, error, "name")
        else:
            return HttpResponseRedirect(reverse("account:client-key", args=[made]))
    facts = {"tab": "clients", "form": form}
    return render(request, "account/client_new.html", facts, status=422 if form.errors else 200)


@require_GET
@requires(*READERS)
def client(request: HttpRequest, client_id: str) -> HttpResponse:
    """One application with its keys."""
    me = actor(request)
    found = _client(request, client_id)
    platform = me.has(identity.SECURITY_ADMIN, identity.OPERATOR)
    may_stop = platform or (found.keeps and me.agency == found.agency)
    facts = {
        "tab": "clients",
        "client": found,
        "may_stop": may_stop,
        "may_resume": may_stop and (platform or found.suspended_by != "platform"),
    }
    return render(request, "account/client.html", facts)


@never_cache
@require_http_methods(["GET", "POST"])
@requires(identity.DATA_OFFICER)
def client_key(request: HttpRequest, client_id: str) -> HttpResponse:
    """Add a key, or rotate: the present keys end after an overlap."""
    me, now = actor(request), timezone.now()
    found = _client(request, client_id)
    form = forms.KeyForm(request.POST or None, rotating=found.key_in_force is not None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if given["way"] == "upload":
                kid = identity.add_key(
                    me, client_id, given["public_key"].encode(), validity=form.valid_for,
                    replace_within=form.replace_within, now=now,
                )  # fmt: skip
                messages.success(request, gettext("Key %(kid)s is in force.") % {"kid": kid})
                return HttpResponseRedirect(reverse("account:client", args=[client_id]))
            handed = identity.generate_key(
                me, client_id, suite=given["suite"], validity=form.valid_for,
                replace_within=form.replace_within, now=now,
            )  # fmt: skip
            link = request.build_absolute_uri(reverse("account:handover", args=[handed.token]))
            facts = {"tab": "clients", "client": found, "handed": handed, "link": link}
            return render(request, "account/client_link.html", facts)
        except CryptoError as error:
            forms.refuse(form, error, "public_key")
        except identity.KeyTaken as error:
            forms.refuse(form, error, "public_key")
        except identity.ClientError as error:
            forms.refuse(form, error)
    facts = {"tab": "clients", "form": form, "client": found}
    return render(request, "account/client_key.html", facts, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(*STOPPERS)
def client_suspend(request: HttpRequest, client_id: str) -> HttpResponse:
    """Stop an application at once."""
    return _with_reason(
        request, client_id, "suspend",
        lambda reason: identity.suspend_client(actor(request), client_id, reason=reason, now=timezone.now()),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(*STOPPERS)
def client_resume(request: HttpRequest, client_id: str) -> HttpResponse:
    """Let an application go on."""
    return _with_reason(
        request, client_id, "resume",
        lambda reason: identity.resume_client(actor(request), client_id, reason=reason, now=timezone.now()),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(identity.DATA_OFFICER)
def key_revoke(request: HttpRequest, client_id: str, kid: str) -> HttpResponse:
    """Revoke a key at once and for good."""
    if kid not in {key.kid for key in _client(request, client_id).keys}:
        raise Http404
    return _with_reason(
        request, client_id, "revoke",
        lambda reason: identity.revoke_key(actor(request), client_id, kid, reason=reason, now=timezone.now()),
        kid,
    )  # fmt: skip


def _client(request: HttpRequest, client_id: str) -> identity.ClientFacts:
    try:
        return identity.client(actor(request), client_id, timezone.now())
    except identity.UnknownClient:
        raise Http404 from None


def _with_reason(
    request: HttpRequest, client_id: str, deed: str, act: Callable[[str], None], kid: str = ""
) -> HttpResponse:
    """Ask for the reason on a page that names the consequence, then do it."""
    found = _client(request, client_id)
    form = forms.ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data["reason"])
        except identity.ClientError as error:
            forms.refuse(form, error, "reason")
        else:
            said = {
                "suspend": gettext("The application is suspended; the gateway refuses it from now on."),
                "resume": gettext("The application may call again."),
                "revoke": gettext("The key is revoked; the gateway refuses it from now on."),
            }
            messages.success(request, said[deed])
            return HttpResponseRedirect(reverse("account:client", args=[client_id]))
    facts = {"tab": "clients", "form": form, "client": found, "deed": deed, "kid": kid}
    return render(request, "account/client_reason.html", facts, status=422 if form.errors else 200)
