"""External databases of my agency: the list, adding and changing one, testing, stopping, removing."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.kept import keep, kept
from yiwang.portal.desk.page import OFFICE, draw
from yiwang.portal.desk.source_form import SourceFields
from yiwang.portal.problems import explained
from yiwang.vocabulary.errors import YwError

CHANGES = ("suspend", "resume", "remove")


@require_GET
@requires(*OFFICE)
@explained
def listing(request: HttpRequest) -> HttpResponse:
    """The databases with their health."""
    me = actor(request)
    rows = exchange.sources(me)
    return draw(request, me, "desk/sources.html", "sources", {"rows": rows, "edits": me.has(DATA_OFFICER)})


@require_GET
@requires(*OFFICE)
@explained
def page(request: HttpRequest, source_id: str) -> HttpResponse:
    """One database: how it is reached, what the last test said, what it carries."""
    me = actor(request)
    view = exchange.source(me, source_id)
    if view.agency != me.agency:
        raise Http404
    facts = {"view": view, "edits": me.has(DATA_OFFICER)}
    return draw(request, me, "desk/source.html", "sources", facts)


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def new(request: HttpRequest) -> HttpResponse:
    """Connect a database: it is asked before anything is kept."""
    me = actor(request)
    form = _form(request, me, None)
    if request.method == "POST" and form.is_valid():
        try:
            source_id = exchange.add_source(me, form.wish(), timezone.now())
        except YwError as error:
            form.blame(error)
        else:
            messages.success(request, gettext("Connected. Now choose the table to share."))
            return HttpResponseRedirect(reverse("desk:tables", args=[source_id]))
    return _draw_form(request, me, form, None)


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def edit(request: HttpRequest, source_id: str) -> HttpResponse:
    """Change how a database is reached; an empty password keeps the old one."""
    me = actor(request)
    view = exchange.source(me, source_id)
    if view.agency != me.agency:
        raise Http404
    form = _form(request, me, view)
    if request.method == "POST" and form.is_valid():
        try:
            exchange.edit_source(me, source_id, form.wish(), timezone.now())
        except YwError as error:
            form.blame(error)
        else:
            messages.success(request, gettext("Saved. The database answered."))
            return HttpResponseRedirect(reverse("desk:source", args=[source_id]))
    return _draw_form(request, me, form, view)


@require_POST
@requires(DATA_OFFICER)
@explained
def check(request: HttpRequest, source_id: str) -> HttpResponse:
    """Test the connection now."""
    me = actor(request)
    if exchange.check_source(me, source_id, timezone.now()):
        messages.success(request, gettext("The database answered."))
    else:
        view = exchange.source(me, source_id)
        messages.error(request, formats.pick(view.problem_zh, view.problem_en))
    return HttpResponseRedirect(reverse("desk:source", args=[source_id]))


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def change(request: HttpRequest, source_id: str, step: str) -> HttpResponse:
    """Suspend, resume or remove; GET is the same question as a page."""
    if step not in CHANGES:
        raise Http404
    me = actor(request)
    view = exchange.source(me, source_id)
    reason = request.POST.get("reason", "").strip()[:1000]
    missing = request.method == "POST" and step == "suspend" and not reason
    if request.method == "POST" and not missing:
        return _change(request, me, view, step, reason)
    facts = {"view": view, "step": step, "missing": missing}
    return draw(request, me, "desk/source_change.html", "sources", facts, 422 if missing else 200)


def _change(
    request: HttpRequest, me: Actor, view: exchange.SourceView, step: str, reason: str
) -> HttpResponse:
    now = timezone.now()
    url = reverse("desk:source", args=[view.id])
    if step == "suspend":
        exchange.suspend_source(me, view.id, reason, now)
        messages.success(request, gettext("The source is suspended; its services have stopped."))
    elif step == "resume":
        exchange.resume_source(me, view.id, now)
        messages.success(request, gettext("The source runs again."))
    else:
        exchange.remove_source(me, view.id, now)
        messages.success(request, gettext("The source %(name)s was removed.") % {"name": view.name})
        url = reverse("desk:sources")
    return HttpResponseRedirect(url)


def _form(request: HttpRequest, me: Actor, view: exchange.SourceView | None) -> SourceFields:
    if request.method != "POST":
        return SourceFields(view)
    hidden = kept(me, request.POST.get("kept", ""), timezone.now())
    return SourceFields(view, request.POST, kept=hidden)


def _draw_form(
    request: HttpRequest, me: Actor, form: SourceFields, view: exchange.SourceView | None
) -> HttpResponse:
    sealed = keep(me, form.typed, timezone.now()) if form.keeps_password else ""
    facts = {"form": form, "view": view, "kept": sealed}
    return draw(request, me, "desk/source_form.html", "sources", facts, 422 if form.errors else 200)
