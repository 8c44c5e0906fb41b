"""Who acts: what every action and query is given about the person behind it."""

from __future__ import annotations

from dataclasses import dataclass, field

from yiwang.blocks.identity.domain.errors import NotAllowed


@dataclass(frozen=True)
class Actor:
    """A signed-in person with the roles that count now. `agency` is a 统一社会信用代码, `region` a division code."""

    user_id: int
    username: str
    name: str
    agency: str
    agency_name: str
    region: str
    roles: frozenset[str] = field(default_factory=frozenset)
    second_factor: bool = False

    def has(self, *roles: str) -> bool:
        """Whether the person holds at least one of the roles."""
        return not self.roles.isdisjoint(roles)

    def require(self, *roles: str) -> None:
        """Raises: NotAllowed, unless the person holds at least one of the roles."""
        if not self.has(*roles):
            raise NotAllowed(roles=list(roles))


def node_actor(region: str) -> Actor:
    """The node's own hand while it is installed: sets up regions, agencies and people, and is no account."""
    return Actor(0, "node", "node", "", "", region, frozenset({"system_admin"}), second_factor=True)
