"""Files as a gateway would have written them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.store.exchange.cast import CONSUMER, NOW, PROVIDER, WANG_MIN, granted, published
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.files.public import ShelfForm, open_shelf
from yiwang.blocks.files.store.models import Chunk, Delivery, File, Part
from yiwang.blocks.identity.public import acting
from yiwang.dataplane.filestore.store import FileStore
from yiwang.vocabulary.crypto import SUITES

BY_FILE: dict[str, Any] = {
    "modes": ("file",),
    "fields": (),
    "lookups": (),
    "claims": (),
    "case_required": False,
}


def shelved(**form: Any) -> str:
    """A published resource that is exchanged by file."""
    code = published()
    open_shelf(WANG_MIN, code, ShelfForm(**form), NOW)
    return code


def held(code: str) -> str:
    """A grant of 周航's agency to fetch its files."""
    return granted(code, **BY_FILE)


def stored(
    store: FileStore, code: str, content: bytes = b"hello", state: str = "ready", at: datetime = NOW
) -> str:
    """A file with its one chunk, in the table and on disk."""
    digest = SUITES["sm2-sm3"].digest(content).hex()
    store.put(digest, content)
    with acting(SYSTEM):
        number = f"F{File.objects.count():026d}"
        File.objects.create(
            id=number, resource=code, provider=PROVIDER, client="c", name="年报.csv", media="text/csv",
            length=len(content), uploaded=len(content), hash="sm3", digest=digest, state=state, created_at=at,
            expires_at=at + timedelta(days=3), arrived_at=at, ready_at=at if state == "ready" else None,
        )  # fmt: skip
        chunk, _ = Chunk.objects.get_or_create(
            digest=digest, defaults={"hash": "sm3", "size": len(content), "refs": 0}
        )
        Chunk.objects.filter(pk=digest).update(refs=chunk.refs + 1)
        Part.objects.create(file_id=number, place=0, digest=digest)
    return number


def delivered(number: str, grant: str, received: datetime | None) -> None:
    """What became of it at 周航's agency."""
    with acting(SYSTEM):
        Delivery.objects.create(
            file_id=number, provider=PROVIDER, consumer=CONSUMER, client="z", grant=grant, purpose="item:1001", opened_at=NOW,
            sent=5, evidence="gw1/7", received_at=received, receipt="gw1/8" if received else "",
        )  # fmt: skip
