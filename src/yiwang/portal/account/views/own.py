"""One's own account: roles, password, second factor, signed-in browsers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.blocks.identity import public as identity
from yiwang.portal.account import forms
from yiwang.portal.account.access import actor, signed_in, while_pending
from yiwang.portal.account.views.login import next_page

WRONG = "yw_wrong_passwords"
MOST_WRONG = 5


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What the account is and where it is signed in."""
    me, now = actor(request), timezone.now()
    lent = {role: one for one in me.on_behalf for role in one.roles}
    facts = {
        "me": me,
        "roles": [(identity.ROLES[role], lent.get(role)) for role in sorted(me.roles)],
        "deputies": identity.deputies(me, now),
        "may_name": bool(identity.roles_to_hand_over(me, now)),
        "factor": identity.second_factor_of(me),
        "sign_ins": identity.open_sign_ins(me, now),
        "here": signed_in(request).id,
    }
    return render(request, "account/home.html", facts)


@while_pending
@never_cache
@sensitive_post_parameters("present", "new", "again")
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change the password; every other browser is signed out."""
    found = signed_in(request)
    if found.pending == identity.SECOND_FACTOR:
        return HttpResponseRedirect(reverse("account:second-factor"))
    form = forms.PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            identity.change_password(
                found.actor,
                present=given["present"],
                new=given["new"],
                keep_sign_in=found.id,
                now=timezone.now(),
            )
        except identity.PasswordRefused as error:
            # whoever found an open browser may not guess the password at leisure
            request.session[WRONG] = int(request.session.get(WRONG, 0)) + 1
            if request.session[WRONG] >= MOST_WRONG:
                identity.end_sign_in(found.actor, found.id, now=timezone.now())
                request.session.flush()
                return HttpResponseRedirect(reverse("account:login"))
            forms.refuse(form, error, "present")
        except identity.PasswordWeak as error:
            forms.refuse(form, error, "new")
        else:
            request.session.cycle_key()
            messages.success(request, gettext("Password changed. Your other browsers were signed out."))
            return HttpResponseRedirect(next_page(request) if found.pending else reverse("account:home"))
    facts = {"form": form, "first": found.pending == identity.PASSWORD, "next": next_page(request)}
    return render(request, "account/password.html", facts, status=422 if form.errors else 200)


@require_POST
def end_sign_in(request: HttpRequest, number: int) -> HttpResponse:
    """Sign one browser out."""
    me = actor(request)
    ended = identity.end_sign_in(me, number, now=timezone.now())
    if number == signed_in(request).id:
        request.session.flush()
        return HttpResponseRedirect(reverse("account:login"))
    if ended:
        messages.success(request, gettext("The browser was signed out."))
    return HttpResponseRedirect(reverse("account:home"))


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """Sign every other browser out."""
    identity.end_other_sign_ins(actor(request), keep=signed_in(request).id, now=timezone.now())
    messages.success(request, gettext("All your other browsers were signed out."))
    return HttpResponseRedirect(reverse("account:home"))


@never_cache
@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes, shown once."""
    me = actor(request)
    try:
        codes = identity.renew_recovery_codes(me, now=timezone.now())
    except identity.CodeRefused:
        messages.error(request, gettext("Set up the second factor first."))
        return HttpResponseRedirect(reverse("account:home"))
    return render(request, "account/recovery_codes.html", {"codes": codes, "next": reverse("account:home")})
