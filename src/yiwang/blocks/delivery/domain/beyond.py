"""A grant of another node as a job goes by it, and what refusals on the way mean for a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from yiwang.blocks.delivery.domain import errors
from yiwang.blocks.delivery.domain.job import FREQUENCY_WORDS, hours_text
from yiwang.vocabulary.delivering import Frequency, GrantedWay

_OVER: Final = {
    "grant-revoked": ("已撤销", "revoked"),
    "grant-suspended": ("已暂停", "suspended"),
    "grant-expired": ("已到期", "expired"),
}
_UNPROVEN: Final = frozenset({"peer-unproven", "evidence-invalid", "evidence-key-not-trusted"})
_PASSING: Final = frozenset({"peer-suspended", "key-unknown", "grant-changed", "client-changed"})
"""Refusals that may pass by themselves, although the call was refused and not merely unanswered."""


@dataclass(frozen=True)
class BeyondGrant:
    """A grant that an agency of this node holds of the node `owner`, as this node knows it.

    Attributes:
        state: `active`, or how it ended.
        masks: by field, the mask that the owner lays on.
        hours: minutes of the day between which it may be used.
    """

    owner: str
    number: str
    version: int
    state: str
    consumer: str
    resource: str
    title: str
    provider: str
    provider_name: str
    modes: tuple[str, ...]
    fields: tuple[str, ...]
    masks: Mapping[str, str]
    ways: tuple[GrantedWay, ...]
    frequency: Frequency | None
    purposes: tuple[str, ...]
    case_required: bool
    not_before: datetime
    not_after: datetime
    hours: tuple[int, int] | None
    workdays_only: bool

    @property
    def name(self) -> str:
        """As forms name it."""
        return f"{self.number}@{self.owner}"

    @property
    def address(self) -> str:
        """How the node's own gateway is asked for its resource."""
        return f"{self.resource}@{self.owner}"


@dataclass(frozen=True)
class Refused:
    """What a gateway, or the client at it, said no with: its code, and its words in both languages."""

    code: str
    permanent: bool
    zh: str
    en: str
    mend_zh: str = ""
    mend_en: str = ""


def as_ours(grant: BeyondGrant, refused: Refused) -> errors.DeliveryError:
    """What the refusal means for the job."""
    words = {"owner": grant.owner, "reason_zh": refused.zh, "reason_en": refused.en}
    if refused.code in _OVER:
        zh, en = _OVER[refused.code]
        return errors.GrantOver(grant=grant.name, state_zh=zh, state_en=en)
    if refused.code in ("outside-hours", "not-a-workday"):
        return errors.OutsideHours(hours=hours_text(grant.hours))
    if refused.code == "table-run-too-soon" and grant.frequency is not None:
        zh, en = FREQUENCY_WORDS[grant.frequency]
        return errors.TooOften(frequency_zh=zh, frequency_en=en)
    if refused.code == "table-run-over":
        return errors.OwnersRunOver(owner=grant.owner)
    if refused.code in _UNPROVEN:
        return errors.PageUnproven(**words)
    if refused.code in _PASSING or not refused.permanent:
        return errors.OwnerSilent(**words)
    return errors.OwnerRefused(**words, todo_zh=refused.mend_zh, todo_en=refused.mend_en)
