"""A list as a file: what the person may take out of it, with the filters that are on."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_GET

from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Errand
from yiwang.dataplane.tables.reading import Format
from yiwang.portal.problems import explained
from yiwang.portal.systems import asking
from yiwang.portal.systems.listing import view_of
from yiwang.portal.systems.room import enter

KINDS: Final[dict[str, tuple[Format, str]]] = {
    "csv": ("csv", "text/csv; charset=utf-8"),
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "parquet": ("parquet", "application/vnd.apache.parquet"),
}


@require_GET
@explained
def export(request: HttpRequest, system: str, entity: str, kind: str) -> HttpResponseBase:
    """All records that the list's filters find, as a file. Raises: Http404, for another kind of file."""
    if kind not in KINDS:
        raise Http404
    room = enter(request, system)
    found, standing = room.entity(entity)
    asked = asking.asked(room, found, standing, view_of(room, entity, ""), request.GET)
    form, media = KINDS[kind]
    errand = Errand(room.me, purpose=room.errand.purpose, case=room.errand.case, way="export")
    with tempfile.TemporaryDirectory(prefix="yw-export-") as folder:
        path = Path(folder) / f"records.{kind}"
        registry.export_records(errand, system, entity, asked.wanted(), room.now, path, form)
        file = path.open("rb")  # stays readable when the folder is gone
    name = f"{entity}-{registry.local_day(room.now):%Y%m%d}.{kind}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=media)
