"""Signing in: the password, then the second factor where it is due, then the page that was asked for."""

from __future__ import annotations

from math import ceil

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.blocks.identity import public as identity
from yiwang.portal.account import forms, qr
from yiwang.portal.account.access import public_view, signed_in, while_pending


def next_page(request: HttpRequest) -> str:
    """Where to go afterwards: a page of this site, or the first page."""
    wish = request.POST.get("next") or request.GET.get("next") or ""
    if wish.startswith("/login") or not url_has_allowed_host_and_scheme(
        wish, {request.get_host()}, request.is_secure()
    ):
        return settings.LOGIN_REDIRECT_URL
    return wish


@public_view
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Username and password. The answer never tells whether the account exists."""
    if request.method == "GET":
        found = getattr(request, "signed_in", None)
        if isinstance(found, identity.SignedIn):
            return HttpResponseRedirect(next_page(request))
        return _login_page(request, forms.LoginForm())
    form = forms.LoginForm(request.POST)
    if not form.is_valid():
        return _login_page(request, form, status=422)
    username = form.cleaned_data["username"].strip().lower()
    user = authenticate(request, username=username, password=form.cleaned_data["password"])
    if user is None:
        forms.refuse(form, identity.LoginRefused(), "username")
        return _login_page(request, form, status=422)
    _enter(request, int(user.pk))
    user_logged_in.send(sender=type(user), request=request, user=user)
    return HttpResponseRedirect(next_page(request))


def locked(
    request: HttpRequest, _response: HttpResponse | None, credentials: dict[str, str] | None
) -> HttpResponse:
    """What somebody sees who guessed too often (called by django-axes): how long to wait, for any username alike."""
    form = forms.LoginForm(request.POST or {})
    form.is_valid()
    now = timezone.now()
    last = (
        AccessAttempt.objects.filter(
            username=(credentials or {}).get("username", ""),
            ip_address=getattr(request, "axes_ip_address", None),
        )
        .order_by("-attempt_time")
        .values_list("attempt_time", flat=True)
        .first()
    )
    left = settings.AXES_COOLOFF_TIME if last is None else last + settings.AXES_COOLOFF_TIME - now
    minutes = max(1, ceil(left.total_seconds() / 60))
    form.errors.clear()
    forms.refuse(form, identity.LoginLocked(minutes=minutes), "username")
    return _login_page(request, form, status=429)


@while_pending
@never_cache
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """A code of the authenticator, or a recovery code."""
    found = signed_in(request)
    if found.pending != identity.SECOND_FACTOR:
        return HttpResponseRedirect(next_page(request))
    form = forms.CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = "".join(form.cleaned_data["code"].split())
        now = timezone.now()
        try:
            if code.isdigit() and len(code) <= 8:
                identity.show_code(found.actor, found.id, code, now=now)
            else:
                identity.use_recovery_code(found.actor, found.id, code, now=now)
        except (identity.CodeRefused, identity.CodeThrottled) as error:
            forms.refuse(form, error, "code")
        else:
            _raise(request)
            return HttpResponseRedirect(next_page(request))
    facts = {"form": form, "next": next_page(request), "name": found.actor.name}
    return render(request, "account/second_factor.html", facts, status=422 if form.errors else 200)


@while_pending
@never_cache
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Bind an authenticator by scanning a code; the recovery codes are shown once."""
    found = signed_in(request)
    if found.pending not in (None, identity.ENROL):
        return HttpResponseRedirect(reverse("account:password"))
    now = timezone.now()
    form = forms.EnrolForm(request.POST or None)
    try:
        secret = identity.begin_enrolment(found.actor, now=now)
        if request.method == "POST" and form.is_valid():
            codes = identity.confirm_enrolment(found.actor, found.id, form.cleaned_data["code"], now=now)
            _raise(request)
            return render(
                request, "account/recovery_codes.html", {"codes": codes, "next": next_page(request)}
            )
    except identity.SecondFactorPresent:
        return HttpResponseRedirect(reverse("account:home"))
    except (identity.CodeRefused, identity.CodeThrottled) as error:
        forms.refuse(form, error, "code")
    address = identity.enrolment_uri(secret, found.actor.username, f"Yiwang {settings.YW_NODE}")
    shown = identity.base32(secret)
    facts = {
        "form": form,
        "owed": found.pending == identity.ENROL,
        "next": next_page(request),
        "qr": qr.drawing(address),
        "secret": " ".join(shown[at : at + 4] for at in range(0, len(shown), 4)),
    }
    return render(request, "account/enrol.html", facts, status=422 if form.errors else 200)


@while_pending
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Sign this browser out."""
    found = signed_in(request)
    identity.end_sign_in(found.actor, found.id, now=timezone.now())
    request.session.flush()
    return HttpResponseRedirect(settings.LOGIN_URL)


def _enter(request: HttpRequest, user_id: int) -> None:
    now = timezone.now()
    agent = request.headers.get("User-Agent", "")
    number = identity.begin_sign_in(
        user_id, address=identity.caller_address(request), browser=identity.browser_words(agent), now=now
    )
    # everything the visitor had is thrown away, so that nobody enters on a cookie planted before
    request.session.flush()
    request.session[identity.SIGN_IN] = number
    rotate_token(request)


def _raise(request: HttpRequest) -> None:
    request.session.cycle_key()
    rotate_token(request)


def _login_page(request: HttpRequest, form: forms.LoginForm, status: int = 200) -> HttpResponse:
    facts = {"form": form, "next": next_page(request), "demo": settings.YW_MODE == "demo"}
    return render(request, "account/login.html", facts, status=status)
