"""The door of the identity block: who acts, accounts and roles, client applications."""

from __future__ import annotations

from yiwang.blocks.identity.acting import acting
from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.domain.errors import IdentityError, NotAllowed, UnknownAccount
from yiwang.blocks.identity.domain.roles import (
    APPROVER,
    AUDIT_ADMIN,
    AUDITOR,
    DATA_OFFICER,
    OPERATOR,
    REVIEWER,
    ROLES,
    SECURITY_ADMIN,
    SYSTEM_ADMIN,
    Role,
)
from yiwang.blocks.identity.queries import actor_for, actor_of

__all__ = [
    "APPROVER",
    "AUDITOR",
    "AUDIT_ADMIN",
    "DATA_OFFICER",
    "OPERATOR",
    "REVIEWER",
    "ROLES",
    "SECURITY_ADMIN",
    "SYSTEM_ADMIN",
    "Actor",
    "IdentityError",
    "NotAllowed",
    "Role",
    "UnknownAccount",
    "acting",
    "actor_for",
    "actor_of",
]
