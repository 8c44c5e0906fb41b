"""Operators invite, join, suspend, resume, re-key and leave by page; what cannot be taken back is asked twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.identity.public import AUDIT_ADMIN, AUDITOR, OPERATOR, REVIEWER
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.console.cascade import level_words, zone_words
from yiwang.portal.desk.page import said
from yiwang.portal.problems import explained
from yiwang.vocabulary.errors import YwError

MAX_CARD: Final = 70_000
STEPS: Final = ("suspend", "resume", "leave")


class InvitationFields(forms.Form):
    """The invitation that the parent's operator gave."""

    invitation = forms.CharField(
        label=_("Invitation"), max_length=2200, widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("It begins with yw-join and works once within 24 hours."),
    )  # fmt: skip


class CardFields(forms.Form):
    """The card that the other operator gave, and the fingerprint that was told another way."""

    card = forms.CharField(
        label=_("Card of the other node"), max_length=MAX_CARD,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("What ./yw cascade card prints there, unchanged."),
    )  # fmt: skip
    fingerprint = forms.CharField(
        label=_("Fingerprint"),
        max_length=64,
        help_text=_("Told by telephone or on paper, never with the card."),
    )
    relation = forms.ChoiceField(
        label=_("The other node is"), widget=forms.RadioSelect, initial="parent",
        choices=(("parent", _("Above us")), ("child", _("Below us"))),
    )  # fmt: skip


@require_POST
@requires(OPERATOR)
@explained
def invite(request: HttpRequest) -> HttpResponse:
    """Make an invitation; the answer is the only page that ever shows it."""
    text = cascade.invite(actor(request), timezone.now())
    response = render(request, "console/cascade_invitation.html", {"tab": "cascade", "invitation": text})
    response.headers["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
@requires(OPERATOR)
@explained
def join(request: HttpRequest) -> HttpResponse:
    """Join a parent by its invitation: what it says is shown first, then it is done."""
    me, now = actor(request), timezone.now()
    form = InvitationFields(request.POST if request.method == "POST" else None)
    shown = None
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["invitation"]
        try:
            shown = cascade.read_invitation(text)
            if request.POST.get("do") == "join":
                name = cascade.join_by_invitation(me, text, cascade.transport(), now)
                return _joined(request, name)
        except YwError as error:
            form.add_error("invitation", said(error))
    facts = {"form": form, "shown": shown, "here": cascade.here(now)}
    return _draw(request, "console/cascade_join.html", facts, 422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(OPERATOR)
@explained
def join_by_card(request: HttpRequest) -> HttpResponse:
    """Pin the card of a node that cannot be reached yet: what it says is shown first, then it is done."""
    me, now = actor(request), timezone.now()
    form = CardFields(request.POST if request.method == "POST" else None)
    shown = None
    if request.method == "POST" and form.is_valid():
        got = form.cleaned_data
        try:
            signed = cascade.read_signed(got["card"].strip())
            shown = cascade.look_at_card(me, signed, got["fingerprint"], got["relation"], now)
            if request.POST.get("do") == "join":
                return _joined(
                    request, cascade.join_by_card(me, signed, got["fingerprint"], got["relation"], now)
                )
        except YwError as error:
            place = "fingerprint" if error.code == "node-fingerprint-differs" else "card"
            form.add_error(place, said(error))
    facts = {
        "form": form, "shown": shown, "here": cascade.here(now),
        "level": level_words(shown.level) if shown else "", "zone": zone_words(shown.zone) if shown else "",
    }  # fmt: skip
    return _draw(request, "console/cascade_card.html", facts, 422 if form.errors else 200)


@require_GET
@requires(OPERATOR, AUDITOR, AUDIT_ADMIN, REVIEWER)
@explained
def peer(request: HttpRequest, node: str) -> HttpResponse:
    """One node that is joined."""
    me = actor(request)
    one = cascade.peer(me, node)
    facts = {
        "one": one, "state": formats.pick(*cascade.STATES[one.state]), "level": level_words(one.level),
        "runs": me.has(OPERATOR), "now": timezone.now(),
    }  # fmt: skip
    return _draw(request, "console/cascade_peer.html", facts)


@require_http_methods(["GET", "POST"])
@requires(OPERATOR)
@explained
def step(request: HttpRequest, node: str, step: str) -> HttpResponse:
    """Suspend, resume or leave; GET asks, and to leave one types the node's name."""
    if step not in STEPS:
        raise Http404
    me, now = actor(request), timezone.now()
    one = cascade.peer(me, node)
    wrong = ""
    if request.method == "POST":
        wrong = _typed_wrong(request, one.name) if step == "leave" else ""
        if not wrong:
            match step:
                case "suspend":
                    cascade.suspend_peer(me, node, now)
                case "resume":
                    cascade.resume_peer(me, node, now)
                case _:
                    cascade.leave_peer(me, node, request.POST.get("reason", "").strip()[:300], now)
            messages.success(request, gettext("Done."))
            return HttpResponseRedirect(reverse("console:cascade-peer", args=[node]))
    facts = {"one": one, "step": step, "wrong": wrong, "reason": request.POST.get("reason", "")[:300]}
    return _draw(request, "console/cascade_ask.html", facts, 422 if wrong else 200)


@require_http_methods(["GET", "POST"])
@requires(OPERATOR)
@explained
def rekey(request: HttpRequest) -> HttpResponse:
    """A new key for this node; GET asks."""
    me, now = actor(request), timezone.now()
    here = cascade.here(now)
    wrong = ""
    if request.method == "POST":
        wrong = _typed_wrong(request, here.name)
        if not wrong:
            kid = cascade.rekey(me, now)
            messages.success(
                request,
                gettext("The new key %(kid)s signs in half a minute; nodes follow by themselves.")
                % {"kid": kid},
            )
            return HttpResponseRedirect(reverse("console:cascade"))
    facts = {"one": here, "step": "rekey", "wrong": wrong}
    return _draw(request, "console/cascade_ask.html", facts, 422 if wrong else 200)


def _typed_wrong(request: HttpRequest, name: str) -> str:
    if request.POST.get("typed", "").strip() == name:
        return ""
    return gettext("Type %(name)s exactly.") % {"name": name}


def _joined(request: HttpRequest, name: str) -> HttpResponse:
    messages.success(
        request, gettext("%(node)s is joined; its catalogue arrives within seconds.") % {"node": name}
    )
    return HttpResponseRedirect(reverse("console:cascade-peer", args=[name]))


def _draw(
    request: HttpRequest, template: str, facts: Mapping[str, object], status: int = 200
) -> HttpResponse:
    return render(request, template, {"tab": "cascade", **facts}, status=status)
