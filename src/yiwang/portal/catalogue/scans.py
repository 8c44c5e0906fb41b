"""The census 普查 on pages: order a scan, watch it, look at what it proposes, make drafts of it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import AUDITOR, DATA_OFFICER, REVIEWER
from yiwang.dataplane.census.workbook import write_workbook
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.catalogue.census import XLSX
from yiwang.portal.catalogue.scan_forms import OrderFields, TableFields, TermsFields
from yiwang.portal.desk.page import OFFICE, draw, said
from yiwang.portal.problems import explained
from yiwang.vocabulary.errors import YwError

TAB = "scans"
MOST_REMARKS = 100
A_PAGE = 100
"""Proposed tables a page."""


@require_http_methods(["GET", "POST"])
@requires(*OFFICE)
@explained
def listing(request: HttpRequest) -> HttpResponse:
    """Scans of my agency, and the order for another."""
    me = actor(request)
    edits = me.has(DATA_OFFICER)
    if request.method == "POST":
        me.require(DATA_OFFICER)
    sources = [one for one in exchange.sources(me) if one.agency == me.agency and one.state == "active"]
    posted = request.method == "POST"
    form = OrderFields(
        [(one.id, one.name) for one in sources], request.POST if posted else None, request.FILES or None,
        initial={"source": request.GET.get("source", "")},
    )  # fmt: skip
    if posted and form.is_valid():
        try:
            now = timezone.now()
            name, content = form.upload()
            if content is not None:
                number = exchange.scan_file(me, name, content, form.order(), now)
            else:
                number = exchange.scan_source(me, form.cleaned_data["source"], form.order(), now)
        except YwError as error:
            form.add_error(None, said(error))
        else:
            return HttpResponseRedirect(reverse("catalogue:scan", args=[number]))
    facts = {"rows": exchange.scans(me), "form": form, "edits": edits}
    return draw(request, me, "catalogue/scans.html", TAB, facts, 422 if posted else 200)


@require_GET
@requires(*OFFICE)
@explained
def page(request: HttpRequest, scan_id: str) -> HttpResponse:
    """One scan: its progress while it runs, what it proposes when it is done."""
    if request.headers.get("HX-Request") and not exchange.scan_row(actor(request), scan_id).running:
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    return _drawn(request, scan_id, TermsFields(), 200)


def _drawn(request: HttpRequest, scan_id: str, form: TermsFields, status: int) -> HttpResponse:
    me = actor(request)
    row = exchange.scan_row(me, scan_id)
    if row.state != "done":
        facts = {"row": row, "edits": me.has(DATA_OFFICER)}
        return draw(request, me, "catalogue/scan_running.html", TAB, facts, status)
    text = request.GET.get("q", "").strip()[:100]
    number = request.GET.get("page", "1")
    at = max(1, int(number) if number.isdecimal() and len(number) < 6 else 1)
    view = exchange.scan_page(me, scan_id, text=text, page=at, per_page=A_PAGE)
    drift = {one.resource: one for one in exchange.surveys(me, drifted=True)}
    facts = {
        "view": view, "rows": [(one, drift.get(one.entry)) for one in view.shown], "q": text, "form": form,
        "edits": me.has(DATA_OFFICER), "remarks": view.remarks[:MOST_REMARKS],
        "drifted": [one for one in drift.values() if one.scan == scan_id],
    }  # fmt: skip
    return draw(request, me, "catalogue/scan.html", TAB, facts, status)


@require_POST
@requires(DATA_OFFICER)
@explained
def draft(request: HttpRequest, scan_id: str) -> HttpResponse:
    """The chosen tables become drafts, or are left out; all of them or none."""
    me = actor(request)
    chosen = _chosen(request)
    what = request.POST.get("do", "")
    if what in ("skip", "take"):
        count = exchange.skip_tables(me, scan_id, chosen, skip=what == "skip")
        words = (
            ngettext("%(n)s table is left out.", "%(n)s tables are left out.", count)
            if what == "skip"
            else ngettext("%(n)s table is taken in again.", "%(n)s tables are taken in again.", count)
        )
        messages.success(request, words % {"n": count})
        return HttpResponseRedirect(reverse("catalogue:scan", args=[scan_id]))
    form = TermsFields(request.POST)
    if form.is_valid():
        try:
            codes = exchange.draft_entries(me, scan_id, chosen, form.terms(), timezone.now())
        except YwError as error:
            form.add_error(None, said(error))
        else:
            words = ngettext(
                "%(n)s draft is made. Look at it, then have it reviewed or publish it.",
                "%(n)s drafts are made. Look at them, then have them reviewed or publish them.", len(codes),
            )  # fmt: skip
            messages.success(request, words % {"n": len(codes)})
            if len(codes) == 1:
                return HttpResponseRedirect(reverse("desk:resource", args=[codes[0]]))
            return HttpResponseRedirect(reverse("catalogue:scan", args=[scan_id]))
    form.chosen = frozenset(chosen)
    return _drawn(request, scan_id, form, 422)


@require_http_methods(["GET", "POST"])
@requires(*OFFICE)
@explained
def table(request: HttpRequest, scan_id: str, position: int) -> HttpResponse:
    """One proposed entry: every column with what it seems to be, and why; corrected here."""
    me = actor(request)
    proposed = exchange.scan_table(me, scan_id, position)
    posted = request.method == "POST"
    form = TableFields(proposed, request.POST if posted else None)
    if posted:
        me.require(DATA_OFFICER)
    if posted and form.is_valid():
        exchange.choose(me, scan_id, {position: form.choice()})
        messages.success(
            request, gettext("Kept. It becomes a draft when you say so on the page of the scan.")
        )
        return HttpResponseRedirect(reverse("catalogue:scan", args=[scan_id]))
    facts = {
        "proposed": proposed, "form": form, "scan": exchange.scan_row(me, scan_id),
        "edits": me.has(DATA_OFFICER) and not proposed.entry,
    }  # fmt: skip
    return draw(request, me, "catalogue/scan_table.html", TAB, facts, 422 if posted else 200)


@require_POST
@requires(DATA_OFFICER)
@explained
def cancel(request: HttpRequest, scan_id: str) -> HttpResponse:
    """Stop it."""
    exchange.cancel_scan(actor(request), scan_id, timezone.now())
    return HttpResponseRedirect(reverse("catalogue:scan", args=[scan_id]))


@require_POST
@requires(DATA_OFFICER)
@explained
def forget(request: HttpRequest, scan_id: str) -> HttpResponse:
    """Remove a scan that has ended."""
    exchange.forget_scan(actor(request), scan_id)
    messages.success(request, gettext("The scan was removed. Entries made of it stay."))
    return HttpResponseRedirect(reverse("catalogue:scans"))


@require_GET
@requires(*OFFICE)
@explained
def workbook(request: HttpRequest, scan_id: str) -> HttpResponse:
    """The result as the workbook that `yw catalogue scan` writes."""
    result = exchange.scan_draft(actor(request), scan_id)
    with tempfile.TemporaryDirectory(prefix="yw-scan-") as folder:
        path = Path(folder) / "scan.xlsx"
        write_workbook(result, path)
        answer = HttpResponse(path.read_bytes(), content_type=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{scan_id}.xlsx"'
    return answer


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def drift(request: HttpRequest, code: str) -> HttpResponse:
    """What changed of the table behind an entry: followed by a draft, or left as it is."""
    me = actor(request)
    if request.method == "POST":
        if request.POST.get("do") == "follow":
            exchange.follow_drift(me, code, timezone.now())
            messages.success(request, gettext("The changes are in a draft. Look at it, then publish it."))
            return HttpResponseRedirect(reverse("desk:resource", args=[code]))
        exchange.accept_drift(me, code)
        messages.success(request, gettext("The entry stays as it is. These changes are not told again."))
        return HttpResponseRedirect(reverse("catalogue:workbench"))
    found = exchange.survey(me, code)
    if found is None:
        return HttpResponseRedirect(reverse("desk:resource", args=[code]))
    lines = [(one, formats.pick(one.zh, one.en)) for one in found.drift]
    return draw(request, me, "catalogue/drift.html", "workbench", {"survey": found, "lines": lines})


@require_GET
@requires(REVIEWER, AUDITOR)
@explained
def one_source(request: HttpRequest) -> HttpResponse:
    """一数一源: the same datum at several departments, by the latest scan of each source."""
    me = actor(request)
    return draw(
        request, me, "catalogue/one_source.html", "one-source", {"found": exchange.held_by_several(me)}
    )


def _chosen(request: HttpRequest) -> list[int]:
    numbers = request.POST.getlist("table")[:10_000]
    return [int(one) for one in numbers if one.isdecimal() and len(one) < 7]
