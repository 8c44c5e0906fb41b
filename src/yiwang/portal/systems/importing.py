"""A file of records handed in: looked at, checked cell by cell, taken in whole or not at all."""

from __future__ import annotations

import base64
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import msgspec
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Entity, Errand, Field, Loaded
from yiwang.dataplane.tables.reading import Format, open_table
from yiwang.dataplane.tables.writing import Cell, Typed, write_table
from yiwang.portal import formats
from yiwang.portal.problems import explained
from yiwang.portal.sealed import opened, sealed
from yiwang.portal.streaming import Done, told
from yiwang.portal.systems.room import Room, draw, enter
from yiwang.portal.systems.taking import KINDS
from yiwang.vocabulary.errors import YwError

LARGEST: Final = 512 * 1024 * 1024
AT_ONCE: Final = 1024 * 1024
"""Files up to this size are answered at once; larger ones tell how far they are."""
_MARK: Final = "<!--told-->"
_WRONG: Final = "systems-wrong-cells"
_TAKEN: Final = ("csv", "xlsx")
KEPT: Final = timedelta(hours=12)
_WIDEST: Final = 40
"""A place of a wrong cell, or the name of a file, is shown so long."""


class FileForm(forms.Form):
    """A file and from when its records hold."""

    use_required_attribute = False
    file = forms.FileField(
        label=_("File (CSV, Excel or Parquet, at most 512 MB)"),
        help_text=_("The first row names the fields, by name or id. Every row becomes one record."),
        widget=forms.ClearableFileInput({"accept": ".csv,.xlsx,.parquet"}),
    )  # fmt: skip
    since = forms.DateField(
        label=_("From which day"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=_("Empty: from today"),
    )  # fmt: skip

    def clean_file(self) -> UploadedFile[bytes]:
        """A file of a kind that is read, and not too large."""
        file = self.cleaned_data["file"]
        if not isinstance(file, UploadedFile) or _kind(str(file.name)) is None:
            raise forms.ValidationError(gettext("Choose a file that ends in .csv, .xlsx or .parquet."))
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(gettext("The file is larger than 512 MB."))
        return file


PER_PAGE: Final = 200
"""Wrong cells on a page."""


class Wrong(msgspec.Struct, array_like=True, frozen=True):
    """A wrong cell, or row where no column is named."""

    line: int
    column: str
    what: str


class Kept(msgspec.Struct, array_like=True, frozen=True):
    """The wrong cells of a file while they travel through the browser of who handed it in."""

    name: str
    checked: bool
    wrong: tuple[Wrong, ...]


@dataclass(frozen=True)
class Result:
    """How it ended. `done`: something was taken in; `reason` and `mend` where the file as a whole is refused."""

    checked: bool
    rows: int = 0
    wrong: tuple[Wrong, ...] = ()
    reason: str = ""
    mend: str = ""
    sealed: str = ""
    """The wrong cells as they go into a file and onto other pages, for the person's browser to hand back."""
    page: int = 1

    @property
    def first(self) -> bool:
        """Whether only the first of the wrong cells are named."""
        return len(self.wrong) >= registry.MOST_PROBLEMS

    @property
    def here(self) -> tuple[Wrong, ...]:
        """The wrong cells of the page."""
        return self.wrong[(self.page - 1) * PER_PAGE : self.page * PER_PAGE]

    @property
    def pages(self) -> int:
        """How many pages the wrong cells fill."""
        return -(-len(self.wrong) // PER_PAGE)

    @property
    def previous(self) -> int:
        """The page before; 0 where this is the first."""
        return self.page - 1

    @property
    def following(self) -> int:
        """The page after; 0 where this is the last."""
        return self.page + 1 if self.page < self.pages else 0

    @property
    def sound(self) -> bool:
        """Nothing was wrong."""
        return not (self.wrong or self.reason)


@dataclass(frozen=True)
class Column:
    """A column that a file may have."""

    title: str
    id: str
    needed: bool
    note: str


@require_http_methods(["GET", "POST"])
@explained
def take_in(request: HttpRequest, system: str, entity: str) -> HttpResponseBase:
    """Choose a file; check it, or take it in. Raises: Http404, for who may not write."""
    room, found = _writing(request, system, entity)
    form = FileForm(request.POST or None, request.FILES or None, label_suffix="")
    facts: dict[str, object] = {"entity": found, "form": form, "columns": _columns(room, found)}
    if request.method != "POST" or not form.is_valid():
        return draw(request, room, "systems/import.html", facts, 422 if form.errors else 200)
    file, since, checked = form.cleaned_data["file"], form.cleaned_data["since"], "check" in request.POST
    kept = tempfile.TemporaryDirectory(prefix="yw-import-")
    path = Path(kept.name) / f"rows.{_kind(str(file.name))}"
    with path.open("wb") as target:
        for chunk in file.chunks():
            target.write(chunk)

    def work(watch: Callable[[int], None]) -> Result:
        with kept:
            return _result(room, found, path, name, since, checked, watch)

    name = str(file.name)[-_WIDEST:]
    facts |= {"name": name, "checked": checked}
    if path.stat().st_size <= AT_ONCE:
        result = work(lambda _count: None)
        status = 200 if result.sound else 422
        return draw(request, room, "systems/import.html", {**facts, "result": result}, status)
    page = draw(request, room, "systems/import.html", {**facts, "mark": _MARK}).content.decode()
    return StreamingHttpResponse(_streamed(request, page, facts, room, work))


@require_POST
@explained
def wrong_cells(request: HttpRequest, system: str, entity: str, kind: str) -> HttpResponse:
    """The wrong cells of a file that was refused, to take away. Raises: Http404, also when they are too old."""
    room, found = _writing(request, system, entity)
    kept = _unpacked(room, request.POST.get("wrong", ""))
    if kind not in _TAKEN or kept is None:
        raise Http404
    whole = gettext("the whole row")
    rows = [(one.line, one.column or whole, one.what) for one in kept.wrong]
    heads = [gettext("Line"), gettext("Column"), gettext("What is wrong")]
    return _file(f"{room.system.id}-{found.id}-wrong", kind, heads, ["integer", "text", "text"], rows)


@require_POST
@explained
def wrong_page(request: HttpRequest, system: str, entity: str) -> HttpResponse:
    """Another page of the wrong cells of a file that was refused. Raises: Http404, also when they are too old."""
    room, found = _writing(request, system, entity)
    token, number = request.POST.get("wrong", ""), request.POST.get("page", "")
    kept = _unpacked(room, token)
    if kept is None or not (number.isascii() and number.isdecimal() and len(number) < 5):
        raise Http404
    result = Result(kept.checked, wrong=kept.wrong, sealed=token, page=int(number))
    if not result.here:
        raise Http404
    facts: dict[str, object] = {
        "entity": found, "form": FileForm(label_suffix=""), "columns": _columns(room, found), "name": kept.name,
        "checked": kept.checked, "result": result,
    }  # fmt: skip
    return draw(request, room, "systems/import.html", facts)


@require_GET
@explained
def template(request: HttpRequest, system: str, entity: str, kind: str) -> HttpResponse:
    """An empty file with the heads. Raises: Http404, for another kind of file."""
    room, found = _writing(request, system, entity)
    if kind not in _TAKEN:
        raise Http404
    heads = [one.title.text(formats.language()) for one in _fields(found)]
    return _file(f"{room.system.id}-{found.id}", kind, heads, ["text"] * len(heads), ())


def _file(
    name: str, kind: str, heads: Sequence[str], types: Sequence[Typed], rows: Iterable[Sequence[Cell]]
) -> HttpResponse:
    form, media = KINDS[kind]
    with tempfile.TemporaryDirectory(prefix="yw-rows-") as folder:
        path = Path(folder) / f"rows.{kind}"
        write_table(path, form, heads, types, rows)
        answer = HttpResponse(path.read_bytes(), content_type=media)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


def _writing(request: HttpRequest, system: str, entity: str) -> tuple[Room, Entity]:
    room = enter(request, system)
    found, standing = room.entity(entity)
    if found.fused or not standing.writes:
        raise Http404
    return room, found


def _result(
    room: Room, entity: Entity, path: Path, name: str, since: date | None, checked: bool, watch: Callable[[int], None]
) -> Result:  # fmt: skip
    errand = Errand(room.me, purpose=room.errand.purpose, case=room.errand.case, way="import")
    act = registry.check_records if checked else registry.load_records
    try:
        table = open_table(path, _kind(path.name) or "csv")
        made: Loaded = act(
            errand, room.system.id, entity.id, table.heads, table.rows, room.now, since=since, watch=watch,
            named=registry.MOST_PROBLEMS,
        )  # fmt: skip
    except registry.FileRefused as refused:
        titles = {one.id: one.title.text(formats.language()) for one in entity.fields}
        wrong = tuple(
            Wrong(one.line, titles.get(one.field, ""), formats.pick(one.message_zh, one.message_en))
            for one in refused.problems
        )
        return Result(checked, wrong=wrong, sealed=_packed(room, Kept(name, checked, wrong)))
    except YwError as refused:
        language = formats.language()
        return Result(checked, reason=refused.text(language), mend=refused.mend(language))
    return Result(checked, rows=made.rows)


def _packed(room: Room, kept: Kept) -> str:
    """As the browser keeps it: pressed together, since lines of one kind repeat each other, and sealed."""
    pressed = base64.b64encode(zlib.compress(msgspec.json.encode(kept))).decode("ascii")
    return sealed(room.me, _WRONG, pressed, room.now)


def _unpacked(room: Room, token: str) -> Kept | None:
    """The same again; None when it is too old, somebody else's, or was never ours."""
    pressed = opened(room.me, _WRONG, token, room.now, KEPT)
    return msgspec.json.decode(zlib.decompress(base64.b64decode(pressed)), type=Kept) if pressed else None


def _streamed(
    request: HttpRequest,
    page: str,
    facts: dict[str, object],
    room: Room,
    work: Callable[[Callable[[int], None]], Result],
) -> Iterator[str]:
    """The page up to the place of the result, how far it is, the result, the rest of the page."""
    before, _, after = page.partition(_MARK)
    yield before
    for found in told(work):
        if isinstance(found, Done):
            result = {**facts, "result": found.value, "room": room}
            yield render_to_string("systems/import_result.html", result, request)
        else:
            yield render_to_string("systems/import_told.html", {"count": found})
    yield after


def _columns(room: Room, entity: Entity) -> tuple[Column, ...]:
    return tuple(
        Column(
            one.title.text(formats.language()), one.id,
            one.required and one.default is None and one.kind != "serial", _note(room, one),
        )
        for one in _fields(entity)
    )  # fmt: skip


def _note(room: Room, field: Field) -> str:
    match field.kind:
        case "code" | "codes":
            codes = room.system.codes.get(field.argument, ())[:4]
            words = [f"{one.code} {one.label.text(formats.language())}" for one in codes]
            more = " …" if len(room.system.codes.get(field.argument, ())) > len(codes) else ""
            return ", ".join(words) + more
        case "serial":
            return gettext("given by the system where empty")
        case "money":
            return gettext("in fen, whole")
        case "date":
            return "2026-01-31"
        case "datetime":
            return "2026-01-31T09:30:00+08:00"
        case "boolean":
            return "true / false"
        case "division":
            return gettext("code of the division")
        case _:
            return formats.pick(field.note, field.note_en)


def _fields(entity: Entity) -> list[Field]:
    return [one for one in entity.fields if one.derived is None]


def _kind(name: str) -> Format | None:
    return next((kind for ending, (kind, _) in KINDS.items() if name.lower().endswith(f".{ending}")), None)
