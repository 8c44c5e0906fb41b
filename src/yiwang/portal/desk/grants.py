"""Grants that my agency has given (for the data bureau: all), with the dialogs that end or stop them."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import REVIEWER, Actor
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.page import DESK, draw, outrun
from yiwang.portal.problems import explained
from yiwang.portal.share import figures
from yiwang.portal.share.facts import terms_facts
from yiwang.vocabulary.errors import YwError

CHANGES = ("revoke", "suspend", "resume")
STATES = ("active", "suspended", "expired", "revoked")


class ReasonForm(forms.Form):
    """Why a grant is stopped or ended."""

    def __init__(self, change: str, data: object = None) -> None:
        super().__init__(data=data, auto_id=f"{change}-%s")  # type: ignore[arg-type]
        self.change = change
        self.fields["reason"] = forms.CharField(
            label=_("Reason"), max_length=1000, widget=forms.Textarea, help_text=_("The other side reads this."),
            required=change != "resume", error_messages={"required": _("Write the reason; the other side reads it.")},
        )  # fmt: skip
        if change == "revoke":
            self.fields["basis"] = forms.CharField(label=_("Legal basis"), max_length=200, required=False)

    @property
    def said(self) -> str:
        """Reason and basis as one text; only of a valid form."""
        reason, basis = str(self.cleaned_data["reason"]), str(self.cleaned_data.get("basis") or "")
        return (
            gettext("%(reason)s (basis: %(basis)s)") % {"reason": reason, "basis": basis} if basis else reason
        )


@require_GET
@requires(*DESK)
@explained
def listing(request: HttpRequest) -> HttpResponse:
    """Grants given, by state."""
    me = actor(request)
    every = exchange.grants(me, side=side_of(me))
    state = request.GET.get("state", "active")
    state = state if state in STATES else ""
    tabs = [(one, sum(1 for row in every if row.state == one)) for one in STATES]
    rows = [row for row in every if not state or row.state == state]
    facts = {"rows": rows, "tabs": tabs, "state": state, "total": len(every), "all": me.has(REVIEWER)}
    return draw(request, me, "desk/grants.html", "grants", facts)


def side_of(me: Actor) -> str:
    """Reviewers look after every grant, officers after those of their own agency."""
    return "" if me.has(REVIEWER) else "provider"


@require_GET
@requires(*DESK)
@explained
def page(request: HttpRequest, grant_id: str) -> HttpResponse:
    """One grant: its terms, how it is used, its steps."""
    me = actor(request)
    now = timezone.now()
    view = _given(me, grant_id)
    facts = {
        "view": view,
        "terms": terms_facts(view.terms, view.options),
        "calls": figures.of_grant(me, view, now),
        "change_forms": [ReasonForm(one) for one in ("suspend", "revoke") if one in view.allowed],
    }
    return draw(request, me, "desk/grant.html", "grants", facts)


@require_http_methods(["GET", "POST"])
@requires(*DESK)
@explained
def change(request: HttpRequest, grant_id: str, step: str) -> HttpResponse:
    """Revoke, suspend or resume; GET is the same question as a page, for browsers without scripts."""
    if step not in CHANGES:
        raise Http404
    me = actor(request)
    view = _given(me, grant_id)
    url = reverse("desk:grant", args=[grant_id])
    form = ReasonForm(step, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            said = _change(me, grant_id, step, form)
        except YwError as error:
            return outrun(request, error, url)
        messages.success(request, said)
        return HttpResponseRedirect(url)
    facts = {"view": view, "form": form}
    return draw(request, me, "desk/grant_change.html", "grants", facts, 422 if form.errors else 200)


def _change(me: Actor, grant_id: str, step: str, form: ReasonForm) -> str:
    now = timezone.now()
    if step == "revoke":
        exchange.revoke_grant(me, grant_id, form.said, now)
        return gettext("The grant was revoked; calls are refused from now on.")
    if step == "suspend":
        exchange.suspend_grant(me, grant_id, form.said, now)
        return gettext("The grant was suspended.")
    exchange.resume_grant(me, grant_id, now)
    return gettext("The grant runs again.")


def _given(me: Actor, grant_id: str) -> exchange.GrantView:
    """A grant that my agency gave; one that it merely holds is on its own pages and looks unknown here."""
    view = exchange.grant(me, grant_id, timezone.now())
    if view.provider != me.agency and not me.has(REVIEWER):
        raise Http404
    return view
