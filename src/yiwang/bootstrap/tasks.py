"""Recurring work of a node, queued in its own database: each runs once however many workers there are."""

from __future__ import annotations

import logging

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from procrastinate.contrib.django import app

from yiwang.blocks.demand.public import tick as demand_tick
from yiwang.blocks.exchange.public import check_mounts, tick
from yiwang.blocks.identity.public import purge_handovers

_log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="exchange-tick", pass_context=False)
def exchange_tick(timestamp: int) -> None:
    """Expire grants, remind of deadlines, escalate silence, repair what gateways lack."""
    del timestamp
    report = tick(timezone.now())
    if any(vars(report).values()):
        _log.info("exchange: %s", report)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="demand-tick", pass_context=False)
def tick_needs(timestamp: int) -> None:
    """Bring needs whose day passed in silence before the data bureau."""
    del timestamp
    if late := demand_tick(timezone.now()):
        _log.info("demand: %s escalated", late)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="exchange-mounts", pass_context=False)
def compare_mounts(timestamp: int) -> None:
    """Compare mounts that were not looked at for an hour with their tables."""
    del timestamp
    check_mounts(timezone.now())


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="identity-purge", pass_context=False)
def purge_what_expired(timestamp: int) -> None:
    """Destroy private keys that nobody fetched, and sessions that ended."""
    del timestamp
    purge_handovers(timezone.now())
    SessionStore.clear_expired()
