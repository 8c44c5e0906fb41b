"""The workbench of a data officer: the department's entries by state, and what has to be done about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.portal import formats
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.page import OFFICE, draw
from yiwang.portal.problems import explained

LITTLE = 70
"""Percent of the guide's elements below which an entry is on the list."""
UNSEEN = timedelta(days=90)
"""After so long a source is due for another scan."""
A_GROUP = 8
"""Entries a group shows; the rest is counted."""


@dataclass(frozen=True)
class Task:
    """One thing to do about one entry."""

    title: str
    code: str
    what: str
    url: str


@dataclass(frozen=True)
class Group:
    """Things of one kind; `more` were left out."""

    title: str
    tone: str
    tasks: tuple[Task, ...]
    more: int = 0


@require_GET
@requires(*OFFICE)
@explained
def page(request: HttpRequest) -> HttpResponse:
    """My department's entries: figures, what needs doing, where each stands."""
    me = actor(request)
    now = timezone.now()
    entries = catalogue.own_entries(me)
    mounted = {mount.resource for mount in exchange.mounts(me) if mount.agency == me.agency}
    groups = [group for group in _groups(me, entries, mounted, now) if group.tasks]
    public = [one for one in entries if one.state == "published"]
    shareable = [one for one in public if one.share_type != "none"]
    facts = {
        "groups": groups, "todo": sum(len(group.tasks) + group.more for group in groups),
        "published": len(public), "shareable": len(shareable),
        "drafts": sum(one.state == "draft" and not one.stage for one in entries),
        "reviewing": sum(one.stage in ("review", "secrecy") for one in entries),
        "ready": sum(one.stage == "approved" for one in entries),
        "connected": _share(sum(one.code in mounted for one in shareable), len(shareable)),
        "complete": _share(sum(one.complete for one in public), 100 * len(public)),
        "edits": me.has(DATA_OFFICER), "feeds": catalogue.feeds(me), "any": bool(entries),
        "scans": exchange.scans(me)[:5],
    }  # fmt: skip
    return draw(request, me, "catalogue/workbench.html", "workbench", facts)


def _share(part: int, whole: int) -> int | None:
    return 100 * part // whole if whole else None


def _groups(
    me: Actor, entries: tuple[catalogue.OwnEntry, ...], mounted: set[str], now: datetime
) -> Iterator[Group]:
    yield _group(
        gettext("The table changed"), "gamboge",
        [
            Task(
                one.title, one.resource,
                ngettext("%(n)s change", "%(n)s changes", len(one.drift)) % {"n": len(one.drift)},
                reverse("catalogue:drift", args=[one.resource]),
            )
            for one in exchange.surveys(me, drifted=True)
        ],
    )  # fmt: skip
    yield _group(
        gettext("Returned by a reviewer"), "cinnabar",
        [_task(one, one.returned, "desk:resource") for one in entries if one.returned],
    )  # fmt: skip
    ready = [one for one in entries if one.stage == "approved"]
    yield _group(
        gettext("Ready to publish"),
        "malachite",
        [_task(one, "", "catalogue:review") for one in ready if not _noticing(one, now)],
    )
    yield _group(
        gettext("Notice to users is running"),
        "azurite",
        [_task(one, _until(one), "catalogue:review") for one in ready if _noticing(one, now)],
    )
    under = [one for one in entries if one.stage in ("review", "secrecy")]
    yield _group(
        gettext("Under review"),
        "azurite",
        [_task(one, formats.pick(*catalogue.STAGE_WORDS[one.stage]), "catalogue:review") for one in under],
    )
    yield _group(
        gettext("To be shared, not connected"), "gamboge",
        [
            _task(one, "", "desk:connect")
            for one in entries
            if one.state == "published" and one.share_type != "none" and one.code not in mounted
        ],
    )  # fmt: skip
    poor = sorted((one for one in entries if one.complete < LITTLE), key=lambda one: one.complete)
    yield _group(
        gettext("Little is said about it"),
        "grey",
        [_task(one, gettext("%(n)s%% complete") % {"n": one.complete}, "desk:resource") for one in poor],
    )
    yield _unseen(me, now)


def _unseen(me: Actor, now: datetime) -> Group:
    last = {one.source: one.finished_at for one in reversed(exchange.scans(me)) if one.state == "done"}
    tasks = []
    for source in exchange.sources(me):
        seen = last.get(source.id)
        if source.agency == me.agency and (seen is None or now - seen > UNSEEN):
            what = (
                gettext("last scanned %(day)s") % {"day": formats.day(seen)}
                if seen
                else gettext("never scanned")
            )
            tasks.append(
                Task(source.name, source.id, what, reverse("catalogue:scans") + f"?source={source.id}")
            )
    return _group(gettext("Source due for a scan"), "grey", tasks)


def _noticing(one: catalogue.OwnEntry, now: datetime) -> bool:
    return one.effective_from is not None and one.effective_from > now


def _until(one: catalogue.OwnEntry) -> str:
    return gettext("until %(day)s") % {"day": formats.day(one.effective_from)}


def _task(one: catalogue.OwnEntry, what: str, name: str) -> Task:
    return Task(
        formats.pick(one.title, one.title_en or one.title), one.code, what, reverse(name, args=[one.code])
    )


def _group(title: str, tone: str, tasks: list[Task]) -> Group:
    return Group(title, tone, tuple(tasks[:A_GROUP]), max(0, len(tasks) - A_GROUP))
