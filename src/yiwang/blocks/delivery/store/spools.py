"""Where a job keeps changes that its target has not taken yet: a folder of the node, for its account's eyes only."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings

from yiwang.dataplane.transfer.keeping import JobFolder


def spool_folder(job: str) -> Path:
    """The folder of a job; made when there is none."""
    return JobFolder(Path(settings.YW_DATA) / "capture", job).make().path


def forget_spool(job: str) -> None:
    """Destroy what a job keeps."""
    shutil.rmtree(Path(settings.YW_DATA) / "capture" / job, ignore_errors=True)
