"""Table jobs 库表作业: made under a grant, run, watched, and what waits in their quarantine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.identity.public import APPROVER, AUDITOR, DATA_OFFICER, OPERATOR, REVIEWER, Actor
from yiwang.dataplane.transfer.report import Report
from yiwang.portal.api.operations import MOST_PAGE, PAGE, Call, Operation, Parameter, taking

READERS = (DATA_OFFICER, APPROVER, REVIEWER, AUDITOR, OPERATOR)
ONE = "/jobs/{number}"
SIDES = ("", "provider", "consumer")
STATES = ("", "open", *delivery.JOB_STATES)


class MakeJob(msgspec.Struct, forbid_unknown_fields=True):
    """A job; `run` begins it at once, without it the clock does."""

    job: delivery.JobForm
    run: bool = False


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """A step that needs no words."""


class MendRow(msgspec.Struct, forbid_unknown_fields=True):
    """What a row should be, by item; `NULL` empties a value."""

    values: dict[str, str]


class LeaveOut(msgspec.Struct, forbid_unknown_fields=True):
    """Why a row is left out."""

    reason: str


@dataclass(frozen=True)
class RunReport:
    """The report of a run, with the event and the digest that stand in the evidence."""

    job: str
    run: int
    evidence: str
    digest: str
    report: Report


@dataclass(frozen=True)
class TargetList:
    """Databases of the caller's agency that jobs write to."""

    rows: tuple[delivery.TargetRow, ...]


def _list(call: Call) -> delivery.JobPage:
    return delivery.jobs(
        call.actor, side=call.one_of("side", SIDES, ""), grant=call.query.get("grant", "")[:32],
        resource=call.query.get("resource", "")[:64], state=call.one_of("state", STATES, ""),
        page=call.whole("page", 1, 1_000_000), per_page=call.whole("per_page", 20, MOST_PAGE),
    )  # fmt: skip


def _show(call: Call) -> delivery.JobView:
    return delivery.job(call.actor, call.place["number"])


def _make(call: Call, said: MakeJob) -> delivery.JobView:
    number = delivery.create_job(call.actor, said.job, call.now, run=said.run)
    return delivery.job(call.actor, number)


def _change(call: Call, said: delivery.ChangeForm) -> delivery.JobView:
    delivery.change_job(call.actor, call.place["number"], said, call.now)
    return _show(call)


def _number(call: Call, name: str) -> int:
    text = call.place[name]
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _report(call: Call) -> RunReport:
    view = delivery.report(call.actor, call.place["number"], _number(call, "run"))
    return RunReport(
        view.job, view.run, view.evidence, view.digest, msgspec.convert(dict(view.report), Report)
    )


def _mend(call: Call, said: MendRow) -> delivery.HeldView:
    number, row = call.place["number"], _number(call, "row")
    delivery.mend_row(call.actor, number, row, said.values, call.now)
    return delivery.held_row(call.actor, number, row)


def _leave_out(call: Call, said: LeaveOut) -> delivery.HeldView:
    number, row = call.place["number"], _number(call, "row")
    delivery.discard_row(call.actor, number, row, said.reason, call.now)
    return delivery.held_row(call.actor, number, row)


def _targets(call: Call) -> TargetList:
    return TargetList(delivery.targets(call.actor))


def _step(
    name: str,
    words: str,
    take: Callable[[Actor, str, datetime], None],
    roles: tuple[str, ...] = (DATA_OFFICER,),
) -> Operation:
    def taken(call: Call, _said: Nothing) -> delivery.JobView:
        take(call.actor, call.place["number"], call.now)
        return _show(call)

    return Operation(
        f"{name}Job", "POST", f"{ONE}/{name}", words, roles, taking(Nothing, taken), delivery.JobView, Nothing
    )


OPERATIONS = (
    Operation(
        "listJobs", "GET", "/jobs", "Table jobs of the caller's agency on either side.", READERS, _list, delivery.JobPage,
        query=(
            Parameter("side", "provider or consumer; both without it", SIDES[1:]), Parameter("grant", "number of a grant"),
            Parameter("resource", "code of a resource"), Parameter("state", "one state, or open for all but ended", STATES[1:]),
            *PAGE,
        ),
    ),
    Operation(
        "makeJob", "POST", "/jobs", "Make a table job under a grant.", (DATA_OFFICER,), taking(MakeJob, _make), delivery.JobView,
        MakeJob, status=201,
    ),
    Operation("getJob", "GET", ONE, "One job with its runs and its quarantine, masked.", READERS, _show, delivery.JobView),
    Operation(
        "changeJob", "PUT", ONE, "Change name, clock, priority, pace and case.", (DATA_OFFICER,),
        taking(delivery.ChangeForm, _change), delivery.JobView, delivery.ChangeForm,
    ),
    _step("run", "Run it now.", delivery.run_job),
    _step("pause", "Stop after the present chunk, until resumed.", delivery.pause_job, (DATA_OFFICER, OPERATOR)),
    _step("resume", "Go on at the checkpoint.", delivery.resume_job),
    _step("cancel", "Stop the present run after its chunk.", delivery.cancel_run, (DATA_OFFICER, OPERATOR)),
    _step("accept", "Go on although the source has narrowed.", delivery.accept_schema),
    _step("replay", "Judge and write the mended rows.", delivery.replay_rows),
    _step("end", "End it for good.", delivery.end_job),
    Operation(
        "getReport", "GET", f"{ONE}/runs/{{run}}", "The report of a run: the proof that nothing was lost.", READERS, _report,
        RunReport,
    ),
    Operation(
        "mendRow", "POST", f"{ONE}/quarantine/{{row}}/mend", "Say what a row should be.", (DATA_OFFICER,),
        taking(MendRow, _mend), delivery.HeldView, MendRow,
    ),
    Operation(
        "leaveOutRow", "POST", f"{ONE}/quarantine/{{row}}/discard", "Leave a row out, with the reason.", (DATA_OFFICER,),
        taking(LeaveOut, _leave_out), delivery.HeldView, LeaveOut,
    ),
    Operation("listTargets", "GET", "/targets", "Databases that the agency's jobs write to.", (DATA_OFFICER,), _targets, TargetList),
)  # fmt: skip
