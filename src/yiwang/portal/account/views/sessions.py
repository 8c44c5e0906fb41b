"""Sessions of client applications: which are open, what is not countersigned in them, and ending one by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.blocks.identity import public as identity
from yiwang.blocks.journal import public as journal
from yiwang.portal.account import forms
from yiwang.portal.account.access import actor, requires

KEEPERS = (identity.DATA_OFFICER, identity.OPERATOR)
WHY: dict[str, str | Promise] = {
    "calls": _("too many calls are not countersigned"),
    "time": _("a call waits for its countersignature too long"),
    "closed": _("closed by the application"),
    "stopped": _("ended by hand"),
    "expired": _("its time was over"),
    "idle": _("no call for five minutes"),
    "key": _("its key is no longer in force"),
    "client": _("the application was suspended"),
    "grants": _("none of its grants is in force"),
    "restart": _("its gateway process was restarted"),
}


@dataclass(frozen=True)
class Line:
    """A session as the list shows it."""

    row: journal.SessionRow
    client: identity.ClientName
    why: str
    age: int | None
    """Whole seconds that the oldest call without a countersignature has waited; None: none waits in an open session."""
    stopping: bool
    """Somebody ended it, and its gateway has not taken that up yet."""


@require_GET
@requires(*KEEPERS)
def listing(request: HttpRequest) -> HttpResponse:
    """The sessions of one's own agency's applications; of the region's for operators."""
    now = timezone.now()
    clients = identity.clients_with_sessions(actor(request))
    asked = request.GET.get("page", "1")
    page = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 and int(asked) else 1
    found = journal.sessions_of(clients, now, page)
    facts = {
        "tab": "sessions",
        "lines": [_line(row, clients[row.client], now) for row in found.rows],
        "several": len({one.agency for one in clients.values()}) > 1,
        "live": found.live,
        "total": found.total,
        "page": found.page,
        "pages": found.pages,
    }
    return render(request, "account/sessions.html", facts)


@require_http_methods(["GET", "POST"])
@requires(*KEEPERS)
def end(request: HttpRequest, client_id: str, session: str) -> HttpResponse:
    """Ask for the reason on a page that names the consequence, then end the session."""
    me, now = actor(request), timezone.now()
    client = identity.clients_with_sessions(me).get(client_id)
    row = journal.session_standing(client_id, session, now) if client else None
    if client is None or row is None:
        raise Http404
    form = forms.ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            identity.end_session(me, client_id, session, reason=form.cleaned_data["reason"], now=now)
        except (identity.ClientError, journal.SessionOver) as error:
            forms.refuse(form, error, "reason")
        else:
            messages.success(
                request, gettext("The session is being ended; its gateway does so within a second.")
            )
            return HttpResponseRedirect(reverse("account:sessions"))
    facts = {"tab": "sessions", "form": form, "line": _line(row, client, now)}
    return render(request, "account/session_end.html", facts, status=422 if form.errors else 200)


def _line(row: journal.SessionRow, client: identity.ClientName, now: datetime) -> Line:
    over = row.state == "ended"
    waits = None if over or row.oldest is None else max(0, int((now - row.oldest).total_seconds()))
    return Line(row, client, str(WHY.get(row.why, "")), waits, bool(row.stopped_by) and not over)
