"""My requests and my grants as tables for a spreadsheet, in the language of the page."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from yiwang.blocks.exchange import public as exchange
from yiwang.portal import formats
from yiwang.portal.account.access import actor
from yiwang.portal.console.export import table
from yiwang.portal.evidence.words import agency
from yiwang.portal.problems import explained
from yiwang.portal.purposes import purpose_line
from yiwang.portal.share import wording
from yiwang.portal.share.requests import TABS
from yiwang.portal.statuses import status
from yiwang.portal.titles import english_title

MOST = 20_000
"""Rows of one file."""


@require_GET
@explained
def requests(request: HttpRequest) -> HttpResponse:
    """Requests of my agency, all pages of the list in its state."""
    me, now = actor(request), timezone.now()
    state = request.GET.get("state", "")
    found = exchange.my_requests(me, now, state=state if state in TABS else "", per_page=MOST)
    head = [
        gettext("Request"), gettext("Resource"), gettext("Code"), gettext("Provider"), gettext("Credit code"),
        gettext("Purpose"), gettext("Items"), gettext("How"), gettext("State"), gettext("Applicant"),
        gettext("Handed in"), gettext("Answer due"), gettext("Grant"), gettext("Renewal of"), gettext("Bundle"),
    ]  # fmt: skip
    rows: list[list[str | int]] = [
        [row.id, _title(row.resource, row.resource_title), row.resource, agency(row.provider), row.provider,
         purpose_line(row.purposes), row.field_count, _modes(row.modes), str(status("request", row.state).label), row.applicant_name,
         _day(row.submitted_at), _day(row.due.at if row.due else None), row.grant or "", row.renews or "", row.bundle]
        for row in found.rows
    ]  # fmt: skip
    return _file(table([head, *rows]), "requests")


@require_GET
@explained
def grants(request: HttpRequest) -> HttpResponse:
    """Grants that my agency holds, or has given."""
    me = actor(request)
    side = "provider" if request.GET.get("side") == "provider" else "consumer"
    head = [
        gettext("Grant"), gettext("Resource"), gettext("Code"), gettext("Provider"), gettext("Consumer"),
        gettext("Purpose"), gettext("How"), gettext("State"), gettext("Calls a day"), gettext("Since"), gettext("Until"),
    ]  # fmt: skip
    rows: list[list[str | int]] = [
        [row.id, _title(row.resource, row.resource_title), row.resource, agency(row.provider), agency(row.consumer),
         purpose_line(row.purposes), _modes(row.modes), str(status("grant", row.state).label), row.calls_per_day, _day(row.not_before),
         _day(row.not_after)]
        for row in exchange.grants(me, side=side, most=MOST)
    ]  # fmt: skip
    return _file(table([head, *rows]), f"grants-{side}")


def _file(body: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(body, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="yiwang-{name}-{timezone.localdate()}.csv"'
    return answer


def _title(code: str, title: str) -> str:
    return formats.pick(title, english_title(code))


def _modes(modes: tuple[exchange.Mode, ...]) -> str:
    return "; ".join(str(wording.MODES[mode]) for mode in modes)


def _day(value: datetime | None) -> str:
    return formats.day(value) if value else ""
