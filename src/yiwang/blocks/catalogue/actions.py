"""Writes of the catalogue, one transaction each."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.catalogue.domain.errors import CatalogueError
from yiwang.blocks.catalogue.domain.resource import ResourceDraft
from yiwang.blocks.identity.public import Actor


def create_resource(actor: Actor, draft: ResourceDraft, now: datetime) -> str:
    """Start an entry of the actor's agency; returns its new code. Raises: NotAllowed, ResourceInvalid, TitleTaken."""
    raise CatalogueError


def edit_resource(actor: Actor, code: str, draft: ResourceDraft, now: datetime) -> None:
    """Change an entry; a published one keeps its edition until published again. Raises: ResourceInvalid, ResourceNotYours."""
    raise CatalogueError


def publish_resource(actor: Actor, code: str, now: datetime, note: str = "") -> int:
    """Publish the entry; returns the edition's number."""
    raise CatalogueError


def withdraw_resource(actor: Actor, code: str, reason: str, now: datetime) -> None:
    """Take the entry out of the catalogue; its code is never given out again."""
    raise CatalogueError


def discard_draft(actor: Actor, code: str, now: datetime) -> None:
    """Forget the later edition that was being written."""
    raise CatalogueError
