"""A small journal in the test database: leaves, one signed head over them, and the trust file that fits."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from yiwang.blocks.journal.domain.rollup import roll
from yiwang.blocks.journal.store import models
from yiwang.vocabulary.crypto import KeyRecord, SigningKey, generate, suite
from yiwang.vocabulary.evidence import Head, Leaf, instant_text, sign_head, trust_of
from yiwang.vocabulary.merkle import Frontier

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
CHOSEN = suite("ed25519")


def leaf(**facts: object) -> Leaf:
    """A look-up of one row by 周航's agency, unless told otherwise."""
    values: dict[str, object] = {
        "epoch": 1, "kind": "query", "log": "gw1", "node": "lanzhou", "request_id": "req-1", "status": 200,
        "time": instant_text(AT), "consumer": "11290100MB0000002B", "provider": "11290100MB0000001A",
        "resource": "306001003/1", "rows": 1, "response": "ab" * 32, "purpose": "item:1001;case=DB-1",
    }  # fmt: skip
    return Leaf(**{**values, **facts})  # type: ignore[arg-type]


def record(*leaves: Leaf, folder: Path | None = None, took_us: int = 9000) -> SigningKey:
    """Write the leaves and a head over them; with a folder also the trust file of the node."""
    key = generate("ed25519")
    hashes = [one.hash(CHOSEN) for one in leaves]
    head = Head(
        epoch=1, key=key.kid, log="gw1", node="lanzhou", previous=None, size=len(leaves), suite="ed25519",
        root=Frontier(CHOSEN).grow(hashes).root.hex(), time=instant_text(AT),
    )  # fmt: skip
    signed = sign_head(head, key)
    models.Log.objects.create(name="gw1", node="lanzhou", suite="ed25519", opened=AT)
    for index, one in enumerate(leaves):
        models.Leaf.objects.create(
            log="gw1", index=index, leaf=one.canonical().decode(), leaf_hash=hashes[index],
            request_id=one.request_id, took_us=took_us,
        )  # fmt: skip
    models.Head.objects.create(
        log="gw1", size=len(leaves), epoch=1, head=signed.head, signature=bytes.fromhex(signed.signature)
    )
    rolled = roll((one.log, i, one.canonical().decode(), took_us) for i, one in enumerate(leaves))
    for (day, consumer, provider, resource, grant, kind, status, code), sums in rolled.sums.items():
        models.Rollup.objects.create(
            day=day, consumer=consumer, provider=provider, resource=resource, grant_id=grant, kind=kind,
            status_class=status, code=code, calls=sums.calls, rows=sums.rows, histogram=sums.histogram,
        )  # fmt: skip
    for (day, consumer, provider, resource, grant, purpose), (calls, rows) in rolled.purposes.items():
        models.Purpose.objects.create(
            day=day, consumer=consumer, provider=provider, resource=resource, grant_id=grant, purpose=purpose,
            calls=calls, rows=rows,
        )  # fmt: skip
    for (scope, name), places in rolled.recent.items():
        models.Recent.objects.create(
            scope=scope, name=name, logs=[log for log, _ in places], indexes=[index for _, index in places]
        )
    if folder is not None:
        kept = KeyRecord(
            "evidence", key.kid, "ed25519", key.public.spki_der, datetime(2026, 1, 1, tzinfo=UTC), None
        )
        (folder / "trust.json").write_bytes(trust_of("lanzhou", [kept]).to_json())
    return key
