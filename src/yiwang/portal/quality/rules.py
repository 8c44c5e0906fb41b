"""The rules of a resource: how often they run, each of them, one more, back to what the entry proposes, as a contract."""

from __future__ import annotations

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.blocks.quality import public as quality
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.page import draw, said, seen
from yiwang.portal.problems import explained
from yiwang.portal.quality.naming import named_entry, titles_of
from yiwang.portal.quality.rule_form import KINDS, RuleFields
from yiwang.portal.quality.words import CADENCES
from yiwang.portal.quality.words import KINDS as KIND_WORDS

LARGEST = 512 * 1024


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def page(request: HttpRequest, code: str) -> HttpResponse:
    """Rules with what can be changed of each; a POST is one change."""
    me = actor(request)
    view = quality.resource_quality(me, code, timezone.now())
    if request.method == "POST":
        try:
            _change(request, me, view)
        except quality.RulesInvalid as error:
            messages.error(request, _told(error))
        except quality.DataQualityError as error:
            if error.code != "quality-rules-changed":
                raise
            messages.error(request, said(error))
        else:
            messages.success(request, gettext("The rules are kept and run now."))
        return HttpResponseRedirect(reverse("quality:rules", args=[code]))
    titles = titles_of([code]).get(code, {})
    facts = {
        "entries": [named_entry(one, titles) for one in view.entries],
        "view": view, "row": view.standing, "kinds": [(one, KIND_WORDS[one]) for one in KINDS],
        "cadences": list(CADENCES.items()), "shortest": quality.SHORTEST, "longest": quality.LONGEST,
    }  # fmt: skip
    return draw(request, me, "quality/rules.html", "quality", facts)


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def add(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """One more rule."""
    me = actor(request)
    view = quality.resource_quality(me, code, timezone.now())
    kind = kind if kind in KINDS else "not_null"
    form = RuleFields(kind, _items(me, code), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        entries = [msgspec.to_builtins(one) for one in view.entries]
        try:
            _keep(me, view, [*entries, form.entry()], seen(request))
        except quality.RulesInvalid as error:
            for problem in error.problems:
                form.add_error(None, formats.pick(problem.zh, problem.en))
        else:
            messages.success(request, gettext("The rules are kept and run now."))
            return HttpResponseRedirect(reverse("quality:rules", args=[code]))
    facts = {"view": view, "row": view.standing, "form": form, "kind": kind, "kind_words": KIND_WORDS[kind]}
    return draw(request, me, "quality/rule_new.html", "quality", facts, status=422 if form.errors else 200)


@require_POST
@requires(DATA_OFFICER)
@explained
def take(request: HttpRequest, code: str) -> HttpResponse:
    """Replace the rules by those of an Open Data Contract."""
    files = request.FILES if isinstance(request.FILES, MultiValueDict) else {}
    file = files.get("contract")
    content = file.read(LARGEST + 1) if file is not None else b""
    try:
        left = quality.take_contract(actor(request), code, content, timezone.now(), seen=seen(request))
    except quality.RulesInvalid as error:
        messages.error(request, _told(error))
    except quality.DataQualityError as error:
        if error.code not in {"quality-rules-changed", "quality-contract-unreadable"}:
            raise
        messages.error(request, said(error))
    else:
        messages.success(request, gettext("The rules of the contract are kept and run now."))
        if left:
            messages.warning(
                request,
                gettext("Checks of the contract that are not run: %(names)s") % {"names": ", ".join(left)},
            )
    return HttpResponseRedirect(reverse("quality:rules", args=[code]))


def _change(request: HttpRequest, me: Actor, view: quality.ResourceQuality) -> None:
    entries: list[dict[str, object]] = [msgspec.to_builtins(one) for one in view.entries]
    number = request.POST.get("n", "")
    at = int(number) if number.isdecimal() and len(number) < 4 and int(number) < len(entries) else -1
    revision = seen(request)
    match request.POST.get("do", ""):
        case "drop" if at >= 0:
            del entries[at]
            _keep(me, view, entries, revision)
        case "severity" if at >= 0:
            entries[at]["severity"] = request.POST.get("severity", "major")
            _keep(me, view, entries, revision)
        case "settings":
            given = request.POST.get("cadence", "")
            cadence = next((one for one in quality.CADENCES if one == given), view.cadence)
            text = request.POST.get("timeout_s", "")
            seconds = int(text) if text.isdecimal() and len(text) < 6 else 0
            _keep(me, view, entries, revision, cadence, seconds)
        case "propose":
            quality.propose_anew(me, view.standing.resource, timezone.now(), seen=revision)
        case _:
            return


def _keep(
    me: Actor, view: quality.ResourceQuality, entries: list[dict[str, object]], revision: int | None,
    cadence: quality.Cadence | None = None, timeout_s: int | None = None,
) -> None:  # fmt: skip
    quality.keep_rules(
        me, view.standing.resource, entries, timezone.now(), cadence=cadence or view.cadence,
        timeout_s=view.timeout_s if timeout_s is None else timeout_s, seen=revision,
    )  # fmt: skip


def _items(me: Actor, code: str) -> list[tuple[str, str]]:
    entry = catalogue.resource(me, code)
    return [
        (
            one.wire,
            formats.pick(one.title, one.title_en) + ("" if one.wire == one.title else f" · {one.wire}"),
        )
        for one in entry.items
    ]


def _told(error: quality.RulesInvalid) -> str:
    return " ".join(formats.pick(one.zh, one.en) for one in error.problems)
