"""What a page says of a session beside a leaf of it: where it was opened, and what its caller countersigned."""

from __future__ import annotations

import struct

from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Length

from yiwang.blocks.journal.domain.access import Reader
from yiwang.blocks.journal.domain.views import Countersigned, EvidenceView, SessionView
from yiwang.blocks.journal.queries.reading import evidence
from yiwang.blocks.journal.store.models import Countersignature, Session
from yiwang.vocabulary.envelope import MACS

_PLACE = struct.Struct(">q")
_OVER = """
SELECT number, size, time, indexes FROM journal_countersignature
WHERE session = %s AND position(%s::bytea in indexes) > 0 ORDER BY number
"""


def session_of(actor: Reader, view: EvidenceView) -> SessionView | None:
    """The session of a leaf that the person has before them; None where it belongs to none.

    Of a call: the countersignature that covers it, if there is one yet. Of the session's own leaves: the latest one.
    """
    call = view.leaf.request_alg in MACS
    name = view.leaf.key if call else (view.leaf.detail or {}).get("session")
    row = Session.objects.filter(pk=name).first() if isinstance(name, str) else None
    if row is None:
        return None
    signed = Countersignature.objects.filter(session=row.id)
    last = signed.order_by("-number").first()
    latest = Countersigned(last.number, last.size, last.time) if last else None
    octets = signed.aggregate(octets=Sum(Length("indexes")))["octets"] or 0
    opening = evidence(actor, row.log, row.index)
    return SessionView(
        row.id, (row.log, row.index) if opening is not None else None, row.opened, call,
        octets // _PLACE.size,
        _over(row.id, view.index) if call else latest,
    )  # fmt: skip


def _over(session: str, index: int) -> Countersigned | None:
    """The first countersignature that names the leaf's place."""
    place = _PLACE.pack(index)
    with connection.cursor() as cursor:
        cursor.execute(_OVER, [session, place])
        for number, size, time, indexes in cursor.fetchall():
            if (index,) in _PLACE.iter_unpack(indexes):
                return Countersigned(number, size, time)
    return None
