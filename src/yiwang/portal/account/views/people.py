"""People of the region's agencies: accounts by the system administrator, roles by the security administrator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.blocks.identity import public as identity
from yiwang.blocks.organisation import public as organisation
from yiwang.portal import formats
from yiwang.portal.account import events, forms
from yiwang.portal.account.access import actor, requires
from yiwang.portal.account.days import end_of
from yiwang.portal.account.roles import with_role_names
from yiwang.vocabulary.errors import YwError

ADMINISTRATORS = (identity.SYSTEM_ADMIN, identity.SECURITY_ADMIN, identity.AUDIT_ADMIN)


@require_GET
@requires(*ADMINISTRATORS)
def people(request: HttpRequest) -> HttpResponse:
    """Everybody with an account, or those of one agency."""
    me = actor(request)
    chosen = request.GET.get("agency", "")
    found = identity.accounts(me, timezone.now(), agency=chosen or None)
    words = request.GET.get("q", "").strip()
    if words:
        found = [one for one in found if words in one.name or words.lower() in one.username]
    facts = {
        "tab": "people",
        "accounts": found,
        "agencies": organisation.agencies(me.region),
        "chosen": chosen,
        "words": words,
        "may_create": me.has(identity.SYSTEM_ADMIN),
        "deputies_wait": len(identity.waiting_deputies(me, timezone.now()))
        if me.has(identity.SECURITY_ADMIN)
        else None,
    }
    return render(request, "account/people.html", facts)


@never_cache
@require_http_methods(["GET", "POST"])
@requires(identity.SYSTEM_ADMIN)
def person_new(request: HttpRequest) -> HttpResponse:
    """Create an account without roles; the first password is shown once."""
    me = actor(request)
    language = formats.language()
    agencies = [(one.uscc, one.name(language)) for one in organisation.agencies(me.region)]
    form = forms.PersonForm(request.POST or None, agencies=agencies)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            number, password = identity.create_account(
                me, username=given["username"], name=given["name"], agency_uscc=given["agency"],
                staff_number=given["staff_number"], now=timezone.now(),
            )  # fmt: skip
        except (identity.UsernameTaken, identity.BadUsername) as error:
            forms.refuse(form, error, "username")
        except organisation.PersonExists as error:
            forms.refuse(form, error, "staff_number")
        else:
            return _password_page(request, number, password)
    facts = {"tab": "people", "form": form}
    return render(request, "account/person_new.html", facts, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(*ADMINISTRATORS)
def person(request: HttpRequest, number: int) -> HttpResponse:
    """One account with its roles; a security administrator gives a role here."""
    me, now = actor(request), timezone.now()
    found = _account(me, number, now)
    form = forms.RoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            identity.grant_role(
                me, number, given["role"], until=end_of(given["until"]), reason=given["reason"], now=now
            )
        except identity.RolePeriodBad as error:
            forms.refuse(form, error, "until")
        except identity.NotAllowed:
            raise
        except identity.IdentityError as error:
            forms.refuse(form, with_role_names(error), "role")
        else:
            messages.success(request, gettext("Role given. It counts from the next login."))
            return HttpResponseRedirect(reverse("account:person", args=[number]))
    facts = {
        "tab": "people",
        "account": found,
        "grants": [(identity.ROLES[grant.role], grant) for grant in found.grants],
        "form": form,
        "may_grant": me.has(identity.SECURITY_ADMIN) and me.user_id != number and found.active,
        "may_reset": me.has(identity.SYSTEM_ADMIN) and me.user_id != number and found.active,
        "is_self": me.user_id == number,
    }
    return render(request, "account/person.html", facts, status=422 if form.errors else 200)


@require_POST
@requires(identity.SECURITY_ADMIN)
def role_end(request: HttpRequest, number: int, grant: int) -> HttpResponse:
    """Take a role away."""
    me, now = actor(request), timezone.now()
    if grant not in {one.id for one in _account(me, number, now).grants}:
        raise Http404
    return _done(request, number, gettext("Role taken away."), lambda: identity.end_role(me, grant, now=now))


@never_cache
@require_POST
@requires(identity.SYSTEM_ADMIN)
def new_password(request: HttpRequest, number: int) -> HttpResponse:
    """Hand out a new first password, shown once."""
    me, now = actor(request), timezone.now()
    _account(me, number, now)
    try:
        return _password_page(request, number, identity.give_new_password(me, number, now=now))
    except (identity.SelfReset, identity.UnknownAccount) as error:
        return _refused(request, number, error)


@require_POST
@requires(identity.SECURITY_ADMIN)
def reset_factor(request: HttpRequest, number: int) -> HttpResponse:
    """Unbind a lost authenticator."""
    me, now = actor(request), timezone.now()
    _account(me, number, now)
    said = gettext("Second factor reset. A new one is set up at the next login.")
    return _done(request, number, said, lambda: identity.reset_second_factor(me, number, now=now))


@require_POST
@requires(identity.SYSTEM_ADMIN)
def close(request: HttpRequest, number: int) -> HttpResponse:
    """Close an account; its roles end."""
    me, now = actor(request), timezone.now()
    _account(me, number, now)
    said = gettext("Account closed.")
    return _done(request, number, said, lambda: identity.close_account(me, number, now=now))


@require_GET
@requires(identity.AUDIT_ADMIN, identity.AUDITOR)
def log(request: HttpRequest) -> HttpResponse:
    """What was done to accounts, roles and client applications, by whom."""
    number = request.GET.get("page", "1")
    page = identity.events(actor(request), page=int(number) if number.isdigit() else 1)
    lines = [events.line(one) for one in page.events]
    return render(request, "account/log.html", {"tab": "people-log", "page": page, "lines": lines})


def _account(me: identity.Actor, number: int, now: datetime) -> identity.AccountFacts:
    try:
        return identity.account(me, number, now)
    except identity.UnknownAccount:
        raise Http404 from None


def _password_page(request: HttpRequest, number: int, password: str) -> HttpResponse:
    found = identity.account(actor(request), number, timezone.now())
    facts = {"tab": "people", "account": found, "password": password}
    return render(request, "account/first_password.html", facts)


def _refused(request: HttpRequest, number: int, error: YwError) -> HttpResponse:
    language = formats.language()
    messages.error(request, f"{error.text(language)} {error.mend(language)}")
    return HttpResponseRedirect(reverse("account:person", args=[number]))


def _done(request: HttpRequest, number: int, said: str, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except (identity.NotAllowed, identity.AgencyOutOfReach):
        raise
    except identity.IdentityError as error:
        return _refused(request, number, error)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("account:person", args=[number]))
