"""The process of a run that follows its source is killed again and again while the source goes on changing."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.store.capturing.cast import SLOTS, WANTED, again
from tests.store.delivery.cast import Stage
from tests.store.exchange.cast import ZHOU_HANG
from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.delivery.store import models
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting

RUNNER = """
import sys
from datetime import datetime
from pathlib import Path

import django
django.setup()
from yiwang.blocks.delivery.public import run_one
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider
use_key_provider(FileKeyProvider(Path(sys.argv[2]), create=True))
now = datetime.fromisoformat(sys.argv[3])
run_one(int(sys.argv[1]), lambda: now, chunk_rows=20)
"""


def attempts(run: int) -> int:
    with acting(SYSTEM):
        return int(models.Run.objects.values_list("attempts", flat=True).get(pk=run))


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.long)])
def test_a_run_that_is_killed_at_any_moment_loses_and_doubles_nothing(
    stage: Stage, key_folder: Path, kills: int
) -> None:
    job = stage.job(mode="cdc", follow=True)
    (run,) = (one.id for one in delivery.job(ZHOU_HANG, job).runs)
    at = connection.settings_dict
    url = f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
    words = os.environ | {
        "YW_DATABASE_URL": url, "YW_DATA": str(settings.YW_DATA), "DJANGO_SETTINGS_MODULE": "yiwang.bootstrap.settings",
    }  # fmt: skip
    moments = random.Random(7)
    command = [sys.executable, "-c", RUNNER, str(run), str(key_folder), stage.clock().isoformat()]
    for kill in range(kills):
        before = attempts(run)
        process = subprocess.Popen(command, env=words)
        try:
            end = time.monotonic() + 300
            while attempts(run) == before:
                assert time.monotonic() < end
                assert process.poll() is None, "it ended by itself"
                time.sleep(0.02)
            end = time.monotonic() + moments.random() * 2
            while time.monotonic() < end:
                row = moments.randrange(1, 251)
                stage.sql(
                    f"UPDATE kb.qy SET mc = left(mc, 40) || '{kill}', qh = CASE WHEN qh LIKE '11%' THEN '290109' ELSE '110109' END"
                    f" WHERE bh = 'B{row:06d}'; DELETE FROM kb.qy WHERE bh = 'N{moments.randrange(50)}';"
                    f"INSERT INTO kb.qy VALUES ('N{moments.randrange(50)}', '新', '王小明', '290101', {kill}, NULL, '')"
                    " ON CONFLICT (bh) DO UPDATE SET zczb = excluded.zczb"
                )
        finally:
            process.kill()
            process.wait()
    with acting(SYSTEM):
        models.Run.objects.filter(pk=run).update(state="cancelled")
    delivery.change_job(
        ZHOU_HANG, job, delivery.ChangeForm("补齐", "", workdays=False, priority=5, rate=0), stage.clock()
    )
    time.sleep(1)  # a session that was just cut off lets go of the slot
    assert again(stage, job) == ["done"]
    assert stage.delivered() == stage.sql(WANTED)
    assert delivery.job(ZHOU_HANG, job).runs[0].proven
    assert len(stage.sql(SLOTS)) == 1
