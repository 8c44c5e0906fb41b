"""Deputies during leave: named on the own account's page, approved under People."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity import public as identity
from yiwang.portal import formats
from yiwang.portal.account import forms
from yiwang.portal.account.access import actor, requires
from yiwang.portal.account.days import end_of, start_of
from yiwang.portal.account.roles import with_role_names

_FIELD = {
    "deputy-unfit": "deputy",
    "deputy-separated": "deputy",
    "deputy-role-bad": "roles",
    "deputy-overlaps": "roles",
    "deputy-period-bad": "until",
}
"""Beside which field of the form a refusal stands."""


@require_http_methods(["GET", "POST"])
def name(request: HttpRequest) -> HttpResponse:
    """Name a deputy for some days and some of the own roles."""
    me, now = actor(request), timezone.now()
    roles = identity.roles_to_hand_over(me, now)
    today = timezone.localdate()
    form = forms.DeputyForm(
        request.POST or None,
        colleagues=identity.colleagues(me),
        roles=roles,
        initial={"since": today, "until": today + timedelta(days=6), "roles": list(roles)},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        since = now if given["since"] == today else start_of(given["since"])
        try:
            _named(me, given["deputy"], frozenset(given["roles"]), since, end_of(given["until"]) or now,
                   given["reason"], now)  # fmt: skip
        except identity.IdentityError as error:
            forms.refuse(form, with_role_names(error), _FIELD.get(error.code))
        else:
            messages.success(request, gettext("Deputy named. Both of you find it in your notices."))
            return HttpResponseRedirect(reverse("account:home"))
    facts = {"form": form, "roles": roles}
    return render(request, "account/deputy_new.html", facts, status=422 if form.errors else 200)


@require_POST
def end(request: HttpRequest, number: int) -> HttpResponse:
    """End it early, by either of the two."""
    me, now = actor(request), timezone.now()
    try:
        with transaction.atomic():
            identity.end_deputy(me, number, now=now)
            found = identity.deputy_facts(me, number, now)
            _tell(me, "deputy-ended", found, {found.person_id, found.deputy_id}, now)
    except identity.UnknownDeputy:
        raise Http404 from None
    except identity.DeputySettled as error:
        messages.error(request, _said(error))
    else:
        messages.success(request, gettext("Ended. The roles no longer count for the deputy."))
    return HttpResponseRedirect(reverse("account:home"))


@require_GET
@requires(identity.SECURITY_ADMIN)
def approvals(request: HttpRequest) -> HttpResponse:
    """Deputies that wait for approval, and the others of the agencies of reach."""
    me, now = actor(request), timezone.now()
    found = identity.deputies_in_reach(me, now)
    facts = {
        "tab": "people",
        "waiting": identity.waiting_deputies(me, now),
        "others": [one for one in found if not one.waits],
    }
    return render(request, "account/deputies.html", facts)


@require_POST
@requires(identity.SECURITY_ADMIN)
def approve(request: HttpRequest, number: int) -> HttpResponse:
    """Let the deputy act as approver or reviewer."""
    return _answer(request, number, approved=True)


@require_POST
@requires(identity.SECURITY_ADMIN)
def refuse(request: HttpRequest, number: int) -> HttpResponse:
    """Refuse the deputy."""
    return _answer(request, number, approved=False)


def _answer(request: HttpRequest, number: int, *, approved: bool) -> HttpResponse:
    me, now = actor(request), timezone.now()
    reason = request.POST.get("reason", "").strip()
    try:
        with transaction.atomic():
            found = identity.deputy_facts(me, number, now)
            if approved:
                identity.approve_deputy(me, number, now=now)
            else:
                identity.refuse_deputy(me, number, reason=reason, now=now)
            kind = "deputy-approved" if approved else "deputy-refused"
            _tell(me, kind, found, {found.person_id, found.deputy_id}, now, text=reason)
    except identity.UnknownDeputy:
        raise Http404 from None
    except (identity.DeputySettled, identity.DeputyOwnMatter) as error:
        messages.error(request, _said(error))
    else:
        messages.success(request, gettext("Approved.") if approved else gettext("Refused."))
    return HttpResponseRedirect(reverse("account:deputies"))


@transaction.atomic
def _named(
    me: identity.Actor, deputy: int, roles: frozenset[str], since: datetime, until: datetime, reason: str,
    now: datetime,
) -> None:  # fmt: skip
    number = identity.name_deputy(me, deputy, roles, since=since, until=until, reason=reason, now=now)
    found = identity.deputy_facts(me, number, now)
    _tell(me, "deputy-named", found, {found.deputy_id}, now)
    if found.waits:
        administrators = identity.security_administrators(found.agency, now)
        _tell(me, "deputy-to-approve", found, set(administrators), now, link="deputies:")


def _tell(
    me: identity.Actor,
    kind: str,
    found: identity.DeputyFacts,
    users: set[int],
    now: datetime,
    *,
    link: str = "account:",
    text: str = "",
) -> None:
    params = {
        "person": found.person, "deputy": found.deputy, "since": formats.day(found.since),
        "until": formats.day(found.until - timedelta(seconds=1)), "text": text[:200] or "—",
    }  # fmt: skip
    for user in sorted(users - {me.user_id}):
        exchange.tell(kind, now, user=user, link=link, **params)


def _said(error: identity.IdentityError) -> str:
    language = formats.language()
    return f"{error.text(language)} {error.mend(language)}"
