"""The only door of delivery: whole tables by jobs under a grant, targets, runs with their proof, rows in quarantine.

A job is seen by both parties of its grant, by the data bureau, auditors and operators; its target and its quarantine by
its consumer alone. No function gives a value of the data but those of a quarantined row's key.
"""

from __future__ import annotations

from yiwang.blocks.delivery.actions.forms import ChangeForm, JobForm, TargetForm
from yiwang.blocks.delivery.actions.jobs import (
    accept_schema,
    cancel_run,
    change_job,
    create_job,
    end_job,
    pause_job,
    resume_job,
    run_job,
)
from yiwang.blocks.delivery.actions.mending import discard_row, mend_row, replay_rows
from yiwang.blocks.delivery.actions.resealing import (
    reseal_rows,
    reseal_targets,
    sealed_rows,
    sealed_targets,
)
from yiwang.blocks.delivery.actions.running import CHUNK_ROWS, run_one
from yiwang.blocks.delivery.actions.targets import add_target, remove_target
from yiwang.blocks.delivery.domain.beyond import BeyondGrant, Refused, as_ours
from yiwang.blocks.delivery.domain.casing import purpose_of
from yiwang.blocks.delivery.domain.errors import DeliveryError, DeliveryInvalid, JobUnknown, RulesUnread
from yiwang.blocks.delivery.domain.job import PRIORITIES, JobState, RunState, StepName
from yiwang.blocks.delivery.domain.job import STATES as JOB_STATES
from yiwang.blocks.delivery.queries.jobs import case_asked, held_row, job, jobs, report, targets
from yiwang.blocks.delivery.queries.views import (
    HeldView,
    JobPage,
    JobRow,
    JobView,
    ReportView,
    RunRow,
    TargetRow,
)
from yiwang.blocks.delivery.queries.watching import StoppedJob, stopped_jobs, waiting_for
from yiwang.blocks.delivery.store.beyond import Ask, Beyond, use_beyond
from yiwang.blocks.delivery.store.rulebook import RuleBook, use_rule_book
from yiwang.blocks.delivery.store.sealing import PASSWORDS as TARGET_SEALING
from yiwang.blocks.delivery.store.sealing import ROWS as QUARANTINE_SEALING
from yiwang.blocks.delivery.store.waking import use_waker
from yiwang.blocks.delivery.tasks import deliver

__all__ = [
    "CHUNK_ROWS",
    "JOB_STATES",
    "PRIORITIES",
    "QUARANTINE_SEALING",
    "TARGET_SEALING",
    "Ask",
    "Beyond",
    "BeyondGrant",
    "ChangeForm",
    "DeliveryError",
    "DeliveryInvalid",
    "HeldView",
    "JobForm",
    "JobPage",
    "JobRow",
    "JobState",
    "JobUnknown",
    "JobView",
    "Refused",
    "ReportView",
    "RuleBook",
    "RulesUnread",
    "RunRow",
    "RunState",
    "StepName",
    "StoppedJob",
    "TargetForm",
    "TargetRow",
    "accept_schema",
    "add_target",
    "as_ours",
    "cancel_run",
    "case_asked",
    "change_job",
    "create_job",
    "deliver",
    "discard_row",
    "end_job",
    "held_row",
    "job",
    "jobs",
    "mend_row",
    "pause_job",
    "purpose_of",
    "remove_target",
    "replay_rows",
    "report",
    "reseal_rows",
    "reseal_targets",
    "resume_job",
    "run_job",
    "run_one",
    "sealed_rows",
    "sealed_targets",
    "stopped_jobs",
    "targets",
    "use_beyond",
    "use_rule_book",
    "use_waker",
    "waiting_for",
]
