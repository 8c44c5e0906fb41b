"""`/healthz` of the web process: is the node well, and if not, what is wrong and where to look."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

GATEWAY_SECONDS = 1.5


@dataclass(frozen=True)
class Problem:
    """Something that is wrong. `part` is the process or service, `log` where its words are kept."""

    part: str
    what: str
    log: str


def health(request: HttpRequest) -> JsonResponse:
    """200 when all is well, else 503; the body names every problem. It tells no secret and no personal value."""
    del request
    problems = [*_database(), *_processes(), *_gateway()]
    status = "ok" if not problems else "failing"
    body = {"status": status, "node": settings.YW_NODE, "problems": [asdict(problem) for problem in problems]}
    return JsonResponse(body, status=200 if not problems else 503)


def _database() -> list[Problem]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return [Problem("database", type(error).__name__, "postgres/postgres.log")]
    return []


def _processes() -> list[Problem]:
    file = Path(settings.YW_DATA) / "processes.json"
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))["processes"]
    except (OSError, ValueError, KeyError):
        return []  # not run by the supervisor: each process answers for itself
    return [
        Problem(
            row["name"],
            f"stopped (exit {row['last_exit']}), restarted {row['restarts']} times",
            f"logs/{row['name']}.log",
        )
        for row in rows
        if not row["running"] and row["name"] != "web"
    ]


def _gateway() -> list[Problem]:
    try:
        answer = httpx.get(f"{settings.YW_GATEWAY_URL}/healthz", timeout=GATEWAY_SECONDS)
        if answer.status_code == 200:
            return []
        named = [str(problem.get("what", problem)) for problem in answer.json().get("problems", [])]
        what = "; ".join(named) or f"status {answer.status_code}"
    except (httpx.HTTPError, ValueError, AttributeError) as error:
        what = f"no answer ({type(error).__name__})"
    return [Problem("gateway", what, "logs/gateway.log")]
