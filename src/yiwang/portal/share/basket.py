"""Asking for many at once: what was put aside, one form for all of it, and the bundle that it becomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.problems import explained
from yiwang.portal.share import keeping, wording
from yiwang.portal.share.wishing import PURPOSES, WishFields
from yiwang.vocabulary.errors import YwError

KEPT = "basket"
"""The form of the basket, among the forms that are kept while they are written."""
USUAL = {
    "calls_per_day": 1000, "subjects_per_day": 500, "rows_per_call": 50, "attempts_per_subject": 5,
    "days": exchange.LONGEST_DAYS, "kind_0": "item",
}  # fmt: skip


class BundleFields(WishFields):
    """One purpose, reason and set of limits for everything in the basket."""

    def __init__(self, data: object = None, kept: exchange.KeptView | None = None) -> None:
        super().__init__(data=data, initial=dict(USUAL))  # type: ignore[arg-type]
        self.add_wish(timezone.localdate(), exchange.LONGEST_DAYS)
        if kept is not None:
            self.initial.update(keeping.initial_of(self, kept))

    def clean(self) -> dict[str, object]:
        """The purposes, which depend on each other."""
        cleaned: dict[str, object] = super().clean() or self.cleaned_data
        self.check_purposes(cleaned)
        return cleaned

    def wish(self) -> exchange.RequestInput:
        """What all requests share; only of a valid form."""
        return exchange.RequestInput(
            reason=self._text("reason"), modes=(), fields=(), lookups=(), purposes=tuple(self.purposes()),
            case_required=bool(self.cleaned_data["case_required"]), rows_per_call=self._number("rows_per_call"),
            calls_per_day=self._number("calls_per_day"), subjects_per_day=self._number("subjects_per_day"),
            attempts_per_subject=self._number("attempts_per_subject"), days=self._number("days"),
        )  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A resource of the basket as drawn, with what is ticked and what is wrong with it."""

    row: exchange.BasketRow
    ticked: frozenset[str]
    mode: str
    problem: str = ""

    @property
    def modes(self) -> list[tuple[str, str]]:
        """Ways it can be used, with their words."""
        return [(mode, str(wording.MODES[mode])) for mode in self.row.modes]


@require_POST
@requires(DATA_OFFICER)
@explained
def add(request: HttpRequest) -> HttpResponse:
    """Put a resource aside and go back."""
    me = actor(request)
    code = request.POST.get("code", "")
    exchange.put_in_basket(me, code, timezone.now(), fields=request.POST.getlist("fields"))
    held = len(exchange.basket_codes(me))
    messages.success(
        request,
        ngettext("In the basket: %(n)s resource.", "In the basket: %(n)s resources.", held) % {"n": held},
    )
    return _back(request, reverse("share:basket"))


@require_POST
@requires(DATA_OFFICER)
@explained
def remove(request: HttpRequest) -> HttpResponse:
    """Take a resource out of the basket."""
    exchange.take_from_basket(actor(request), request.POST.get("code", ""))
    return HttpResponseRedirect(reverse("share:basket"))


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def basket(request: HttpRequest) -> HttpResponse:
    """What was put aside, and the form that hands all of it in."""
    me = actor(request)
    rows = exchange.basket(me)
    kept = exchange.kept_form(me, KEPT)
    form = BundleFields(request.POST if request.method == "POST" else None, kept)
    problems: dict[str, YwError] = {}
    if request.method == "POST" and form.is_valid():
        items = [
            exchange.BundleItem(
                row.code, tuple(request.POST.getlist(f"fields:{row.code}")), _modes(request, row)
            )
            for row in rows
            if not row.why_not
        ]
        try:
            number = exchange.hand_in_bundle(me, items, form.wish(), timezone.now())
        except exchange.BundleInvalid as error:
            problems = error.problems
        else:
            exchange.forget_form(me, KEPT)
            messages.success(request, gettext("Bundle %(id)s was handed in.") % {"id": number})
            return HttpResponseRedirect(reverse("share:bundle", args=[number]))
    return _draw(request, me, rows, form, problems, kept)


@require_POST
@requires(DATA_OFFICER)
@explained
def keep(request: HttpRequest) -> HttpResponse:
    """Keep what stands in the form of the basket, or forget it; what is in the basket stays."""
    me = actor(request)
    if request.POST.get("do") == "forget":
        return keeping.forget(request, me, KEPT, reverse("share:basket"))
    codes = exchange.basket_codes(me)
    own = [f"{name}:{code}" for code in codes for name in ("fields", "mode")]
    return keeping.answer(request, me, KEPT, [*BundleFields().fields, *own])


@require_GET
@explained
def bundle(request: HttpRequest, bundle_id: str) -> HttpResponse:
    """One bundle: how far each of its requests is."""
    me = actor(request)
    view = exchange.bundle(me, bundle_id, timezone.now())
    facts = {
        "tab": "requests",
        "unread": exchange.unread_count(me),
        "view": view,
        "mine": view.consumer == me.agency,
    }
    return render(request, "share/bundle.html", facts)


def _draw(
    request: HttpRequest,
    me: Actor,
    rows: Sequence[exchange.BasketRow],
    form: BundleFields,
    problems: dict[str, YwError],
    kept: exchange.KeptView | None,
) -> HttpResponse:
    language = formats.language()
    posted = request.method == "POST"
    values = kept.values if kept else {}
    lines = [
        Line(
            row,
            frozenset(
                request.POST.getlist(f"fields:{row.code}")
                if posted
                else values.get(f"fields:{row.code}", row.chosen)
            ),
            request.POST.get(f"mode:{row.code}", "")
            if posted
            else values.get(f"mode:{row.code}", ["query"])[0],
            f"{found.text(language)} {found.mend(language)}" if (found := problems.get(row.code)) else "",
        )
        for row in rows
    ]
    facts = {
        "tab": "resources",
        "unread": exchange.unread_count(me),
        "lines": lines,
        "asked": sum(1 for row in rows if not row.why_not),
        "providers": len({row.resource.provider for row in rows if row.resource and not row.why_not}),
        "form": form,
        "wrong": len(problems),
        "keeping": keeping.facts(request, me, kept, None),
        "keep_at": reverse("share:basket-keep"),
        "purposes": [
            [form[f"{name}_{i}"] for name in ("kind", "code", "title", "title_en", "law", "article")]
            for i in range(PURPOSES)
        ],
    }
    return render(request, "share/basket.html", facts, status=422 if form.errors or problems else 200)


def _modes(request: HttpRequest, row: exchange.BasketRow) -> tuple[str, ...]:
    wanted = request.POST.get(f"mode:{row.code}", "")
    return (wanted,) if wanted in row.modes else ()


def _back(request: HttpRequest, otherwise: str) -> HttpResponse:
    target = request.POST.get("next", "")
    fits = target and url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(target if fits else otherwise)
