"""Under which grant a new job would read, of this node or of another one, and what of its form goes beyond it."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from yiwang.blocks.delivery.actions.capturing import check_capture
from yiwang.blocks.delivery.actions.forms import JobForm, job_problems
from yiwang.blocks.delivery.actions.watching import check_standing
from yiwang.blocks.delivery.domain import errors
from yiwang.blocks.delivery.domain.casing import case_problems
from yiwang.blocks.delivery.domain.schedule import Schedule, too_often
from yiwang.blocks.delivery.store.beyond import beyond, beyond_right
from yiwang.blocks.delivery.store.rows import is_workday
from yiwang.blocks.exchange.public import Delivery, Terms, delivery_source, grant, zone
from yiwang.blocks.identity.public import Actor
from yiwang.dataplane.connectors.errors import ConnectorError
from yiwang.dataplane.transfer.errors import TransferError
from yiwang.vocabulary.delivering import CAPTURE, granting
from yiwang.vocabulary.forms import Problem

NO_CAPTURE: Final = Problem(
    "mode",
    "他节点的库表不能捕获变更。有只增不减的数据项时，请用“只取新增和变化”（incremental）；要发现删除，请用“逐行比对”（diff）。",
    "Changes of another node's table cannot be captured. Use incremental, where an item only grows, or diff, which also"
    " finds what was deleted.",
)
"""What is said of a job that would capture over nodes: what there is instead, and nothing else about its way."""


@dataclass(frozen=True)
class Under:
    """What a new job takes from its grant, and what is wrong with its form beside it."""

    grant: str
    owner: str
    resource: str
    title: str
    provider: str
    provider_name: str
    problems: tuple[Problem, ...]


def under_grant(actor: Actor, form: JobForm, now: datetime) -> Under:
    """The grant that a form names: NUMBER, or NUMBER@NODE of another node.

    Raises: DeliveryNotAllowed, GrantUnknown, GrantNotTable, GrantOver, ResourceStopped, KeyNotGranted.
    """
    return _beyond(actor, form, now) if "@" in form.grant else _here(actor, form, now)


def clock_problems(schedule: Schedule, delivery: Delivery, region: str, now: datetime) -> list[Problem]:
    """Whether a clock goes more often than the grant."""
    if not schedule.cron or not too_often(schedule, delivery.frequency, now, zone(), is_workday(region)):
        return []
    return [
        Problem("cron", "比授权允许的频率更密。", "This is more often than the grant allows."),
    ]


def about_case(case: str, terms: Terms) -> list[Problem]:
    """Whether a job names a case as its grant wants it, in a form that a gateway takes."""
    ground = terms.purposes[0].code if terms.purposes else ""
    return case_problems(case.strip(), ground, required=terms.case_required)


def _here(actor: Actor, form: JobForm, now: datetime) -> Under:
    view = grant(actor, form.grant, now)
    if view.consumer != actor.agency:
        raise errors.DeliveryNotAllowed(
            needs_zh="获得授权的部门的数据专员",
            needs_en="a data officer of the agency that holds the grant",
        )
    if "table" not in view.terms.modes or view.terms.delivery is None:
        raise errors.GrantNotTable(grant=form.grant)
    source = delivery_source(form.grant)
    with suppress(errors.OutsideHours):  # a job may be made at any hour; it runs within the grant's
        check_standing(source, source.standing, actor.region, now)
    if not source.key or set(source.key) - set(source.granted.columns) or set(source.key) & set(source.masks):
        raise errors.KeyNotGranted(fields=list(source.key))
    found = _against(form, view.terms.delivery, source.granted.columns, source.masks, actor.region, now)
    found += about_case(form.case, view.terms)
    if form.mode == CAPTURE:
        try:
            check_capture(source)
        except (TransferError, ConnectorError) as error:
            zh, en = (f"{error.text(one)} {error.mend(one)}" for one in ("zh", "en"))
            found.append(Problem("mode", zh, en))
    return Under(
        view.id, "", view.resource, view.resource_title, view.provider, view.provider_name, tuple(found)
    )


def _beyond(actor: Actor, form: JobForm, now: datetime) -> Under:
    """Its owner tells the key with the first run; every act of a run is judged by the owner again."""
    number, _, owner = form.grant.partition("@")
    right = beyond_right(owner, number, actor.agency)
    delivery = right.terms.delivery
    if delivery is None:
        raise errors.GrantNotTable(grant=form.grant)
    with suppress(errors.OutsideHours):
        check_standing(right, right.standing, actor.region, now)
    held = right.held
    found = _against(form, delivery, held.fields, held.masks, actor.region, now)
    found += about_case(form.case, right.terms)
    if form.mode == CAPTURE:
        found = [one for one in found if one.where != "mode"]
        found.append(NO_CAPTURE)
    if form.check == "resource":
        found.append(
            Problem(
                "check",
                "他节点资源的质量规则在本节点不可用，可自带规则。",
                "The quality rules of another node's resource are not known here; bring your own.",
            )
        )
    if not found:
        beyond().prepare(actor.agency, now)
    return Under(number, owner, held.address, held.title, held.provider, held.provider_name, tuple(found))


def _against(
    form: JobForm, delivery: Delivery, granted: Collection[str], masks: Collection[str], region: str, now: datetime
) -> list[Problem]:  # fmt: skip
    """What of a form goes beyond the grant."""
    found = []
    if granting(form.mode) not in delivery.ways:
        found.append(Problem("mode", "授权不含这种方式。", "The grant does not allow this way."))
    if form.mode == "incremental" and form.cursor and form.cursor not in granted:
        found.append(Problem("cursor", "授权不含这个字段。", "The grant does not contain this field."))
    elif form.cursor and form.cursor in masks:
        found.append(
            Problem("cursor", "脱敏的字段不能作增量依据。", "A masked field cannot tell what is new.")
        )
    if form.mode != CAPTURE and not any(problem.where == "cron" for problem in job_problems(form)):
        found += clock_problems(Schedule(form.cron, form.workdays), delivery, region, now)
    return found
