"""OpenAPI 3.1 of one resource under one grant or in a sandbox, made from the compiled items.

Examples are made up; the errors are those that a proven caller can meet, with their texts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from yiwang.blocks.exchange.domain.compiled import FieldType
from yiwang.dataplane.synthetic.values import Value
from yiwang.gateway.conditions import IN_LIMIT
from yiwang.gateway.policy import most_rows
from yiwang.gateway.problems import problem, status_of
from yiwang.gateway.sandbox import answering, simulating
from yiwang.gateway.terms import Terms
from yiwang.vocabulary.errors import YwError

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


@dataclass(frozen=True)
class Place:
    """Where a document is true: the node's name and the path of the resource as it is sent."""

    node: str
    path: str
    synthetic: bool = False
    """Whether this is a sandbox."""


def document(terms: Terms, place: Place, lengths: Mapping[str, int]) -> dict[str, object]:
    """The document. `lengths`: characters that a text may have, by wire name, where that is known."""
    resource, grant = terms.resource, terms.grant
    example = answering.example(terms, lengths)
    errors = simulating.simulated(grant, "…").values()
    paths: dict[str, object] = {}
    if "query" in grant.modes:
        paths[f"{place.path}/query"] = _operation(
            "query", _query_body(terms, example), _query_answer(terms, example, place), errors
        )
    if "verify" in grant.modes:
        paths[f"{place.path}/verify"] = _operation(
            "verify", _verify_body(terms, example), _verify_answer(terms, place), errors
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": resource.title,
            "summary": resource.title_en or resource.title,
            "version": str(resource.version),
            "x-yw-resource": resource.code,
            "x-yw-node": place.node,
            "x-yw-grant": grant.id,
            "x-yw-synthetic": place.synthetic,
            "x-yw-purposes": sorted(terms.purposes),
            "x-yw-calls-per-day": grant.calls_per_day,
        },
        "paths": paths,
        "components": {"schemas": {"Problem": _PROBLEM}},
        "x-yw-reference": _reference(terms, place, example),
        "x-yw-errors": [_error(error) for error in sorted(errors, key=lambda e: (status_of(e), e.code))],
    }


def _reference(terms: Terms, place: Place, example: Mapping[str, Value]) -> dict[str, object]:
    """The same once more as lists, for pages and for makers of code."""
    masks = {granted.name: granted.mask for granted in terms.grant.fields}
    return {
        "fields": [
            {
                "name": name,
                "title": terms.fields[name].title or name,
                "title_en": terms.fields[name].title_en,
                "type": terms.fields[name].type,
                "mask": masks[name],
                "example": value,
            }
            for name, value in _shown(terms, example).items()
        ],
        "lookups": [
            {
                "name": name,
                "title": terms.fields[name].title or name,
                "title_en": terms.fields[name].title_en,
                "operators": list(operators),
                "required": name in terms.required,
                "example": example[name],
            }
            for name, operators in terms.operators.items()
        ],
        "claims": sorted(terms.claims),
        "rows_per_call": most_rows(terms),
        "question": {"where": _asked(terms, example)},
        "answer": _example_answer(terms, place, example),
    }


def _shown(terms: Terms, example: Mapping[str, Value]) -> dict[str, Value]:
    """The example as it would leave: masked."""
    return {
        name: example[name] if output.mask is None else output.mask(_text(example[name]))
        for name, output in terms.outputs.items()
    }


def _example_answer(terms: Terms, place: Place, example: Mapping[str, Value]) -> dict[str, object]:
    return {
        "resource": terms.resource.code, "version": terms.resource.version, "rows": [_shown(terms, example)],
        "next": None, **({"synthetic": True} if place.synthetic else {}),
    }  # fmt: skip


def _error(error: YwError) -> dict[str, object]:
    return {
        "code": error.code,
        "status": status_of(error),
        "final": error.permanent,
        "detail": error.text("zh"),
        "detail_en": error.text("en"),
        "mend": error.mend("zh"),
        "mend_en": error.mend("en"),
    }


def _operation(
    name: str, body: dict[str, object], answer: dict[str, object], errors: Iterable[YwError]
) -> dict[str, object]:
    schema = {"$ref": "#/components/schemas/Problem"}
    by_status: dict[str, dict[str, object]] = {}
    for error in sorted(errors, key=lambda one: one.code):
        by_status.setdefault(str(status_of(error)), {})[error.code] = {"value": problem(error, "req-example")}
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
                **{
                    status: {
                        "description": ", ".join(examples),
                        "content": {"application/problem+json": {"schema": schema, "examples": examples}},
                    }
                    for status, examples in sorted(by_status.items())
                },
                "default": {
                    "description": "RFC 9457 problem",
                    "content": {"application/problem+json": {"schema": schema}},
                },
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


def _query_body(terms: Terms, example: Mapping[str, Value]) -> dict[str, object]:
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
        "example": {"where": _asked(terms, example)},
    }


def _asked(terms: Terms, example: Mapping[str, Value]) -> dict[str, Value]:
    """A question for one subject or key."""
    exact = [name for name, operators in terms.operators.items() if "eq" in operators]
    chosen = [name for name in exact if name in terms.required][:1] or exact[:1]
    return {name: example[name] for name in chosen}


def _query_answer(terms: Terms, example: Mapping[str, Value], place: Place) -> dict[str, object]:
    masks = {granted.name: granted.mask for granted in terms.grant.fields}
    row = {
        name: {"anyOf": [_schema(terms, name), {"type": "null"}]}
        if output.mask is None
        else {
            "type": ["string", "null"],
            "title": terms.fields[name].title or name,
            **({"x-title-en": terms.fields[name].title_en} if terms.fields[name].title_en else {}),
            "x-masked": True,
            "x-mask": masks[name],
        }
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
            **_mark(place),
        },
        "example": _example_answer(terms, place, example),
    }


def _text(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _mark(place: Place) -> dict[str, object]:
    """Answers of a sandbox say that they are made up."""
    return {"synthetic": {"const": True}} if place.synthetic else {}


def _verify_body(terms: Terms, example: Mapping[str, Value]) -> dict[str, object]:
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
        "example": {
            "subject": _asked(terms, example), "claims": {name: example[name] for name in sorted(terms.claims)[:1]}
        },
    }  # fmt: skip


def _verify_answer(terms: Terms, place: Place) -> dict[str, object]:
    word = {"enum": ["match", "mismatch", "unknown"]}
    return {
        "type": "object",
        "required": ["resource", "version", "claims"],
        "properties": {
            "resource": {"const": terms.resource.code},
            "version": {"const": terms.resource.version},
            "claims": {"type": "object", "properties": dict.fromkeys(sorted(terms.claims), word)},
            **_mark(place),
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
