"""What nodes tell each other beside requests: needs passed up, data given back, receipts."""

from __future__ import annotations

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
from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.demand import public as demand
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import APPROVER, AUDITOR, DATA_OFFICER, REVIEWER, Actor
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.problems import explained
from yiwang.portal.share.beyond_form import Blamed

TRADE = (DATA_OFFICER, APPROVER, REVIEWER, AUDITOR)


class SupplyFields(Blamed):
    """What the bureau answers on a need of a node below."""

    state = forms.ChoiceField(
        label=_("Answer"), widget=forms.RadioSelect,
        choices=(("met", _("A resource of ours meets it")), ("declined", _("We do not have it"))),
    )  # fmt: skip
    resource = forms.CharField(
        label=_("Code of the resource"),
        max_length=64,
        required=False,
        help_text=_("As in our catalogue, such as 306001003/12."),
    )
    text = forms.CharField(label=_("What to say"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class ReturnFields(Blamed):
    """To whom which rows are given back."""

    node = forms.ChoiceField(label=_("Node below"))
    field = forms.ChoiceField(label=_("Item that holds the division code"))
    division = forms.CharField(
        label=_("Its division code begins with"), max_length=6,
        help_text=_("2 digits for a province, 4 for a city, 6 for a county, such as 2901."),
    )  # fmt: skip

    def __init__(
        self, nodes: list[tuple[str, str]], fields: list[tuple[str, str]], data: object = None
    ) -> None:
        """`nodes` and `fields`: names and titles."""
        super().__init__(data=data)  # type: ignore[arg-type]
        for name, choices in (("node", nodes), ("field", fields)):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices


@require_GET
@requires(*TRADE)
@explained
def needs(request: HttpRequest) -> HttpResponse:
    """Needs that nodes below have passed up."""
    me = actor(request)
    rows = [(one, _state(one.state)) for one in cascade.needs_from_below(me)]
    return _draw(request, me, "share/needs_below.html", rows=rows)


@require_http_methods(["GET", "POST"])
@requires(*TRADE)
@explained
def need(request: HttpRequest, number: str) -> HttpResponse:
    """One of them, and the bureau's answer."""
    me = actor(request)
    one = cascade.need_from_below(me, number)
    if one is None:
        raise Http404
    form = SupplyFields(request.POST if request.method == "POST" else None) if one.answerable else None
    if form is not None and request.method == "POST" and form.is_valid():
        got = form.cleaned_data
        try:
            cascade.supply(me, number, got["state"], got["text"], got["resource"].strip(), timezone.now())
        except cascade.AskingInvalid as error:
            form.blame(error.problems)
        else:
            messages.success(request, gettext("Your answer was sent."))
            return HttpResponseRedirect(reverse("share:need-below", args=[number]))
    status = 422 if form is not None and form.errors else 200
    found = catalogue.resources_by_code({one.resource}).get(one.resource) if one.resource else None
    facts = {"one": one, "form": form, "state": _state(one.state), "found": found}
    return _draw(request, me, "share/need_below.html", status, **facts)


@require_POST
@requires(REVIEWER)
@explained
def pass_up(request: HttpRequest, need_id: str) -> HttpResponse:
    """The bureau passes a need of this node to the nodes above."""
    demand.pass_up(actor(request), need_id, timezone.now())
    messages.success(request, gettext("The nodes above see it now."))
    return HttpResponseRedirect(reverse("share:need", args=[need_id]))


def above(me: Actor, view: demand.NeedView) -> dict[str, object]:
    """What the page of a need says of nodes above."""
    up = cascade.passed_up(me, view.row.id)
    may = up is None and me.has(REVIEWER) and cascade.has_parent() and demand.passable(view)
    return {"up": up, "up_state": _state(up.state) if up else "", "may_pass_up": may}


@require_GET
@requires(*TRADE)
@explained
def returns(request: HttpRequest) -> HttpResponse:
    """Data given back: what we may have, and what we give."""
    me = actor(request)
    rows = cascade.returns(me)
    own: tuple[tuple[str, str], ...] = ()
    if me.has(DATA_OFFICER) and cascade.nodes_below():
        own = tuple(
            (row.code, row.title)
            for row in catalogue.search_resources(me, mine=True, state="published", per_page=200).rows
        )
    facts = {
        "got": [one for one in rows if not one.ours], "given": [one for one in rows if one.ours], "own": own,
    }  # fmt: skip
    return _draw(request, me, "share/returns.html", 200, **facts)


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def give_back(request: HttpRequest) -> HttpResponse:
    """Let a node below ask for the rows of its division."""
    me, now = actor(request), timezone.now()
    code = (request.POST if request.method == "POST" else request.GET).get("code", "")[:64]
    entry = catalogue.resources_by_code({code}).get(code)
    if entry is None or entry.provider != me.agency:
        raise Http404
    nodes = [(one.name, one.title) for one in cascade.nodes_below()]
    fields = [(name, formats.pick(*titles)) for name, titles in cascade.division_fields(me, code)]
    form = ReturnFields(nodes, fields, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        got = form.cleaned_data
        try:
            cascade.offer_return(me, code, got["node"], got["field"], got["division"].strip(), now)
        except cascade.AskingInvalid as error:
            form.blame(error.problems)
        else:
            messages.success(request, gettext("The node is told; requests for it are bound to its rows."))
            return HttpResponseRedirect(reverse("share:returns"))
    status = 422 if form.errors else 200
    return _draw(
        request, me, "share/return_form.html", status, form=form, entry=entry, code=code, served=bool(fields)
    )


@require_POST
@requires(DATA_OFFICER)
@explained
def end_return(request: HttpRequest) -> HttpResponse:
    """Take no more requests of that node."""
    code, node = request.POST.get("code", "")[:64], request.POST.get("node", "")[:63]
    cascade.end_return(actor(request), code, node, timezone.now())
    messages.success(
        request, gettext("No more requests are taken. Grants already given stand until you revoke them.")
    )
    return HttpResponseRedirect(reverse("share:returns"))


@require_GET
@requires(*TRADE)
@explained
def receipts(request: HttpRequest) -> HttpResponse:
    """What was received under grants that cross nodes, beside what was delivered."""
    me = actor(request)
    return _draw(request, me, "share/receipts.html", rows=cascade.receipts(me))


def _draw(request: HttpRequest, me: Actor, template: str, status: int = 200, **facts: object) -> HttpResponse:
    frame = {"tab": "beyond", "unread": exchange.unread_count(me), "now": timezone.now()}
    return render(request, template, {**frame, **facts}, status=status)


def _state(state: str) -> str:
    return formats.pick(*cascade.NEED_STATES.get(state, (state, state)))
