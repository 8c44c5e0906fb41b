"""What went wrong with a source last time, kept as code and facts and told again in either language."""

from __future__ import annotations

from datetime import datetime

import msgspec

from yiwang.blocks.exchange.store.models import Source
from yiwang.dataplane.connectors.errors import ConnectorError
from yiwang.dataplane.connectors.facts import ServerFacts
from yiwang.vocabulary.errors import Fact


def keep_answer(row: Source, facts: ServerFacts, now: datetime) -> None:
    """Remember that the source answered, and what is to be said about it."""
    row.checked_at, row.check_code, row.check_facts = now, "", {}
    row.encoding, row.server_version = facts.encoding, facts.version
    row.warnings = warnings_of(facts)


def keep_fault(row: Source, error: ConnectorError, now: datetime) -> None:
    """Remember what went wrong."""
    row.checked_at, row.check_code, row.check_facts = now, error.code, dict(error.facts)


def warnings_of(facts: ServerFacts) -> list[str]:
    """Codes of what an officer should know: `writable-role`, `superuser`, `encoding-undeclared`, `version-old`."""
    found = []
    if facts.superuser:
        found.append("superuser")
    if facts.writable:
        found.append("writable-role")
    if facts.encoding in {"SQL_ASCII", "MULE_INTERNAL"}:
        found.append("encoding-undeclared")
    if facts.version.split(".")[0].isdigit() and int(facts.version.split(".")[0]) < 12:
        found.append("version-old")
    return found


def fault_of(row: Source) -> ConnectorError | None:
    """The last check's error, made again; None when the source answered or was never checked."""
    if not row.check_code:
        return None
    facts = msgspec.convert(row.check_facts, dict[str, Fact])
    kinds: list[type[ConnectorError]] = [ConnectorError]
    while kinds:
        kind = kinds.pop()
        if kind.code == row.check_code:
            return kind(**facts)
        kinds.extend(kind.__subclasses__())
    return ConnectorError(**facts)
