"""Grants of other nodes, and how their tables are asked for: the cascade and the client know, and stand above, so that
they are wired where the node is put together."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn, Protocol

from yiwang.blocks.delivery.domain.beyond import BeyondGrant
from yiwang.blocks.exchange.public import Delivery, GrantedField, GrantStanding, GrantUnknown, Purpose, Terms
from yiwang.dataplane.transfer.beyond_wire import Act

Ask = Callable[[Act], bytes]
"""Carries an act to the owner and gives its proven answer. Raises: DeliveryError."""


class Beyond(Protocol):
    """What delivery asks of the cascade."""

    def grant(self, owner: str, number: str) -> BeyondGrant | None:
        """A grant of another node, as this node knows it now."""

    def prepare(self, agency: str, now: datetime) -> None:
        """Make the key that signs for the agency's jobs, unless there is one. Raises: YwError."""

    def asking(self, grant: BeyondGrant, case: str, now: datetime) -> AbstractContextManager[Ask]:
        """Signed by the key of its consumer's jobs, under this grant alone; `case` may be empty. Raises: DeliveryError."""


class _Alone:
    """A node without a cascade."""

    def grant(self, owner: str, number: str) -> None:
        del owner, number

    def prepare(self, agency: str, now: datetime) -> None:
        del agency, now

    def asking(self, grant: BeyondGrant, case: str, now: datetime) -> NoReturn:
        del case, now
        raise GrantUnknown(grant=grant.name)


_wired: list[Beyond] = [_Alone()]


def use_beyond(beyond: Beyond) -> None:
    """Wire it; called once when a process starts."""
    _wired[:] = [beyond]


def beyond() -> Beyond:
    """The one that was wired; without one there are no other nodes."""
    return _wired[0]


@dataclass(frozen=True)
class BeyondRight:
    """A grant of another node as the right that a job reads by."""

    held: BeyondGrant
    terms: Terms
    standing: GrantStanding
    offered: bool = True
    resource_version: int | None = None

    @property
    def grant(self) -> str:
        """As forms name it."""
        return self.held.name

    @property
    def grant_version(self) -> int:
        """Of the owner."""
        return self.held.version

    @property
    def resource(self) -> str:
        """Its address."""
        return self.held.address

    @property
    def not_before(self) -> datetime:
        """From when on."""
        return self.held.not_before

    @property
    def not_after(self) -> datetime:
        """Until when."""
        return self.held.not_after

    @property
    def masks(self) -> dict[str, str]:
        """Laid on by the owner already."""
        return dict(self.held.masks)


def beyond_right(owner: str, number: str, consumer: str) -> BeyondRight:
    """A grant that this agency holds of another node. Raises: GrantUnknown."""
    held = beyond().grant(owner, number)
    if held is None or held.consumer != consumer:
        raise GrantUnknown(grant=f"{number}@{owner}")
    delivery = None if held.frequency is None else Delivery(held.ways, held.frequency)
    terms = Terms(
        modes=("table",) if "table" in held.modes else (), fields=tuple(GrantedField(one) for one in held.fields),
        predicates=(), required=(), purposes=tuple(Purpose(code, code) for code in held.purposes),
        case_required=held.case_required, hours=held.hours, workdays_only=held.workdays_only, delivery=delivery,
    )  # fmt: skip
    return BeyondRight(held, terms, GrantStanding(held.state, held.version, "active", 0))
