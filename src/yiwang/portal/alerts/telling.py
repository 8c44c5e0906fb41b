"""How I am told, and the link that stops every mail."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.watch import public as watch
from yiwang.portal import formats
from yiwang.portal.account.access import actor, public_view
from yiwang.portal.alerts import words


@require_http_methods(["GET", "POST"])
def telling(request: HttpRequest) -> HttpResponse:
    """My address, my language, and how often about what."""
    me = actor(request)
    known = watch.my_preference(me)
    address, language, problem = known.address, known.language, ""
    hows = {group: known.how(group) for group in watch.GROUPS}
    if request.method == "POST":
        address, language = request.POST.get("address", "").strip(), request.POST.get("language", "")
        given = {group: request.POST.get(group, "") for group in watch.GROUPS}
        try:
            watch.set_preference(me, address, language, given)
        except watch.WatchError as error:
            problem = f"{error.text(formats.language())} {error.mend(formats.language())}"
        else:
            messages.success(request, gettext("Kept."))
            return HttpResponseRedirect(reverse("alerts:telling"))
    groups = [(group, words.GROUPS[group], hows[group]) for group in watch.GROUPS]
    facts = {
        "tab": "",
        "unread": exchange.unread_count(me),
        "address": address,
        "language": language,
        "groups": groups,
        "hows": list(words.HOWS.items()),
        "problem": problem,
    }
    return render(request, "alerts/telling.html", facts, status=422 if problem else 200)


@csrf_exempt
@public_view
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask once, then stop; the link alone changes nothing, so that a scanner of mails stops nobody's mail."""
    done, problem = False, ""
    if request.method == "POST":
        try:
            watch.unsubscribe(token)
            done = True
        except watch.WatchError as error:
            problem = f"{error.text(formats.language())} {error.mend(formats.language())}"
    return render(
        request, "alerts/unsubscribe.html", {"done": done, "problem": problem}, status=422 if problem else 200
    )
