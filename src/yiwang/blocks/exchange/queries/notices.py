"""Notices."""

from __future__ import annotations

from functools import reduce
from operator import or_

import msgspec
from django.db.models import Exists, OuterRef, Q, QuerySet

from yiwang.blocks.exchange.queries.shaping import pages_of
from yiwang.blocks.exchange.queries.views import NoticePage, NoticeView
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.models import Notice, NoticeRead
from yiwang.blocks.exchange.store.notices import notices_for
from yiwang.blocks.identity.public import Actor


@as_actor
def notices(
    actor: Actor, *, unread: bool = False, about: tuple[str, ...] = (), page: int = 1, per_page: int = 20
) -> NoticePage:
    """Notices to the actor, latest first; of kinds that begin with one of `about` where given."""
    rows = notices_for(actor)
    if about:
        rows = rows.filter(reduce(or_, (Q(kind__startswith=head) for head in about)))
    waiting = _unread(actor, rows).count()
    if unread:
        rows = _unread(actor, rows)
    total = waiting if unread else rows.count()
    pages, shown, start = pages_of(total, page, per_page)
    seen = NoticeRead.objects.filter(notice=OuterRef("pk"), user=actor.user_id)
    marked = rows.annotate(seen=Exists(seen))
    return NoticePage(
        tuple(
            NoticeView(
                row.pk, row.kind, msgspec.convert(row.params, dict[str, str]), row.link, row.created_at, row.seen
            )
            for row in marked[start : start + per_page]
        ),
        waiting, total, shown, pages,
    )  # fmt: skip


@as_actor
def unread_count(actor: Actor) -> int:
    """How many notices wait."""
    return _unread(actor, notices_for(actor)).count()


def _unread(actor: Actor, rows: QuerySet[Notice]) -> QuerySet[Notice]:
    return rows.exclude(readings__user=actor.user_id)
