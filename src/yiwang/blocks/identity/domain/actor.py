"""Who acts: what every action and query is given about the person behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from yiwang.blocks.identity.domain.errors import NotAllowed


@dataclass(frozen=True)
class Principal:
    """Somebody on leave, as their deputy knows them: the `roles` are those the deputy holds only through them."""

    user_id: int
    name: str
    roles: frozenset[str]
    until: datetime


@dataclass(frozen=True)
class Actor:
    """A signed-in person with the roles that count now. `agency` is a 统一社会信用代码, `region` a division code.

    `on_behalf` tells for whom some of the roles are exercised during their leave (代办). `apart` are the accounts
    whose requests and drafts this person neither reviews nor decides, because one stands in for the other.
    """

    user_id: int
    username: str
    name: str
    agency: str
    agency_name: str
    region: str
    roles: frozenset[str] = field(default_factory=frozenset)
    second_factor: bool = False
    on_behalf: tuple[Principal, ...] = ()
    apart: frozenset[int] = field(default_factory=frozenset)

    def has(self, *roles: str) -> bool:
        """Whether the person holds at least one of the roles."""
        return not self.roles.isdisjoint(roles)

    def require(self, *roles: str) -> None:
        """Raises: NotAllowed, unless the person holds at least one of the roles."""
        if not self.has(*roles):
            raise NotAllowed(roles=list(roles))

    def stands_for(self, *roles: str) -> tuple[Principal, ...]:
        """For whom the person acts by one of these roles; nobody, as soon as one is held in the own right."""
        asked = self.roles.intersection(roles)
        lent = tuple(one for one in self.on_behalf if not one.roles.isdisjoint(asked))
        return () if asked - frozenset().union(*(one.roles for one in lent)) else lent

    def signature(self, *roles: str) -> str:
        """The name that stands under an act done by one of these roles: 赵六, or 赵六（代王敏）."""
        principals = self.stands_for(*roles)
        return f"{self.name}（代{'、'.join(one.name for one in principals)}）" if principals else self.name


def node_actor(region: str) -> Actor:
    """The node's own hand while it is installed: sets up regions, agencies and people, and is no account."""
    return Actor(0, "node", "node", "", "", region, frozenset({"system_admin"}), second_factor=True)
