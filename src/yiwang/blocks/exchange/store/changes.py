"""When the data behind mounts last changed, as their sources' counters tell."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from yiwang.blocks.exchange.store.models import Mount


def changes_of(mounts: QuerySet[Mount]) -> tuple[dict[str, datetime], dict[str, datetime]]:
    """By resource code: when the data last changed; and since when no change was seen, where none ever was."""
    rows = mounts.exclude(state="withdrawn").exclude(watched_at=None)
    found = list(rows.values_list("resource", "changed_at", "watched_at"))
    changed = {code: at for code, at, _ in found if at is not None}
    return changed, {code: since for code, at, since in found if at is None and since is not None}
