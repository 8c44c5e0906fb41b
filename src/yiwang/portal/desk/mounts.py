"""Connected entries: how each mount stands, whether its table has changed, mapping it anew, ending it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.catalogue.public import ItemDraft
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.dataplane.connectors.errors import ConnectorError
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.mapping import DISCLOSURES, MapFields, ServiceFields
from yiwang.portal.desk.page import OFFICE, draw, said
from yiwang.portal.problems import explained
from yiwang.vocabulary.errors import YwError


@dataclass(frozen=True)
class ColumnRow:
    """An item with its column and what has become of it."""

    item: ItemDraft | None
    name: str
    column: exchange.ColumnMap | None
    key: bool
    drift: exchange.Drift | None
    advice: str


@require_GET
@requires(*OFFICE)
@explained
def listing(request: HttpRequest) -> HttpResponse:
    """Everything that my agency has connected."""
    me = actor(request)
    rows = [row for row in exchange.mounts(me) if row.agency == me.agency]
    drifted = sum(1 for row in rows if row.state == "drifted")
    facts = {"rows": rows, "drifted": drifted, "edits": me.has(DATA_OFFICER)}
    return draw(request, me, "desk/mounts.html", "mounts", facts)


@require_GET
@requires(*OFFICE)
@explained
def page(request: HttpRequest, mount_id: str) -> HttpResponse:
    """One mount, column by column."""
    me = actor(request)
    view = _own(me, mount_id)
    entry = catalogue.resource(me, view.resource)
    whole = [d for d in view.drift if d.kind in ("relation-gone", "key-gone")]
    facts = {
        "view": view,
        "entry": entry,
        "rows": _rows(view, entry.items),
        "whole": [(d, advice(d)) for d in whole],
        "disclosure": DISCLOSURES.get(view.disclosure, view.disclosure),
        "edits": me.has(DATA_OFFICER) and view.state != "withdrawn",
    }
    return draw(request, me, "desk/mount.html", "mounts", facts)


@require_POST
@requires(DATA_OFFICER)
@explained
def check(request: HttpRequest, mount_id: str) -> HttpResponse:
    """Compare with the table as it stands now."""
    me = actor(request)
    _own(me, mount_id)
    try:
        found = exchange.check_mount(me, mount_id, timezone.now())
    except ConnectorError as error:
        messages.error(request, said(error))
    else:
        if found:
            messages.warning(request, gettext("The table has changed; see below what to do."))
        else:
            messages.success(request, gettext("The table fits."))
    return HttpResponseRedirect(reverse("desk:mount", args=[mount_id]))


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def remap(request: HttpRequest, mount_id: str) -> HttpResponse:
    """Map the items anew, on the same table or on another one of the source."""
    me = actor(request)
    view = _own(me, mount_id)
    where = request.POST if request.method == "POST" else request.GET
    source = where.get("source", view.source)
    schema, relation = where.get("schema", view.schema), where.get("relation", view.relation)
    return _map(request, me, view.resource, source, schema, relation, view)


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def connect(request: HttpRequest, code: str) -> HttpResponse:
    """Connect an entry that is in the catalogue already: choose the source, the table, then the columns."""
    me = actor(request)
    entry = catalogue.resource(me, code)
    if entry.provider != me.agency:
        raise Http404
    where = request.POST if request.method == "POST" else request.GET
    source, relation = where.get("source", ""), where.get("relation", "")
    if not source or not relation:
        facts = {"entry": entry, "rows": [row for row in exchange.sources(me) if row.state == "active"]}
        return draw(request, me, "desk/connect.html", "resources", facts)
    return _map(request, me, code, source, where.get("schema", ""), relation, None)


def _map(
    request: HttpRequest, me: Actor, code: str, source: str, schema: str, relation: str,
    view: exchange.MountView | None,
) -> HttpResponse:  # fmt: skip
    entry = catalogue.resource(me, code)
    place = exchange.source(me, source)
    facts: dict[str, object] = {
        "entry": entry, "source": place, "schema": schema, "relation": relation, "view": view,
    }  # fmt: skip
    tab = "mounts" if view else "resources"
    try:
        table = exchange.source_relation(me, source, schema, relation)
    except ConnectorError as error:
        return draw(request, me, "desk/map.html", tab, {**facts, "error": error})
    data = request.POST if request.method == "POST" else None
    form, service = MapFields(entry.items, table, view, data), ServiceFields(view, data)
    if data is not None and form.is_valid() and service.is_valid():
        now = timezone.now()
        wish = service.mount(code, source, schema, relation, form.columns(), form.key())
        try:
            if view is None:
                mount_id = exchange.mount_resource(me, wish, now)
            else:
                mount_id = view.id
                exchange.change_mount(me, view.id, wish, now)
        except exchange.FormInvalid as error:
            service.blame(error.problems, form.blame)
        except YwError as error:
            form.table_errors.append(said(error))
        else:
            messages.success(request, gettext("Connected. A sample of rows was read and fits."))
            return HttpResponseRedirect(reverse("desk:mount", args=[mount_id]))
    facts |= {"form": form, "service": service, "table": table}
    return draw(request, me, "desk/map.html", tab, facts, 422 if data is not None else 200)


@require_http_methods(["GET", "POST"])
@requires(DATA_OFFICER)
@explained
def end(request: HttpRequest, mount_id: str) -> HttpResponse:
    """Disconnect; the consumers read the reason."""
    me = actor(request)
    view = _own(me, mount_id)
    reason = request.POST.get("reason", "").strip()[:1000]
    if request.method == "POST" and reason:
        exchange.unmount_resource(me, mount_id, reason, timezone.now())
        messages.success(
            request, gettext("%(title)s is no longer connected.") % {"title": view.resource_title}
        )
        return HttpResponseRedirect(reverse("desk:mounts"))
    missing = request.method == "POST"
    facts = {"view": view, "missing": missing}
    return draw(request, me, "desk/mount_end.html", "mounts", facts, 422 if missing else 200)


def advice(drift: exchange.Drift) -> str:
    """What to do about a change of the table."""
    match drift.kind:
        case "dropped":
            return gettext(
                "Renamed: map the item to the new column. Gone for good: take the item out of the entry and publish."
            )
        case "retyped":
            return gettext(
                "Map it again to accept the new type; if it does not fit, change the item's type in the entry first."
            )
        case "relation-gone":
            return gettext(
                "Ask the database's administrator whether it was renamed or the right to read was taken away, then map anew."
            )
        case _:
            return gettext(
                "Looking up still works, turning pages does not. Have the unique key restored, or map without a key."
            )


def _rows(view: exchange.MountView, items: tuple[ItemDraft, ...]) -> list[ColumnRow]:
    behind = {column.item: column for column in view.columns}
    known = {item.wire: item for item in items}
    drift = {one.item: one for one in view.drift if one.item}
    names = [*behind, *(name for name in known if name not in behind)]
    return [
        ColumnRow(known.get(name), name, behind.get(name), name in view.key, drift.get(name),
                  advice(drift[name]) if name in drift else "")
        for name in names
    ]  # fmt: skip


def _own(me: Actor, mount_id: str) -> exchange.MountView:
    """A mount of my own agency; others look as if they did not exist."""
    view = exchange.mount(me, mount_id)
    if view.agency != me.agency:
        raise Http404
    return view
