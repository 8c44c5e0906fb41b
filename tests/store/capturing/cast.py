"""What tests of change capture say again and again."""

from __future__ import annotations

from tests.store.delivery.cast import Stage
from tests.store.exchange.cast import ZHOU_HANG
from yiwang.blocks.delivery import public as delivery

WANTED = "SELECT bh, mc, '王**', zczb, gxsj FROM kb.qy WHERE qh LIKE '2901%' ORDER BY bh"
SLOTS = "SELECT slot_name FROM pg_replication_slots WHERE database = 'ext_market'"


def again(stage: Stage, job: str) -> list[str]:
    delivery.run_job(ZHOU_HANG, job, stage.clock.on(minutes=5))
    return stage.run()


def published(stage: Stage) -> list[tuple[object, ...]]:
    return stage.sql("SELECT pubname FROM pg_publication")
