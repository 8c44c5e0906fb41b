"""How the node is: its processes, the gateway, its logs."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
from django.conf import settings

from yiwang.blocks.journal import public as journal
from yiwang.blocks.watch import public as watch
from yiwang.portal.evidence.trust import own_trust
from yiwang.vocabulary.evidence import Head, parse_head, parse_instant, verify_head

SECONDS = 1.5


@dataclass(frozen=True)
class Process:
    """A process as its supervisor wrote it down."""

    name: str
    running: bool
    pid: int | None
    restarts: int
    last_exit: int | None


@dataclass(frozen=True)
class Gateway:
    """What the gateway says about itself; `unproven` counts refusals that leave no record, by code."""

    answers: bool
    problems: tuple[str, ...] = ()
    log: str = ""
    leaves: int = 0
    unproven: tuple[tuple[str, int], ...] = field(default_factory=tuple)
    resting: tuple[str, ...] = ()
    """Ids of sources that it leaves alone after failures."""


@dataclass(frozen=True)
class LogState:
    """The latest head of a log; `good` is None where no keys are pinned."""

    head: Head
    time: datetime
    good: bool | None


def processes() -> tuple[Process, ...]:
    """The node's processes; empty when no supervisor runs them."""
    try:
        text = (Path(settings.YW_DATA) / "processes.json").read_text(encoding="utf-8")
        rows = json.loads(text)["processes"]
        return tuple(
            Process(
                str(row["name"]), bool(row["running"]), row.get("pid"), int(row["restarts"]), row.get("last_exit")
            )
            for row in rows
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def gateway() -> Gateway:
    """Ask the gateway how it is."""
    try:
        body = httpx.get(f"{settings.YW_GATEWAY_URL}/healthz", timeout=SECONDS).json()
        counts = body.get("refused_without_evidence", {})
        return Gateway(
            answers=body.get("status") in ("ok", "degraded"),
            problems=tuple(str(one.get("what", one)) for one in body.get("problems", [])),
            log=str(body.get("log", "")),
            leaves=int(body.get("leaves", 0)),
            unproven=tuple(sorted((str(code), int(times)) for code, times in counts.items())),
            resting=tuple(str(one) for one in body.get("resting", [])),
        )
    except (httpx.HTTPError, ValueError, AttributeError, TypeError) as error:
        return Gateway(answers=False, problems=(type(error).__name__,))


def logs() -> tuple[LogState, ...]:
    """The latest signed heads, each checked with the node's pinned keys."""
    trust = own_trust()
    found = []
    for signed in journal.heads():
        head = parse_head(signed.head)
        good = None if trust is None else not verify_head(head, signed.signature, trust)
        found.append(LogState(head, parse_instant(head.time), good))
    return tuple(found)


def disk_percent() -> int:
    """How full the disk of the node's folder is."""
    try:
        usage = shutil.disk_usage(settings.YW_DATA)
    except OSError:
        return 0
    return 100 * usage.used // usage.total


def seen() -> watch.NodeSeen:
    """What the rules look at of the node itself."""
    found = gateway()
    return watch.NodeSeen(
        stopped=tuple(one.name for one in processes() if not one.running),
        gateway="" if found.answers else "; ".join(found.problems)[:200] or "gateway",
        doubtful_logs=tuple(one.head.log for one in logs() if one.good is False),
        disk_percent=disk_percent(),
        resting=found.resting,
    )
