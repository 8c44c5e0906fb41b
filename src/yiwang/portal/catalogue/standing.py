"""How departments keep the catalogue, and the responsibility list."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.page import DESK, draw
from yiwang.portal.problems import explained

MOST_ENTRIES = 100_000
MOST_SHOWN = 1_000


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
    departments = catalogue.standing(me, served, {}, now)
    chosen = request.GET.get("agency", "") or me.agency
    duties = catalogue.duties(me, agency=chosen)[:MOST_SHOWN]
    return draw(
        request, me, "catalogue/standing.html", "standing",
        {"departments": departments, "duties": duties, "chosen": chosen},
    )  # fmt: skip
