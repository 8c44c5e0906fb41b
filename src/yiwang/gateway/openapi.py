"""OpenAPI 3.1 of one resource under one grant, made from the compiled items."""

from __future__ import annotations

from typing import Final

from yiwang.blocks.exchange.domain.compiled import FieldType
from yiwang.gateway.conditions import IN_LIMIT
from yiwang.gateway.policy import most_rows
from yiwang.gateway.routes import RESOURCES
from yiwang.gateway.terms import Terms

_TYPES: Final[dict[FieldType, dict[str, object]]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "decimal": {"type": "string", "pattern": r"^-?\d+(\.\d+)?$", "description": "decimal, every digit kept"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "json": {},
    "binary": {"type": "string", "contentEncoding": "base64"},
}
_HEADERS: Final = (
    ("Content-Digest", True, "RFC 9530 digest of the body"),
    ("YW-Node", True, "name of the node addressed"),
    ("YW-Purpose", True, "purpose, percent-encoded UTF-8"),
    ("YW-Grant", False, "grant, where the agency holds several"),
    ("Idempotency-Key", False, "the same for every repetition of one call"),
    ("Signature-Input", True, "RFC 9421, docs/specs/envelope.md"),
    ("Signature", True, "RFC 9421, docs/specs/envelope.md"),
)


def document(terms: Terms, node: str, signed: str) -> dict[str, object]:
    """The document; `signed` is the resource's path segment as it is sent."""
    resource, grant = terms.resource, terms.grant
    paths: dict[str, object] = {}
    if "query" in grant.modes:
        paths[f"{RESOURCES}{signed}/query"] = _operation("query", _query_body(terms), _query_answer(terms))
    if "verify" in grant.modes:
        paths[f"{RESOURCES}{signed}/verify"] = _operation(
            "verify", _verify_body(terms), _verify_answer(terms)
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": resource.title,
            "summary": resource.title_en,
            "version": str(resource.version),
            "x-yw-resource": resource.code,
            "x-yw-node": node,
            "x-yw-grant": grant.id,
            "x-yw-purposes": sorted(terms.purposes),
            "x-yw-calls-per-day": grant.calls_per_day,
        },
        "paths": paths,
        "components": {"schemas": {"Problem": _PROBLEM}},
    }


def _operation(name: str, body: dict[str, object], answer: dict[str, object]) -> dict[str, object]:
    problem = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    return {
        "post": {
            "operationId": name,
            "parameters": [
                {"name": header, "in": "header", "required": required, "description": text,
                 "schema": {"type": "string"}}
                for header, required, text in _HEADERS
            ],
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": {
                "200": {
                    "description": "with its evidence in the header YW-Evidence",
                    "content": {"application/json": {"schema": answer}},
                },
                "default": {"description": "RFC 9457 problem", **problem},
            },
        }
    }  # fmt: skip


def _schema(terms: Terms, name: str) -> dict[str, object]:
    field = terms.fields[name]
    described: dict[str, object] = {"title": field.title or field.name, **_TYPES[field.type]}
    if field.title_en:
        described["x-title-en"] = field.title_en
    return described


def _condition(terms: Terms, name: str) -> dict[str, object]:
    plain = _schema(terms, name)
    operators = terms.operators[name]
    choices: list[dict[str, object]] = [plain] if "eq" in operators else []
    members: dict[str, object] = {
        operator: {"type": "array", "items": plain, "maxItems": IN_LIMIT} if operator == "in" else plain
        for operator in operators
        if operator != "eq"
    }
    if members:
        choices.append({"type": "object", "properties": members, "additionalProperties": False})
    return choices[0] if len(choices) == 1 else {"anyOf": choices}


def _query_body(terms: Terms) -> dict[str, object]:
    where: dict[str, object] = {
        "type": "object",
        "properties": {name: _condition(terms, name) for name in terms.operators},
        "additionalProperties": False,
    }
    if terms.required:
        where["anyOf"] = [{"required": [name]} for name in sorted(terms.required)]
    return {
        "type": "object",
        "required": ["where"],
        "additionalProperties": False,
        "properties": {
            "where": where,
            "fields": {"type": "array", "items": {"enum": list(terms.outputs)}, "minItems": 1},
            "limit": {"type": "integer", "minimum": 1, "maximum": most_rows(terms)},
            "cursor": {"type": "string"},
        },
    }


def _query_answer(terms: Terms) -> dict[str, object]:
    row = {
        name: {"anyOf": [_schema(terms, name), {"type": "null"}]}
        if output.mask is None
        else {"type": ["string", "null"], "title": terms.fields[name].title or name, "x-masked": True}
        for name, output in terms.outputs.items()
    }
    return {
        "type": "object",
        "required": ["resource", "version", "rows", "next"],
        "properties": {
            "resource": {"const": terms.resource.code},
            "version": {"const": terms.resource.version},
            "rows": {"type": "array", "items": {"type": "object", "properties": row}},
            "next": {"type": ["string", "null"]},
        },
    }


def _verify_body(terms: Terms) -> dict[str, object]:
    exact = {name: _schema(terms, name) for name, allowed in terms.operators.items() if "eq" in allowed}
    claims = {name: _schema(terms, name) for name in sorted(terms.claims)}
    return {
        "type": "object",
        "required": ["subject", "claims"],
        "additionalProperties": False,
        "properties": {
            "subject": {
                "type": "object", "properties": exact, "additionalProperties": False, "minProperties": 1
            },
            "claims": {
                "type": "object", "properties": claims, "additionalProperties": False, "minProperties": 1
            },
        },
    }  # fmt: skip


def _verify_answer(terms: Terms) -> dict[str, object]:
    word = {"enum": ["match", "mismatch", "unknown"]}
    return {
        "type": "object",
        "required": ["resource", "version", "claims"],
        "properties": {
            "resource": {"const": terms.resource.code},
            "version": {"const": terms.resource.version},
            "claims": {"type": "object", "properties": dict.fromkeys(sorted(terms.claims), word)},
        },
    }


_PROBLEM_TEXTS: Final = ("title", "code", "detail", "detail_en", "mend", "mend_en", "request_id")
_PROBLEM: Final[dict[str, object]] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "detail_en", "mend", "mend_en", "request_id"],
    "properties": {
        "type": {"type": "string", "pattern": "^urn:yiwang:error:"},
        "status": {"type": "integer"},
        **{name: {"type": "string"} for name in _PROBLEM_TEXTS},
    },
}
