"""Recurring work of a node, queued in its own database: each runs once however many workers there are."""

from __future__ import annotations

import logging
import os
from contextlib import suppress

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from yiwang.blocks.catalogue.public import fold_search_changes, run_due_feeds
from yiwang.blocks.delivery.public import deliver
from yiwang.blocks.demand.public import tick as demand_tick
from yiwang.blocks.exchange.public import check_mounts, check_sources, run_scan, tick, waiting_scans
from yiwang.blocks.files import public as files
from yiwang.blocks.identity.public import purge_handovers
from yiwang.blocks.quality import public as quality
from yiwang.blocks.registry.public import count_figures, forget_loads, forget_marks
from yiwang.blocks.watch import public as watch
from yiwang.bootstrap.delivering import start
from yiwang.portal.alerts.mails import compose
from yiwang.portal.console.health import seen

JOURNAL_SECONDS = 120.0
"""So long a run counts calls of the journal; a figure that is new to a long journal catches up over several runs."""
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


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="files-tick", lock="files-tick", pass_context=False)
def tick_files(timestamp: int) -> None:
    """Tell of files, end those whose days are over, destroy what nobody refers to."""
    del timestamp
    swept = files.tick(timezone.now())
    if any(vars(swept).values()):
        _log.info("files: %s", swept)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="registry-figures", lock="registry-figures", pass_context=False)
def count_changed_figures(timestamp: int) -> None:
    """Count the figures of declared systems where their records changed."""
    del timestamp
    for one in count_figures(timezone.now(), within=JOURNAL_SECONDS):
        if one.problem:
            _log.warning("figure %s.%s: %s", one.system, one.figure, one.problem)


@app.task(queueing_lock="delivery", pass_context=True)
def deliver_tables(context: JobContext) -> None:
    """Run table jobs that are due, each in a process of its own, until none is; a second call finds the first at it."""
    at_once = int(os.environ.get("YW_TABLE_JOBS", "2"))
    if begun := deliver(timezone.now, start, context.should_abort, at_once):
        _log.info("table jobs: %s runs", begun)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="delivery-due", pass_context=False)
def look_for_tables(timestamp: int) -> None:
    """Have table jobs looked for every minute."""
    del timestamp
    with suppress(AlreadyEnqueued):
        deliver_tables.defer()


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="exchange-mounts", pass_context=False)
def compare_mounts(timestamp: int) -> None:
    """Compare mounts that were not looked at for an hour with their tables."""
    del timestamp
    check_mounts(timezone.now())


@app.task(queue="census", pass_context=False)
def scan_place(scan_id: str) -> None:
    """Look into a source or an uploaded file; a second call finds nothing to do."""
    _log.info("scan %s: %s", scan_id, run_scan(scan_id))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="exchange-scans", queue="census", pass_context=False)
def resume_scans(timestamp: int) -> None:
    """Begin again the scans that lost their worker."""
    del timestamp
    for scan_id in waiting_scans(timezone.now()):
        scan_place(scan_id)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="catalogue-feeds", lock="catalogue-feeds", pass_context=False)
def follow_feeds(timestamp: int) -> None:
    """Take in what other catalogues have new, where it is due."""
    del timestamp
    run_due_feeds(timezone.now())


@app.periodic(cron="*/20 * * * *")
@app.task(queueing_lock="catalogue-search", lock="catalogue-search", pass_context=False)
def keep_search_counts(timestamp: int) -> None:
    """Add what was published and withdrawn to the counts that searches read; by day only when there is much."""
    del timestamp
    if added := fold_search_changes(timezone.now()):
        _log.info("search: %d changes added to the counts", added)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="exchange-sources", pass_context=False)
def test_sources(timestamp: int) -> None:
    """Test sources that were not tested for five minutes."""
    del timestamp
    check_sources(timezone.now())


@app.task(lock="quality-runs", pass_context=False)
def judge_resource(resource: str) -> None:
    """Run the rules of a resource; a second call while one runs finds nothing to do."""
    quality.run_rules(resource, timezone.now(), "person")


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="quality-due", lock="quality-runs", pass_context=False)
def judge_what_is_due(timestamp: int) -> None:
    """Run the rules of resources whose hour has come, one after the other; tell of tickets whose day has passed."""
    del timestamp
    ran, late = quality.run_due(timezone.now), quality.escalate_late(timezone.now())
    if ran or late:
        _log.info("quality: %d resources judged, %d tickets late", ran, late)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="watch-look", pass_context=False)
def watch_node(timestamp: int) -> None:
    """Look at the node and everything it exchanges; raise and close alerts."""
    del timestamp
    changes = watch.look(seen(), timezone.now())
    if changes.opened or changes.closed:
        _log.info("watch: %d alerts opened, %d closed", len(changes.opened), len(changes.closed))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="watch-mail", pass_context=False)
def mail_news(timestamp: int) -> None:
    """Make mails of what is new, and send those that wait; one that fails is tried again later."""
    del timestamp
    if settings.YW_MAILS:
        watch.gather(compose, timezone.now())
        watch.send_waiting(timezone.now())


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="identity-purge", pass_context=False)
def purge_what_expired(timestamp: int) -> None:
    """Destroy private keys that nobody fetched, sessions that ended, marks of calls that nobody repeats any more, abandoned loads."""
    del timestamp
    purge_handovers(timezone.now())
    forget_marks(timezone.now())
    forget_loads(timezone.now())
    SessionStore.clear_expired()
