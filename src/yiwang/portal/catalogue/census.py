"""The census sheet: down, up, looked at, taken in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.identity.public import APPROVER, DATA_OFFICER
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.page import draw, said
from yiwang.portal.problems import explained
from yiwang.vocabulary.errors import YwError

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_SHOWN = 500
MOST_BYTES = 20 * 1024 * 1024


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a sheet; it is kept until it is taken in, for a day at most."""
    me = actor(request)
    file = request.FILES.get("sheet")
    problem = ""
    if request.method == "POST":
        if file is None:
            problem = gettext("Choose a file.")
        else:
            try:
                data = file.read(MOST_BYTES + 1)  # one more than is read: the reader refuses it
                catalogue.plan_import(me, data)
                key = catalogue.keep_upload(me, str(file.name), data, timezone.now())
            except YwError as error:
                problem = said(error)
            else:
                return HttpResponseRedirect(reverse("catalogue:census-preview", args=[key]))
    return draw(request, me, "catalogue/census.html", "census", {"problem": problem}, 422 if problem else 200)


@require_GET
@requires(DATA_OFFICER, APPROVER)
@explained
def download(request: HttpRequest) -> HttpResponse:
    """The sheet of my agency, or the empty template."""
    data = catalogue.export_sheet(actor(request), empty=request.GET.get("empty") == "1")
    answer = HttpResponse(data, content_type=XLSX)
    answer.headers["Content-Disposition"] = 'attachment; filename="census.xlsx"'
    return answer


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def preview(request: HttpRequest, key: str) -> HttpResponse:
    """What the sheet would change, or every cell that is wrong; taken in by one button."""
    me = actor(request)
    if request.method == "POST":
        try:
            done = catalogue.import_upload(me, key, request.POST.get("digest", ""), timezone.now())
        except (catalogue.ImportOutdated, catalogue.SheetDefective, catalogue.TitleTaken) as error:
            messages.error(request, said(error))
        else:
            counts = {"new": len(done.created), "changed": len(done.changed)}
            messages.success(
                request, gettext("%(new)s new and %(changed)s changed entries are drafts now.") % counts
            )
            return HttpResponseRedirect(reverse("desk:resources"))
    kept = catalogue.kept_upload(me, key)
    defects = [
        (one, formats.pick(one.zh, one.en), formats.pick(one.mend_zh, one.mend_en))
        for one in kept.plan.defects[:MOST_SHOWN]
    ]
    changed = [
        (one, [formats.pick(c.zh, c.en) for c in one.changes]) for one in kept.plan.changed[:MOST_SHOWN]
    ]
    facts = {
        "kept": kept, "plan": kept.plan, "defects": defects, "changed": changed,
        "new": kept.plan.new[:MOST_SHOWN], "any": kept.plan.new or kept.plan.changed,
    }  # fmt: skip
    return draw(request, me, "catalogue/census_preview.html", "census", facts)
