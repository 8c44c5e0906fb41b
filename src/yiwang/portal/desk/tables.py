"""Which table: what the source's user may read, and what of it is shared already."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import DATA_OFFICER
from yiwang.dataplane.connectors.errors import ConnectorError
from yiwang.portal.account.access import actor, requires
from yiwang.portal.desk.page import draw
from yiwang.portal.problems import explained

KINDS: dict[str, str | Promise] = {
    "table": _("Ordinary table"),
    "view": _("View"),
    "materialized_view": _("Materialised view"),
    "foreign_table": _("Foreign table"),
    "partitioned_table": _("Partitioned table"),
}


@dataclass(frozen=True)
class TableRow:
    """A table or view of the source, with the mount that uses it."""

    name: exchange.RelationName
    kind: str
    mount: exchange.MountRow | None


@require_GET
@requires(DATA_OFFICER)
@explained
def listing(request: HttpRequest, source_id: str) -> HttpResponse:
    """Choose a table; `?resource=` connects an entry that stands in the catalogue already."""
    me = actor(request)
    view = exchange.source(me, source_id)
    if view.agency != me.agency:
        raise Http404
    facts: dict[str, object] = {"view": view, "resource": request.GET.get("resource", "")}
    try:
        found = exchange.source_relations(me, source_id)
    except ConnectorError as error:
        facts["error"] = error
    else:
        used = {(mount.schema, mount.relation): mount for mount in view.mounts}
        facts["rows"] = [
            TableRow(one, str(KINDS.get(one.kind, one.kind)), used.get((one.schema, one.name))) for one in found
        ]  # fmt: skip
    return draw(request, me, "desk/tables.html", "sources", facts)
