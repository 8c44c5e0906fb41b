"""The systems that a person works in, and one of them: its tables, what the person may do, under which purpose."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Entity, Standing
from yiwang.portal import formats
from yiwang.portal.account.access import actor
from yiwang.portal.problems import explained
from yiwang.portal.systems.listing import Tab, around
from yiwang.portal.systems.room import Room, choose, draw, enter


@dataclass(frozen=True)
class Table:
    """An entity on the system's home page."""

    id: str
    title: str
    abstract: str
    standing: Standing
    total: int | None
    at_least: bool
    history: str
    fused: bool
    ways: tuple[Tab, ...]


@require_GET
@explained
def systems(request: HttpRequest) -> HttpResponse:
    """The systems that the person holds a role of; with a single one, that one."""
    me = actor(request)
    found = registry.workplaces(me, timezone.now())
    if len(found) == 1:
        return HttpResponseRedirect(reverse("systems:home", args=[found[0].system.id]))
    language = formats.language()
    shown = [
        {
            "id": one.system.id, "title": one.system.title.text(language), "owner": one.system.owner,
            "version": one.system.version, "entities": len(one.system.entities),
            "roles": [r.title.text(language) for r in one.system.roles if f"{one.system.id}.{r.id}" in one.roles],
        }
        for one in found
    ]  # fmt: skip
    return draw(request, None, "systems/systems.html", {"systems": shown})


@require_http_methods(["GET", "POST"])
@explained
def home(request: HttpRequest, system: str) -> HttpResponse:
    """A system; POST chooses purpose and case and goes back to where they were asked for."""
    room = enter(request, system)
    here = reverse("systems:home", args=[system])
    problem = ""
    target = request.POST.get("next") or request.GET.get("next") or here
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = here
    if request.method == "POST":
        if choose(request, room, request.POST.get("purpose", ""), request.POST.get("case", "")):
            return HttpResponseRedirect(target)
        problem = gettext("Choose a purpose.")
    facts = {
        "tables": [table for entity in room.system.entities if (table := _table(room, entity)) is not None],
        "problem": problem, "next": target, "choosing": bool(problem) or "purpose" in request.GET,
    }  # fmt: skip
    return draw(request, room, "systems/home.html", facts, 422 if problem else 200)


def _table(room: Room, entity: Entity) -> Table | None:
    standing = room.standing(entity)
    if not standing.known:
        return None
    total, at_least = None, False
    if standing.reads:
        wanted = registry.Wanted({}, size=1)
        page = registry.records(room.errand, room.system.id, entity.id, wanted, room.now)
        total, at_least = page.total, page.at_least
    language = formats.language()
    tabs = around(room, entity, None)["tabs"]
    ways = tuple(tab for tab in tabs if tab.icon != "list") if isinstance(tabs, list) else ()
    return Table(
        entity.id, entity.title.text(language), formats.pick(entity.abstract, entity.abstract_en), standing, total,
        at_least, entity.history,
        entity.fused, ways,
    )  # fmt: skip
