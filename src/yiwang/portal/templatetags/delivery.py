"""Words of table jobs in templates: `{% load delivery %}`."""

from __future__ import annotations

from django import template

from yiwang.blocks.delivery.public import JobRow, RunRow
from yiwang.portal import formats
from yiwang.portal.delivery import words

register = template.Library()
register.filter("standing", words.standing)
register.filter("reason_words", words.reason_words)
register.filter("job_words", words.job_words)
register.filter("pace_words", words.pace_words)
register.filter("lag_words", words.lag_words)


@register.filter
def way_words(way: str) -> str:
    """In which way a table is delivered."""
    return str(next(said for name, said in words.WAYS.items() if name == way))


@register.filter
def when_words(row: JobRow) -> str:
    """When a job runs."""
    return words.schedule_words(row.cron, row.workdays, follows=row.follow)


@register.filter
def cause_words(run: RunRow) -> str:
    """Why a run began."""
    return str(words.CAUSES[run.cause])


@register.filter
def check_words(check: str) -> str:
    """How rows are checked on the way."""
    return str(words.CHECKS[check])


@register.filter
def why_words(row: JobRow) -> str:
    """Why a job stands."""
    return formats.pick(row.reason_zh, row.reason_en)


@register.filter
def fault_words(run: RunRow) -> str:
    """What stopped a run."""
    return formats.pick(run.error_zh, run.error_en)
