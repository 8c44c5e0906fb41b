"""The interface as OpenAPI 3.1, from the same declarations that serve it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yiwang import __version__
from yiwang.portal.account.access import public_view
from yiwang.portal.api.operations import Operation, Parameter
from yiwang.vocabulary.problems import PROBLEM_TYPE

HttpView = Callable[[HttpRequest], HttpResponse]
REF = "#/components/schemas/{name}"
_PART = re.compile(r"\{(\w+)\}")
_PROBLEM: dict[str, object] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "detail_en", "mend", "mend_en", "request_id"],
    "properties": {
        **{
            name: {"type": "string"}
            for name in ("type", "title", "code", "detail", "detail_en", "mend", "mend_en", "request_id")
        },
        "status": {"type": "integer"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("where", "zh", "en")},
            },
        },
    },
}
REFUSALS = {
    "401": "Nobody is signed in.",
    "403": "The role or agency is missing, or another site calls.",
    "404": "It is not there, or not to be seen by the caller.",
    "409": "It does not fit how things stand, or somebody was quicker.",
    "422": "The call or what it says is wrong; `problems` names each place.",
}


def document(operations: Iterable[Operation]) -> dict[str, object]:
    """The document of the operations."""
    listed = tuple(operations)
    types = {one.answer for one in listed} | {one.body for one in listed if one.body is not None}
    ordered = sorted(types, key=lambda kind: kind.__name__)
    schemas, components = msgspec.json.schema_components(ordered, ref_template=REF)
    by_type = dict(zip(ordered, schemas, strict=True))
    paths: dict[str, dict[str, object]] = {}
    for one in listed:
        paths.setdefault(f"/api/v1{one.path}", {})[one.method.lower()] = _operation(one, by_type)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Yiwang 一网",
            "version": __version__,
            "description": "As the person who is signed in, with the same rights as on the pages.",
        },
        "paths": paths,
        "components": {
            "schemas": {**components, "Problem": _PROBLEM},
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "sessionid"}},
        },
        "security": [{"session": []}],
    }


def serve(operations: tuple[Operation, ...]) -> HttpView:
    """A view of the document, for anybody: it says how to call, not what there is."""

    @public_view
    @require_GET
    def shown(request: HttpRequest) -> HttpResponse:
        del request
        return HttpResponse(msgspec.json.encode(document(operations)), "application/json")

    return shown


def _operation(one: Operation, schemas: dict[type, dict[str, object]]) -> dict[str, object]:
    told: dict[str, object] = {
        "operationId": one.name,
        "summary": one.words,
        "parameters": [*(_place(name) for name in _PART.findall(one.path)), *map(_parameter, one.query)],
        "responses": {
            str(one.status): {
                "description": "Done.",
                "content": {"application/json": {"schema": schemas[one.answer]}},
            },
            **{
                status: {
                    "description": words,
                    "content": {PROBLEM_TYPE: {"schema": {"$ref": REF.format(name="Problem")}}},
                }
                for status, words in REFUSALS.items()
            },
        },
    }
    if one.roles:
        told["description"] = f"Needs one of the roles {', '.join(one.roles)}."
    if one.body is not None:
        told["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas[one.body]}},
        }
    return told


def _place(name: str) -> dict[str, object]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _parameter(one: Parameter) -> dict[str, object]:
    schema: dict[str, object] = {"type": "integer", "minimum": 1} if one.whole else {"type": "string"}
    if one.allowed:
        schema["enum"] = list(one.allowed)
    return {"name": one.name, "in": "query", "description": one.words, "schema": schema}
