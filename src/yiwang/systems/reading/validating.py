"""JSON Schema over the tree: each violation becomes a fault with its place, what was expected and the mend."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource

from yiwang.systems.errors import KeyMissing, KeyUnknown, NameReserved, PackageFault, ValueRefused
from yiwang.systems.reading.nodes import Node
from yiwang.systems.reading.places import Place

KINDS: Final = (
    "access", "codes", "entities", "exchange", "forms", "fusion", "indicators", "items", "parameters", "processes",
    "rules", "schedules", "stories", "supervise", "system", "views",
)  # fmt: skip
_TYPES: Final = {
    "string": ("文字", "text"),
    "integer": ("整数", "a whole number"),
    "number": ("数字", "a number"),
    "boolean": ("true 或 false", "true or false"),
    "array": ("列表", "a list"),
    "object": ("键值表", "a map"),
    "null": ("空", "nothing"),
}
_FORMS: Final = {
    "id": (
        "字母开头、只含字母数字下划线、至多 48 字的标识",
        "an id of at most 48 letters, digits and _, first a letter",
    ),
    "path": ("以点分隔的字段路径", "a path of fields with dots"),
    "duration": ("时长，如 10wd、30min、7d", "a duration such as 10wd, 30min, 7d"),
    "date": ("日期，如 2026-01-31", "a date such as 2026-01-31"),
    "type": (
        "字段类型，如 text(50)、money、code(表)、ref(数据表)",
        "a type such as text(50), money, code(list), ref(table)",
    ),
    "measure": ("count、sum(字段) 或 share(条件)", "count, sum(field) or share(condition)"),
    "of": (
        "数据表或 case(流程)、clock(流程.时钟)、indicator(指标)",
        "a table, case(p), clock(p.c) or indicator(i)",
    ),
}


def load_schema(kind: str) -> Mapping[str, Any]:
    """The JSON Schema of a file kind, or of `terms`, which they share."""
    text = files("yiwang.systems").joinpath(f"schema/{kind}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


@cache
def _registry() -> Registry[Any]:
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema))
        for schema in (load_schema(one) for one in (*KINDS, "terms"))
    )
    return registry.crawl()  # else every look-up of an anchor walks all schemas again


@cache
def _validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(load_schema(kind), registry=_registry())


def validate(kind: str, tree: Node) -> list[PackageFault]:
    """Every violation of the schema of `kind`, one fault a place."""
    faults: dict[tuple[Place, str], PackageFault] = {}
    for error in _validator(kind).iter_errors(tree.plain()):
        for fault in _faults(tree, _deepest(error)):
            faults.setdefault((fault.place, fault.code), fault)
    return list(faults.values())


def _deepest(error: ValidationError) -> ValidationError:
    """Of alternatives, the one that was meant: it fails deepest, or last of its type."""
    while error.context:
        branches: dict[int, list[ValidationError]] = {}
        for one in error.context:
            branches.setdefault(int(one.schema_path[0]), []).append(one)

        def merit(found: list[ValidationError]) -> tuple[bool, bool, int, int]:
            wrong_type = any(one.validator == "type" and not one.path for one in found)
            constant = any(one.validator in ("enum", "const") and len(one.path) <= 1 for one in found)
            return not wrong_type, not constant, max(len(one.path) for one in found), -len(found)

        best = max(branches.values(), key=merit)
        if error.validator == "oneOf" and all(
            one.validator == "required" for found in branches.values() for one in found
        ):
            return error
        if all(one.validator == "type" and not one.path for found in branches.values() for one in found):
            return error
        error = max(best, key=lambda one: (len(one.path), one.validator == "additionalProperties"))
    return error


def _faults(tree: Node, error: ValidationError) -> Iterator[PackageFault]:
    node = tree.get(*error.absolute_path) or tree
    schema = error.schema if isinstance(error.schema, dict) else {}
    instance: Any = error.instance
    wanted: Any = error.validator_value
    found = _short(error.instance)
    match error.validator:
        case "additionalProperties":
            known = sorted(schema.get("properties", ()))
            for key in sorted(set(instance) - set(known)):
                yield KeyUnknown(node.keys.get(key, node.place), found=key, **choices(key, known))
        case "required":
            missing = [key for key in wanted if key not in instance]
            for key in missing:
                yield KeyMissing(node.place, expected=key, found=", ".join(sorted(instance)) or "—")
        case "not":
            yield NameReserved(
                node.place, found=found, expected="YAML 与 SQL 都不作他用的名称",
                expected_en="a name that neither YAML nor SQL reads as something else",
            )  # fmt: skip
        case "enum" | "const":
            values = [str(one) for one in (wanted if error.validator == "enum" else [wanted])]
            yield ValueRefused(
                node.place, expected="、".join(values), expected_en=" | ".join(values), found=found
            )
        case "oneOf" if error.context and all(one.validator == "required" for one in error.context):
            ways = [" + ".join(one["required"]) for one in wanted]
            yield ValueRefused(
                node.place, expected="以下写法之一：" + "；".join(ways), expected_en="exactly one of: " + "; ".join(ways),
                found=_short(sorted(instance)),
            )  # fmt: skip
        case _:
            zh, en = _expected(error, schema)
            yield ValueRefused(node.place, expected=zh, expected_en=en, found=found)


def _expected(error: ValidationError, schema: Mapping[str, Any]) -> tuple[str, str]:
    value: Any = error.validator_value
    if "$anchor" in schema and schema["$anchor"] in _FORMS:
        return _FORMS[schema["$anchor"]]
    if error.validator == "type":
        names = [value] if isinstance(value, str) else value
        return "或".join(_TYPES[n][0] for n in names), " or ".join(_TYPES[n][1] for n in names)
    if error.validator in ("anyOf", "oneOf"):
        kinds = sorted(
            {one.get("type", "object") for one in value if isinstance(one.get("type", "object"), str)}
        )
        return "或".join(_TYPES[n][0] for n in kinds), " or ".join(_TYPES[n][1] for n in kinds)
    if error.validator == "pattern":
        return f"符合 {value} 的文字", f"text of the form {value}"
    if error.validator == "minItems":
        return f"至少 {value} 项", f"at least {value} items"
    if error.validator == "maxItems":
        return f"至多 {value} 项", f"at most {value} items"
    return f"{error.validator} {_short(value)}", f"{error.validator} {_short(value)}"


def choices(found: str, known: list[str]) -> dict[str, str]:
    """The facts `expected`, `near` and their English for a name that is not among those there are."""
    near = difflib.get_close_matches(found, known[:500], 1, 0.6)
    shown = known[:12] + (["…"] if len(known) > 12 else [])
    return {
        "expected": "、".join(shown) or "（无）",
        "expected_en": ", ".join(shown) or "none",
        "near": f"是否想写 {near[0]}？" if near else "请改用其中之一，或先声明它。",
        "near_en": f"Did you mean {near[0]}?" if near else "Use one of them, or declare it first.",
    }


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
    return text if len(text) <= 60 else text[:57] + "…"
