"""OpenAPI 3.1 of a declared system: its tables, fields, errors, as the interface answers them."""

from __future__ import annotations

from typing import Final

from yiwang.blocks.registry.api import errors as e
from yiwang.blocks.registry.api.problems import STATUS
from yiwang.blocks.registry.domain import errors as r
from yiwang.blocks.registry.domain.compiled import Entity, Field, System
from yiwang.blocks.registry.domain.labels import Label
from yiwang.vocabulary.problems import PROBLEM_TYPE

Json = dict[str, object]
FILES: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
"""Formats of files by their media types."""
_KINDS: Final[dict[str, Json]] = {
    "integer": {"type": "integer"},
    "money": {"type": "integer", "description": "分 (fen)"},
    "user": {"type": "integer"},
    "decimal": {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "codes": {"type": "array", "items": {"type": "string"}},
    "files": {"type": "array", "items": {"type": "string"}},
    "geometry": {"type": "object"},
}
_DAYS: Final[Json] = {
    "since": {"type": ["string", "null"], "format": "date", "description": "first day; today where null"},
    "until": {
        "type": ["string", "null"],
        "format": "date",
        "description": "first day no more; open where null",
    },
}
_REASON: Final[Json] = {"reason": {"type": "string", "description": "why, for the history"}}
_ALWAYS: Final = (e.NotSignedIn, r.SystemUnknown, r.EntityUnknown)
_LISTING: Final = (r.FieldUnknown, r.ListBroken, e.CallMalformed)
_WRITING: Final = (
    r.RecordInvalid, r.RecordRefused, r.FusedElsewhere, e.CallMalformed, e.MediaTypeRefused, e.ForeignOrigin,
)  # fmt: skip


def document_of(system: System) -> Json:
    """The document."""
    paths: Json = {}
    schemas: Json = {"Problem": _problem()}
    for entity in system.entities:
        schemas |= _schemas(system, entity)
        paths |= _paths(system, entity)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": _both(system.title),
            "version": system.version,
            "description": "Sign in on the pages; the session cookie says who calls. YW-Purpose and YW-Case name purpose "
            "and case, percent-encoded UTF-8. Values of grade 3 and above never stand in addresses.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "sessionid"}},
            "parameters": {
                name: {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}
                for name in ("YW-Purpose", "YW-Case")
            },
        },
        "security": [{"session": []}],
    }


def _both(label: Label) -> str:
    return f"{label.zh} {label.en}".strip()


def _schemas(system: System, entity: Entity) -> Json:
    values = {field.id: _field(system, field) for field in entity.fields}
    written = {field.id: schema for field, schema in zip(entity.fields, values.values(), strict=True)
               if field.derived is None}  # fmt: skip
    required = [
        field.id for field in entity.fields
        if field.required and field.derived is None and field.default is None and field.kind != "serial"
    ]  # fmt: skip
    record: Json = {
        "type": "object",
        "description": _both(entity.title),
        "required": ["id", "values", "since", "until", "known", "replaced", "by"],
        "properties": {
            "id": {"type": "integer", "description": "number of the record"},
            "values": {"type": "object", "properties": values},
            "since": {"type": ["string", "null"], "format": "date"},
            "until": {"type": ["string", "null"], "format": "date"},
            "known": {"type": "string", "format": "date-time"},
            "replaced": {"type": ["string", "null"], "format": "date-time"},
            "by": {"type": "string"},
        },
    }
    new: Json = {
        "type": "object",
        "additionalProperties": False,
        "required": ["values"],
        "properties": {
            "values": {"type": "object", "additionalProperties": False, "required": required, "properties": written},
            **_DAYS,
        },
    }  # fmt: skip
    changes = {name: schema for name, schema in written.items() if name not in entity.key}
    change: Json = {
        "type": "object",
        "additionalProperties": False,
        "required": ["values"],
        "properties": {
            "values": {"type": "object", "additionalProperties": False, "properties": changes},
            **_DAYS,
            **_REASON,
        },
    }
    return {entity.id: record, f"{entity.id}_new": new, f"{entity.id}_change": change}


def _field(system: System, field: Field) -> Json:
    schema = dict(_KINDS.get(field.kind, {"type": "string"}))
    kind = schema["type"]
    if field.kind == "text" and field.argument.isdigit():
        schema["maxLength"] = int(field.argument)
    if field.kind == "code" and field.argument in system.codes:
        schema["enum"] = [*(code.code for code in system.codes[field.argument]), None]
    schema["type"] = [kind, "null"]
    schema["title"] = _both(field.title)
    told = [
        str(schema.get("description", "")),
        _both(Label(field.unit, field.unit_en)),
        _both(Label(field.note, field.note_en)),
    ]
    if field.kind == "ref" and field.target is not None:
        told.append(f"→ {'.'.join(field.target)}")
    words = "; ".join(one for one in told if one)
    if words:
        schema["description"] = words
    schema["x-yw-grade"] = field.grade
    if field.encrypted:
        schema["x-yw-encrypted"] = True
    if field.derived is not None:
        schema["readOnly"] = True
    return schema


def _paths(system: System, entity: Entity) -> Json:
    root = f"/api/v1/systems/{system.id}/{entity.id}"
    record: Json = {"$ref": f"#/components/schemas/{entity.id}"}
    page: Json = {
        "type": "object",
        "required": ["records", "next"],
        "properties": {
            "records": {"type": "array", "items": record},
            "next": {"type": ["string", "null"], "description": "mark of the next page"},
            "total": {"type": "integer", "description": "exact up to 10,000"},
            "at_least": {"type": "boolean"},
        },
    }
    many: Json = {"type": "object", "properties": {"records": {"type": "array", "items": record}}}
    reads: Json = {
        "type": "object",
        "properties": {
            "reads": {"type": "array", "items": {"type": "object"}}, "total": {"type": "integer"},
        },
    }  # fmt: skip
    made: Json = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    number: Json = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}
    name = _both(entity.title)
    paths: Json = {
        root: {
            "get": _operation(entity, "list", f"{name}: list", page, _LISTING, parameters=_conditions(entity)),
        },
        f"{root}/query": {
            "post": _operation(entity, "query", f"{name}: list by conditions in the body", page, _LISTING, body=_asked(entity)),
        },
        f"{root}/find": {
            "post": _operation(entity, "find", f"{name}: by key", record, (r.RecordUnknown, *_LISTING), body={
                "type": "object", "required": ["key"], "properties": {"key": {
                    "type": "object", "required": list(entity.key),
                    "properties": {one: {} for one in entity.key}}},
            }),
        },
        f"{root}/{{number}}": {
            "get": _operation(entity, "get", f"{name}: one", record, (r.RecordUnknown,), parameters=[
                number, _parameter("_on", {"type": "string", "format": "date"}, "about which day"),
                _parameter("_known", {"type": "string", "format": "date-time"}, "as it was believed then"),
            ]),
        },
        f"{root}/{{number}}/history": {
            "get": _operation(entity, "history", f"{name}: history", many, (r.RecordUnknown,), parameters=[number]),
        },
        f"{root}/{{number}}/readers": {
            "get": _operation(entity, "readers", f"{name}: who read it", reads, (r.RecordUnknown,), parameters=[number]),
        },
    }  # fmt: skip
    if not any(field.grade > 2 or field.encrypted for field in map(entity.field, entity.key)):
        key = {
            **_parameter("key", {"type": "string"}, " | ".join(entity.key)),
            "in": "path",
            "required": True,
        }
        paths[f"{root}/key/{{key}}"] = {
            "get": _operation(
                entity, "by_key", f"{name}: by key", record, (r.RecordUnknown,), parameters=[key]
            )
        }
    paths[f"{root}/export"] = _exports(entity, name)
    if entity.fused:
        return paths
    paths[f"{root}/import"] = {"post": _import(entity, name), "delete": _taken_back(entity, name)}
    once = {**_parameter("Idempotency-Key", {"type": "string", "minLength": 8, "maxLength": 64}, "the same for every "
            "repetition of one call"), "in": "header", "required": True}  # fmt: skip
    seen: Json = {**_parameter("If-Match", {"type": "string"}, "`known` of the record as it was seen; refused when "
            "somebody changed it since"), "in": "header"}  # fmt: skip
    new: Json = {"$ref": f"#/components/schemas/{entity.id}_new"}
    change: Json = {"$ref": f"#/components/schemas/{entity.id}_change"}
    _at(paths, root)["post"] = _operation(
        entity, "create", f"{name}: create", made, (r.KeyTaken, r.RepetitionDiffers, e.IdempotencyKeyMissing, *_WRITING),
        parameters=[once], body=new, status="201",
    )  # fmt: skip
    _at(paths, f"{root}/{{number}}")["patch"] = _operation(
        entity, "change", f"{name}: change, or correct past days", made, (r.RecordUnknown, r.RecordChanged, *_WRITING),
        parameters=[number, seen], body=change,
    )  # fmt: skip
    paths[f"{root}/{{number}}/withdraw"] = {
        "post": _operation(
            entity, "withdraw", f"{name}: withdraw", made, (r.RecordUnknown, r.RecordChanged, *_WRITING),
            parameters=[number, seen], body={"type": "object", "properties": {**_DAYS, **_REASON}},
        )
    }  # fmt: skip
    return paths


def _exports(entity: Entity, name: str) -> Json:
    errors = (r.ExportRefused, *_LISTING)
    kinds: Json = {"type": "string", "enum": list(FILES)}
    body = _asked(entity)
    properties = body["properties"]
    if isinstance(properties, dict):
        properties["format"] = kinds
    conditions = [*_conditions(entity), _parameter("_format", kinds, "format of the file")]
    made = {
        "get": _operation(entity, "export", f"{name}: as a file", {}, errors, parameters=conditions),
        "post": _operation(
            entity, "export_by_body", f"{name}: as a file, by conditions in the body", {}, errors, body=body
        ),
    }
    for one in made.values():
        responses = one["responses"]
        if isinstance(responses, dict):
            responses["200"] = {"description": "OK", "content": {media: {} for media in FILES.values()}}
    return dict(made)


def _import(entity: Entity, name: str) -> Json:
    made: Json = {"type": "object", "properties": {"records": {"type": "integer"}}}
    days = [
        _parameter(day, {"type": "string", "format": "date"}, "of all records")
        for day in ("_since", "_until")
    ] + [
        _parameter(
            "_check", {"type": "string", "enum": ["0", "1"]}, "only check: answers 200 and takes nothing in"
        ),
        _parameter(
            "_load",
            {"type": "string", "maxLength": 80},
            "name of the load: broken off, the same call goes on",
        ),
    ]
    operation = _operation(
        entity, "import", f"{name}: a record of each row of a file, all or none", made,
        (
            r.FileRefused, r.HeadsUnknown, r.KeyTaken, r.FusedElsewhere, r.LoadNameWrong, r.LoadOfAnother,
            r.LoadFileDiffers, r.LoadDaysDiffer, r.LoadOutdated, r.LoadUnderWay, e.MediaTypeRefused, e.BodyTooLarge,
        ),
        parameters=days, body={}, status="201",
    )  # fmt: skip
    operation["requestBody"] = {"required": True, "content": {media: {} for media in FILES.values()}}
    return operation


def _taken_back(entity: Entity, name: str) -> Json:
    return _operation(
        entity, "takeBack", f"{name}: a load that is under way is taken back, nothing of it is left", {},
        (r.LoadUnknown, r.LoadOfAnother), status="204",
        parameters=[_parameter("_load", {"type": "string", "maxLength": 80}, "name of the load")],
    )  # fmt: skip


def _at(paths: Json, path: str) -> Json:
    found = paths[path]
    if not isinstance(found, dict):
        raise TypeError(path)
    return found


def _operation(
    entity: Entity,
    verb: str,
    summary: str,
    answer: Json,
    errors: tuple[type[r.RegistryError], ...],
    *,
    parameters: list[Json] | None = None,
    body: Json | None = None,
    status: str = "200",
) -> Json:
    by_status: dict[int, list[type[r.RegistryError]]] = {}
    kinds: tuple[type[r.RegistryError], ...] = (*_ALWAYS, *errors)
    for error in kinds:
        by_status.setdefault(STATUS[error], []).append(error)
    responses: Json = {status: {"description": "OK", "content": {"application/json": {"schema": answer}}}}
    for number, told in sorted(by_status.items()):
        responses[str(number)] = {
            "description": "; ".join(f"{kind.code}: {kind.message_en}" for kind in told),
            "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    made: Json = {
        "operationId": f"{entity.id}.{verb}",
        "tags": [entity.id],
        "summary": summary,
        "parameters": [
            *({"$ref": f"#/components/parameters/{one}"} for one in ("YW-Purpose", "YW-Case")),
            *(parameters or []),
        ],
        "responses": responses,
    }
    if body is not None:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return made


def _conditions(entity: Entity) -> list[Json]:
    words = "also with .from, .to, .before, .after"
    return [
        *(
            _parameter(field.id, {"type": "string"}, f"{_both(field.title)}; {words}")
            for field in entity.fields
            if field.grade < 3 and not field.encrypted
        ),
        _parameter("_text", {"type": "string"}, "part of any searchable field"),
        _parameter("_sort", {"type": "string"}, "a field, - before it for the largest first"),
        _parameter("_on", {"type": "string", "format": "date"}, "about which day"),
        _parameter("_size", {"type": "integer", "minimum": 1, "maximum": 500}, "records of a page"),
        _parameter("_mark", {"type": "string"}, "where to go on: `next` of the page before"),
        _parameter("_count", {"type": "string", "enum": ["0", "1"]}, "whether all are counted"),
    ]


def _asked(entity: Entity) -> Json:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "filters": {
                "type": "object",
                "description": f"of {', '.join(field.id for field in entity.fields)}",
                "additionalProperties": {"type": ["string", "number", "boolean"]},
            },
            "text": {"type": "string"},
            "sort": {"type": "string"},
            "on": {"type": ["string", "null"], "format": "date"},
            "size": {"type": "integer", "minimum": 1, "maximum": 500},
            "mark": {"type": ["string", "null"]},
            "count": {"type": "boolean"},
        },
    }


def _parameter(name: str, schema: Json, words: str) -> Json:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": words}


def _problem() -> Json:
    texts = {name: {"type": "string"} for name in
             ("type", "title", "code", "detail", "detail_en", "mend", "mend_en", "request_id")}  # fmt: skip
    return {
        "type": "object",
        "required": [*texts, "status"],
        "properties": {
            **texts,
            "status": {"type": "integer"},
            "problems": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {name: {"type": "string"} for name in ("field", "detail", "detail_en")},
                },
            },
        },
    }
