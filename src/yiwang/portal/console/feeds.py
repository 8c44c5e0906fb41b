"""Catalogues that this node follows: their last runs, cell by cell where something was wrong, and their settings."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.identity.public import OPERATOR
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.page import said
from yiwang.portal.problems import explained
from yiwang.vocabulary.errors import YwError


class FeedFields(forms.Form):
    """A feed. Without an address it is a folder that the node makes."""

    name = forms.CharField(label=_("Name"), max_length=100)
    url = forms.CharField(
        label=_("Address of the JSON feed"), max_length=500, required=False,
        help_text=_("On a host of YW_SOURCE_HOSTS. Empty: a folder on the node into which .xlsx files are dropped."),
    )  # fmt: skip
    officer = forms.CharField(
        label=_("In the name of"), max_length=150,
        help_text=_("User name of the data officer whose agency the entries become; they come as drafts."),
    )  # fmt: skip
    hours = forms.IntegerField(label=_("Hours between two runs"), min_value=1, max_value=744, initial=24)
    active = forms.BooleanField(label=_("Runs by itself"), required=False, initial=True)

    def form(self) -> catalogue.FeedForm:
        """What the block takes; only of a valid form."""
        got = self.cleaned_data
        return catalogue.FeedForm(got["name"], got["officer"], got["url"], got["hours"], got["active"])


@require_GET
@requires(OPERATOR)
@explained
def listing(request: HttpRequest) -> HttpResponse:
    """All feeds."""
    return render(request, "console/feeds.html", {"tab": "feeds", "feeds": catalogue.feeds(actor(request))})


@require_http_methods(["GET", "POST"])
@requires(OPERATOR)
@explained
def new(request: HttpRequest) -> HttpResponse:
    """Follow another catalogue."""
    form = FeedFields(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            number = catalogue.add_feed(actor(request), form.form(), timezone.now())
        except YwError as error:
            form.add_error(None, said(error))
        else:
            messages.success(request, gettext("It runs within a minute."))
            return HttpResponseRedirect(reverse("console:feed", args=[number]))
    return _form(request, form, None)


@require_GET
@requires(OPERATOR)
@explained
def page(request: HttpRequest, feed_id: int) -> HttpResponse:
    """One feed with what was wrong in its last run."""
    found = catalogue.feed(actor(request), feed_id)
    return render(request, "console/feed.html", {"tab": "feeds", "one": found, "now": timezone.now()})


@require_http_methods(["GET", "POST"])
@requires(OPERATOR)
@explained
def edit(request: HttpRequest, feed_id: int) -> HttpResponse:
    """Change a feed."""
    me = actor(request)
    found = catalogue.feed(me, feed_id)
    kept = {name: getattr(found, name) for name in ("name", "url", "officer", "hours", "active")}
    form = FeedFields(request.POST if request.method == "POST" else None, initial=kept)
    if request.method == "POST" and form.is_valid():
        try:
            catalogue.edit_feed(me, feed_id, form.form(), timezone.now())
        except YwError as error:
            form.add_error(None, said(error))
        else:
            messages.success(request, gettext("Saved."))
            return HttpResponseRedirect(reverse("console:feed", args=[feed_id]))
    return _form(request, form, found)


@require_POST
@requires(OPERATOR)
@explained
def step(request: HttpRequest, feed_id: int) -> HttpResponse:
    """Run it now, or forget it."""
    me = actor(request)
    if request.POST.get("do") == "remove":
        catalogue.remove_feed(me, feed_id, timezone.now())
        messages.success(request, gettext("It is not followed any more. Entries stay."))
        return HttpResponseRedirect(reverse("console:feeds"))
    catalogue.run_feed_soon(me, feed_id, timezone.now())
    messages.success(request, gettext("It runs within a minute."))
    return HttpResponseRedirect(reverse("console:feed", args=[feed_id]))


def _form(request: HttpRequest, form: FeedFields, found: catalogue.FeedView | None) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(
        request, "console/feed_form.html", {"tab": "feeds", "form": form, "one": found}, status=status
    )
