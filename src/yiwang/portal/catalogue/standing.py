"""How departments keep the catalogue, and the responsibility list 共享责任清单 on a page and as a file."""

from __future__ import annotations

import csv
import io

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_GET

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.page import DESK, draw
from yiwang.portal.problems import explained

MOST_ENTRIES = 100_000
MOST_SHOWN = 1_000
DUTY_HEADS = (
    gettext_noop("Credit code of the department"), gettext_noop("Department"), gettext_noop("Code"),
    gettext_noop("Resource"), gettext_noop("Duty"), gettext_noop("Office"), gettext_noop("Sharing"),
    gettext_noop("Terms"), gettext_noop("Updated"),
)  # fmt: skip


@require_GET
@requires(*DESK)
@explained
def page(request: HttpRequest) -> HttpResponse:
    """Figures of the departments in my reach, and what each answers for."""
    me = actor(request)
    now = timezone.now()
    served = frozenset(
        row.resource.code for row in exchange.search_resources(me, per_page=MOST_ENTRIES).rows if row.modes
    )
    changes = exchange.last_changes(me)
    departments = catalogue.standing(me, served, *changes, now)
    chosen = request.GET.get("agency", "") or me.agency
    duties = catalogue.duties(me, agency=chosen)
    late = [
        (one, (now - one.since).days) for one in catalogue.late_entries(*changes, now) if one.agency == chosen
    ]
    name = next((one.agency_name for one in departments if one.agency == chosen), "")
    return draw(
        request, me, "catalogue/standing.html", "standing",
        {
            "departments": departments, "duties": duties[:MOST_SHOWN], "chosen": chosen, "chosen_name": name,
            "all": len(duties), "late": late[:MOST_SHOWN], "all_late": len(late),
        },
    )  # fmt: skip


@require_GET
@requires(*DESK)
@explained
def duty_list(request: HttpRequest) -> HttpResponse:
    """The responsibility list of one department, or of all, as CSV that a spreadsheet program opens."""
    rows = catalogue.duties(actor(request), agency=request.GET.get("agency", ""))
    out = io.StringIO()
    out.write("\ufeff")  # without it a spreadsheet program takes the file for another encoding
    writer = csv.writer(out)
    writer.writerow([gettext(word) for word in DUTY_HEADS])
    for one in rows:
        share, cycle = catalogue.SHARE_TYPES[one.share_type], catalogue.UPDATE_CYCLES[one.update_cycle]
        cells = (
            one.agency, one.agency_name, one.code, one.title, one.duty, one.office,
            formats.pick(share.zh, share.en), one.terms, formats.pick(cycle.zh, cycle.en),
        )  # fmt: skip
        writer.writerow([_plain(cell) for cell in cells])
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="duties.csv"'
    return answer


def _plain(cell: str) -> str:
    """A cell that no spreadsheet program takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
