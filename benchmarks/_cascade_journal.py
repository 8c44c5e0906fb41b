"""Events queued by a peer during a partition, applied in order by a node: `python -m benchmarks._cascade_journal COUNT`."""

from __future__ import annotations

import base64
import json
import sys
import time
from datetime import UTC, datetime

import django
import msgspec

PAGE, RUN = 1000, 500
"""Events of a page, and of a run, as nodes ask for them and seal them."""


def main() -> None:
    """Seal COUNT catalogue entries as the peer would, then take the time of applying them, page by page, and of serving as many."""
    django.setup()
    from yiwang.blocks.cascade.actions.applying import apply_runs
    from yiwang.blocks.cascade.domain.bodies import EntryBody, ItemBody, document
    from yiwang.blocks.cascade.domain.card import Card, CardKey, sign_card
    from yiwang.blocks.cascade.domain.events import START, Event, Run, read_seal, seal_run
    from yiwang.blocks.cascade.store.models import Entry
    from yiwang.blocks.cascade.store.peers import meet
    from yiwang.blocks.exchange.public import SYSTEM
    from yiwang.blocks.identity.public import acting
    from yiwang.vocabulary.crypto import generate

    count, now = int(sys.argv[1]), datetime.now(UTC)
    key = generate("sm2-sm3")
    spki = base64.b64encode(key.public.spki_der).decode()
    card = Card(
        node="nation", title="nation", level="nation", zone="extranet", url="http://127.0.0.1:9", gateway="http://127.0.0.1:9",
        keys=(CardKey("cascade", key.kid, "sm2-sm3", spki, int(now.timestamp()) - 60),), sequence=1,
        issued=int(now.timestamp()),
    )  # fmt: skip
    with acting(SYSTEM):
        meet(card, sign_card(card, key), "parent", now)
    items = tuple(ItemBody(f"f{n}", f"数据项{n}", served=True, operators=("eq",)) for n in range(6))
    runs: list[Run] = []
    previous, number = START, 1
    begun = time.perf_counter()
    while number <= count:
        texts = []
        for n in range(number, min(number + RUN, count + 1)):
            body = EntryBody(
                title=f"全国企业登记信息第{n}号", provider="11100000MB0000001A", provider_name="国家市场监督管理总局",
                version=1, state="published", share_type="conditional", modes=("query",), items=items,
            )  # fmt: skip
            texts.append(
                Event(
                    body=document(body), id=f"nation-{n}", kind="entry", origin="nation", subject=f"1/{n}",
                    time="2026-11-29T00:00:00Z",
                ).text()
            )  # fmt: skip
        run = seal_run(
            key, source="nation", target="lanzhou", first=number, previous=previous, texts=texts,
            time=int(now.timestamp()),
        )  # fmt: skip
        runs.append(run)
        previous, number = read_seal(run.seal).hash, number + len(texts)
    sealed = time.perf_counter() - begun
    begun = time.perf_counter()
    for at in range(0, len(runs), 2):
        apply_runs("nation", runs[at : at + 2], now)
    took = time.perf_counter() - begun
    if Entry.objects.filter(node="nation").count() != count:
        raise SystemExit("not every event was applied")
    served = serve("nation", [text for run in runs for text in run.events], now)
    print(
        json.dumps(
            {
                "events": count,
                "seal_seconds": round(sealed, 1),
                "serve_seconds": round(served, 1),
                "apply_seconds": round(took, 1),
                "heal_seconds": round(served + took, 1),
            }
        )
    )


def serve(peer: str, texts: list[str], now: datetime) -> float:
    """Seconds that the other side takes: what waited is numbered, sealed and written out page by page."""
    from yiwang.blocks.cascade.domain.leases import SignedLease
    from yiwang.blocks.cascade.domain.pages import Page
    from yiwang.blocks.cascade.store.models import Outgoing
    from yiwang.blocks.cascade.store.sealing import runs_after, seal_waiting, waiting
    from yiwang.blocks.exchange.public import SYSTEM
    from yiwang.blocks.identity.public import acting

    with acting(SYSTEM):
        for at in range(0, len(texts), RUN):
            Outgoing.objects.bulk_create([Outgoing(peer=peer, text=text) for text in texts[at : at + RUN]])
    begun, got = time.perf_counter(), 0
    while got < len(texts):
        sealed = 0
        while sealed < PAGE and (count := seal_waiting(peer, now)):
            sealed += count
        with acting(SYSTEM):
            runs = runs_after(peer, got, PAGE)
            waiting(peer)
        msgspec.json.encode(Page(tuple(runs), more=True, lease=SignedLease("", "")))
        got += sum(len(run.events) for run in runs)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
