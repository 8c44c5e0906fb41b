"""By what right a job reads: a grant of this node or of another one, as far as runs and their ends go by it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from yiwang.blocks.delivery.store import models
from yiwang.blocks.delivery.store.beyond import beyond_right
from yiwang.blocks.exchange.public import GrantStanding, Terms, delivery_source, grant_standing


class Right(Protocol):
    """A grant as it was when a run began. Facts have the meaning that `DeliverySource` gives them."""

    @property
    def grant(self) -> str:
        """Its number; of another node `NUMBER@NODE`."""

    @property
    def grant_version(self) -> int:
        """Grows with each change of the grant."""

    @property
    def resource(self) -> str:
        """Its code; of another node `CODE@NODE`."""

    @property
    def resource_version(self) -> int | None:
        """None where the owner alone knows it."""

    @property
    def terms(self) -> Terms:
        """What it allows."""

    @property
    def not_before(self) -> datetime:
        """From when on."""

    @property
    def not_after(self) -> datetime:
        """Until when."""

    @property
    def masks(self) -> Mapping[str, str]:
        """By field, what the consumer may not see."""

    @property
    def offered(self) -> bool:
        """Whether whole tables are offered still."""

    @property
    def standing(self) -> GrantStanding:
        """How it stood then."""


def right_of(job: models.Job) -> Right:
    """The grant that a job was made under, as it is now. Raises: GrantUnknown, NotMounted, ConnectorError."""
    return beyond_right(job.owner, job.grant, job.consumer) if job.owner else delivery_source(job.grant)


def standing_of(job: models.Job) -> GrantStanding:
    """How it stands now. Raises: GrantUnknown."""
    if job.owner:
        return beyond_right(job.owner, job.grant, job.consumer).standing
    return grant_standing(job.grant, job.resource)
