"""A declared system whose calls are counted, a journal to write them into, and a naive count of the same."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from yiwang.blocks.journal.store import models as journal
from yiwang.blocks.registry.actions.figures import declare_figures
from yiwang.blocks.registry.actions.listing import Listed, list_entity
from yiwang.blocks.registry.domain.figures.compiling import compile_figures
from yiwang.blocks.registry.domain.figures.declared import Figure
from yiwang.blocks.registry.domain.figures.periods import start_of
from yiwang.systems.cel.declaring import World
from yiwang.systems.loading import load_texts
from yiwang.vocabulary.evidence import Leaf, instant_text

SYSTEM = b"""
id: asked
scope: [SY-01]
title: asked
version: 1.0.0
owner: {any: true}
zone: extranet
grade: 2
basis: [law]
calendar: {place: "370100"}
"""
ENTITIES = "".join(
    f"- {{id: {name}, title: {name}, key: [num], history: none, fields: [{{id: num, type: integer, title: num}}],"
    " share: {type: none, basis: law}, open: {type: none}}\n"
    for name in ("family", "batch")
).encode()
INDICATORS = b"""
- {id: asked, title: asked, over: journal, measure: count, per: day, dimensions: [consumer, entity, purpose]}
- {id: refused, title: refused, over: journal, measure: "share(call.outcome == 'refused')", per: month, dimensions: [consumer]}
- {id: hits, title: hits, over: journal, where: "call.kind == 'verify'", measure: share(call.rows > 0), per: week}
- {id: given, title: given, over: journal, where: "call.entity == 'family'", measure: sum(rows), per: hour, dimensions: [kind]}
- {id: callers, title: callers, over: journal, measure: distinct(consumer), per: quarter, dimensions: [code]}
- {id: slow, title: slow, over: journal, where: "call.took_ms != null && call.took_ms > 2.0", measure: max(took_ms), per: year}
- {id: usual, title: usual, over: journal, measure: median(took_ms), per: month}
- {id: most, title: most, over: journal, measure: p95(took_ms), per: month, dimensions: [entity]}
- {id: less, title: less, formula: 100.0 - refused, per: month, dimensions: [consumer]}
"""
RESOURCES = {"306001003/1": "family", "306001003/2": "batch"}
OTHER = "306001003/9"
BEGIN = datetime(2026, 5, 4, 1, 30, tzinfo=UTC)
Cells = dict[tuple[str, datetime, str], tuple[float | None, int]]


def figures() -> tuple[Figure, ...]:
    """The figures of the package."""
    contents = {"system.yaml": SYSTEM, "entities.yaml": ENTITIES, "indicators.yaml": INDICATORS}
    return compile_figures(World(load_texts("asked", contents, {}).require()))


def declared(*, without: str = "") -> None:
    """The figures are in force, but for one that comes later, and the tables are in the catalogue."""
    declare_figures("asked", [one for one in figures() if one.id != without])
    for code, entity in RESOURCES.items():
        list_entity("asked", entity, Listed(code, "", ""))


@dataclass
class Journal:
    """Logs that grow: leaves without gaps, each later than the one before, a head over all that are committed."""

    sizes: dict[str, int] = field(default_factory=dict)
    last: dict[str, datetime] = field(default_factory=dict)

    def write(self, log: str, at: datetime, calls: Sequence[Mapping[str, object]]) -> None:
        """A batch of a log, at that moment or right after what the log has."""
        if log not in self.sizes:
            journal.Log.objects.create(name=log, node="lanzhou", suite="ed25519", opened=at)
        size = self.sizes.get(log, 0)
        for call in calls:
            at = max(at, self.last.get(log, at)) + timedelta(microseconds=1)
            self.last[log] = at
            given = dict(call)
            took_us = int(str(given.pop("took_us", 9000)))
            facts: dict[str, object] = {
                "epoch": 1, "kind": "query", "log": log, "node": "lanzhou", "request_id": f"req-{log}-{size}",
                "status": 200, "time": instant_text(at), "consumer": "11290100MB0000002B",
                "provider": "11290100MB00000011", "resource": "306001003/1", "rows": 1, "client": "c-1",
                "grant": "G-1", "purpose": "item:1001;case=DB-1", **given,
            }  # fmt: skip
            if facts["kind"] == "refusal":
                facts["rows"] = None
            leaf = Leaf(**facts)  # type: ignore[arg-type]
            journal.Leaf.objects.create(
                log=log, index=size, leaf=leaf.canonical().decode(), leaf_hash=b"\0" * 32, request_id=leaf.request_id,
                took_us=took_us,
            )  # fmt: skip
            size += 1
        self.sizes[log] = size
        journal.Head.objects.create(log=log, size=size, epoch=1, head="", signature=b"")


def naive() -> Cells:
    """The same numbers, counted from all leaves in Python."""
    rows: dict[tuple[str, datetime, str], list[dict[str, object]]] = defaultdict(list)
    declared = {one.id: one for one in figures()}
    for leaf in journal.Leaf.objects.all():
        call = _call(json.loads(leaf.leaf), leaf.took_us)
        for one in declared.values():
            if call is None or not _counts(one.id, call):
                continue
            for group in one.sets:
                dims = json.dumps({path: call[path] for path in group}, sort_keys=True)
                rows[one.id, start_of(datetime.fromisoformat(str(call["time"])), one.per), dims].append(call)
    return {key: (_measured(key[0], calls), len(calls)) for key, calls in rows.items()}


def _call(leaf: dict[str, object], took_us: int) -> dict[str, object] | None:
    table = leaf["kind"] == "event" and leaf["event"] == "table-delivered"
    if leaf["resource"] not in RESOURCES or not (table or leaf["kind"] in ("query", "verify", "refusal")):
        return None
    refused = leaf["kind"] == "refusal"
    status = int(str(leaf["status"]))
    detail = leaf["detail"]
    return {
        **leaf, "entity": RESOURCES[str(leaf["resource"])], "kind": "table" if table else leaf["kind"],
        "outcome": "failed" if status > 499 else "refused" if refused else "answered",
        "purpose": None if refused or not leaf["purpose"] else str(leaf["purpose"]).split(";")[0],
        "rows": detail["rows"] if table and isinstance(detail, dict) else leaf["rows"] or 0,
        "took_ms": None if table else took_us / 1000,
    }  # fmt: skip


def _counts(figure: str, call: Mapping[str, object]) -> bool:
    if figure == "hits":
        return call["kind"] == "verify"
    if figure == "given":
        return call["entity"] == "family"
    if figure == "slow":
        return call["took_ms"] is not None and float(str(call["took_ms"])) > 2
    return figure != "less"


def _measured(figure: str, calls: Sequence[Mapping[str, object]]) -> float | None:
    rows = [int(str(one["rows"])) for one in calls]
    took = sorted(float(str(one["took_ms"])) for one in calls if one["took_ms"] is not None)
    match figure:
        case "asked":
            return float(len(calls))
        case "refused":
            return 100.0 * sum(one["outcome"] == "refused" for one in calls) / len(calls)
        case "hits":
            return 100.0 * sum(one > 0 for one in rows) / len(calls)
        case "given":
            return float(sum(rows))
        case "callers":
            return float(len({one["consumer"] for one in calls if one["consumer"] is not None}))
        case "slow":
            return max(took)
        case "usual":
            return took[(len(took) - 1) // 2] if took else None
        case _:
            return took[-(-len(took) * 95 // 100) - 1] if took else None
