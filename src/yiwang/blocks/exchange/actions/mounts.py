"""Mounting resources on tables of a source."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.exchange.actions.forms import MountForm
from yiwang.blocks.exchange.domain.errors import ExchangeError
from yiwang.blocks.exchange.domain.mount import Drift
from yiwang.blocks.identity.public import Actor


def mount_resource(actor: Actor, form: MountForm, now: datetime) -> str:
    """Mount a resource after a sample was read; returns the mount's number. Raises: FormInvalid, MountedAlready, ConnectorError."""
    raise ExchangeError


def change_mount(actor: Actor, mount_id: str, form: MountForm, now: datetime) -> None:
    """Map a mounted resource anew, for example after a drift."""
    raise ExchangeError


def check_mount(actor: Actor, mount_id: str, now: datetime) -> tuple[Drift, ...]:
    """Compare a mount with its table as it stands; flags it and tells the provider when it drifted."""
    raise ExchangeError


def unmount_resource(actor: Actor, mount_id: str, reason: str, now: datetime) -> None:
    """End a mount."""
    raise ExchangeError
