"""The interface of a system, to read: what can be called, with which fields, and samples that run as they stand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from yiwang.blocks.registry import public as registry
from yiwang.blocks.registry.public import Entity, Field
from yiwang.portal import code, formats
from yiwang.portal.problems import explained
from yiwang.portal.systems.cells import unit_words
from yiwang.portal.systems.room import Room, draw, enter

WORDS: Final[Mapping[str, str | Promise]] = {
    "list": _("a page of records"),
    "create": _("make a record"),
    "query": _("a page of records, conditions in the body"),
    "find": _("the record with a key"),
    "by_key": _("the record with a key"),
    "get": _("one record, also as of a day"),
    "change": _("change it, or correct its past"),
    "history": _("all that was believed of it"),
    "readers": _("who of other agencies read it"),
    "withdraw": _("say that it was not so"),
    "export": _("records as a file"),
    "export_by_body": _("records as a file, conditions in the body"),
    "import": _("a record of each row of a file"),
}
_WRITES: Final = frozenset({"create", "change", "withdraw", "import"})
KINDS: Final[Mapping[str, str | Promise]] = {
    "text": _("any text"), "long_text": _("any text"), "integer": _("whole number"), "decimal": _("number, as text"),
    "money": _("whole number, in fen"), "boolean": _("true or false"), "date": _("day"), "datetime": _("moment with its zone"),
    "code": _("code"), "codes": _("codes"), "ref": _("key of another record"), "division": _("code of a division"),
    "serial": _("given by the system"), "phone": _("telephone number"), "resident_id": _("resident id number"),
    "uscc": _("unified social credit code"), "org": _("unified social credit code"), "period": _("period"),
    "point": _("longitude,latitude"), "files": _("list of texts"), "list": _("list of texts"),
}  # fmt: skip


@dataclass(frozen=True)
class Call:
    """One thing that can be called."""

    method: str
    path: str
    words: str
    writes: bool


@dataclass(frozen=True)
class Shown:
    """A field as the interface gives and takes it."""

    id: str
    title: str
    kind: str
    needed: bool
    note: str


@dataclass(frozen=True)
class Sample:
    """A call written out in one language."""

    key: str
    name: str
    lines: list[SafeString]


@dataclass(frozen=True)
class Table:
    """What can be called of one entity."""

    id: str
    title: str
    calls: tuple[Call, ...]
    fields: tuple[Shown, ...]
    reading: tuple[Sample, ...]
    writing: tuple[Sample, ...]


@require_GET
@explained
def interface(request: HttpRequest, system: str) -> HttpResponse:
    """What a person may call of a system."""
    room = enter(request, system)
    calls = _calls(registry.interface_document(room.system))
    host = request.build_absolute_uri("/").rstrip("/")
    tables = [
        _table(room, entity, calls, host) for entity in room.system.entities if room.standing(entity).known
    ]
    return draw(
        request, room, "systems/interface.html", {"tables": tables, "cookie": settings.SESSION_COOKIE_NAME}
    )


@require_GET
@explained
def document(request: HttpRequest, system: str) -> HttpResponse:
    """The OpenAPI document, to take away."""
    room = enter(request, system)
    answer = JsonResponse(registry.interface_document(room.system), json_dumps_params={"ensure_ascii": False})
    answer.headers["Content-Disposition"] = f'attachment; filename="{room.system.id}-openapi.json"'
    return answer


def _calls(found: Mapping[str, object]) -> list[tuple[str, str, str, str]]:
    """Entity, verb, method and path of each operation of a document."""
    paths = found["paths"]
    listed: list[tuple[str, str, str, str]] = []
    for path, methods in paths.items() if isinstance(paths, dict) else ():
        for method, operation in methods.items():
            entity, _dot, verb = str(operation["operationId"]).partition(".")
            listed.append((entity, verb, str(method).upper(), str(path)))
    return listed


def _table(room: Room, entity: Entity, calls: list[tuple[str, str, str, str]], host: str) -> Table:
    standing = room.standing(entity)
    own = tuple(
        Call(method, path, str(WORDS.get(verb, verb)), verb in _WRITES)
        for name, verb, method, path in calls
        if name == entity.id and (standing.writes or verb not in _WRITES)
    )
    address = f"{host}/api/v1/systems/{room.system.id}/{entity.id}"
    purpose = room.errand.purpose
    body = json.dumps({"values": dict(_values(room, entity))}, ensure_ascii=False)
    writes = standing.writes and not entity.fused
    return Table(
        entity.id, entity.title.text(formats.language()), own, tuple(_shown(room, one) for one in entity.fields),
        _samples(f"{entity.id}-read", f"{address}?_size=5", purpose, ""),
        _samples(f"{entity.id}-write", address, purpose, body) if writes else (),
    )  # fmt: skip


def _shown(room: Room, field: Field) -> Shown:
    codes = (
        [code.code for code in room.system.codes.get(field.argument, ())]
        if field.kind in ("code", "codes")
        else []
    )
    unit = unit_words(field) if field.kind != "money" else ""
    told = [
        ", ".join(codes[:6]) + (" …" if len(codes) > 6 else ""),
        unit,
        formats.pick(field.note, field.note_en),
    ]
    needed = field.required and field.default is None and field.kind != "serial" and field.derived is None
    kind = gettext("worked out") if field.derived is not None else str(KINDS.get(field.kind, KINDS["text"]))
    return Shown(
        field.id, field.title.text(formats.language()), kind, needed, " · ".join(one for one in told if one)
    )


def _values(room: Room, entity: Entity) -> Iterator[tuple[str, object]]:
    """Made-up values of the fields that a new record needs."""
    for field in entity.fields:
        if not _shown(room, field).needed:
            continue
        codes = room.system.codes.get(field.argument, ())
        match field.kind:
            case "code":
                parents = {one.parent for one in codes}
                yield field.id, next((one.code for one in codes if one.code not in parents), "")
            case "codes":
                yield field.id, [one.code for one in codes[:1]]
            case "boolean":
                yield field.id, False
            case "integer" | "money":
                yield field.id, 1
            case "date":
                yield field.id, registry.local_day(room.now).isoformat()
            case "datetime":
                yield field.id, formats.local(room.now).isoformat(timespec="minutes")
            case "division":
                yield field.id, room.me.region
            case "org":
                yield field.id, room.me.agency
            case _:
                yield field.id, field.title.text(formats.language())


def _samples(key: str, address: str, purpose: str, body: str) -> tuple[Sample, ...]:
    cookie = settings.SESSION_COOKIE_NAME
    curl = [f'curl --fail-with-body -b "{cookie}=$SESSION"']
    heads = [f'"Cookie": "{cookie}=" + os.environ["SESSION"]']
    if purpose:
        curl.append(f'-H "YW-Purpose: {purpose}"')
        heads.append(f'"YW-Purpose": "{purpose}"')
    if body:
        quoted = body.replace("'", "'\\''")
        curl += [
            '-H "Content-Type: application/json"',
            '-H "Idempotency-Key: $(date +%s%N)"',
            f"-d '{quoted}'",
        ]
        heads += ['"Content-Type": "application/json"', '"Idempotency-Key": str(uuid.uuid4())']
    curl.append(f'"{address}"')
    python = [
        f"import json, os, urllib.request{', uuid' if body else ''}", "",
        "call = urllib.request.Request(", f'    "{address}",',
        *([f"    data=json.dumps({_literal(body)}).encode(),"] if body else []),
        "    headers={", *(f"        {one}," for one in heads), "    },", ")",
        "with urllib.request.urlopen(call) as answer:", "    print(json.load(answer))",
    ]  # fmt: skip
    return (
        Sample(f"{key}-curl", "curl", code.lines(" \\\n  ".join(curl), "shell")),
        Sample(f"{key}-python", "Python", code.lines("\n".join(python), "python")),
    )


def _literal(body: str) -> str:
    """A JSON object as Python writes it."""
    return repr(json.loads(body))
