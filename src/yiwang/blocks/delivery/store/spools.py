"""Where a job keeps changes that its target has not taken yet: a folder of the node, for its account's eyes only.

They lie there sealed by a key of the job's own, which stands sealed beside the job and is destroyed with the spool: then
nothing opens them any more, wherever a copy of the file may be.
"""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

from django.conf import settings

from yiwang.blocks.delivery.store import models
from yiwang.blocks.delivery.store.sealing import ROWS, open_spool_key, seal_spool_key
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.blocks.sealing.public import hold
from yiwang.dataplane.transfer.capture.veil import Sealed
from yiwang.dataplane.transfer.keeping import JobFolder
from yiwang.vocabulary.crypto import SealBroken, key_name, sealing_key

_log = logging.getLogger(__name__)


def spool_folder(job: str) -> Path:
    """The folder of a job; made when there is none."""
    return JobFolder(Path(settings.YW_DATA) / "capture", job).make().path


def spool_veil(job: str) -> Sealed:
    """What seals the spool of a job, by the job's own key; made when there is none.

    One that was altered is replaced: what it sealed is lost, so the job compares its table again.

    Raises: KeysNotWired, KeyMissing, KeyRetired.
    """
    with acting(SYSTEM):
        row = models.Job.objects.select_for_update().get(pk=job)
        if row.spool_key:
            try:
                return Sealed(open_spool_key(job, row.spool_key))
            except SealBroken:
                _log.warning(
                    "table job %s: the key of its waiting changes does not open, a new one is made", job
                )
        key = os.urandom(len(sealing_key(key_name(ROWS, hold(ROWS)))))
        models.Job.objects.filter(pk=job).update(spool_key=seal_spool_key(job, key))
        return Sealed(key)


def forget_spool(job: str) -> None:
    """Destroy what a job keeps, and the key to it."""
    with acting(SYSTEM):
        models.Job.objects.filter(pk=job).exclude(spool_key="").update(spool_key="")
    shutil.rmtree(Path(settings.YW_DATA) / "capture" / job, ignore_errors=True)
