"""The process of one table job: `python -m yiwang.bootstrap.delivering RUN`, started by the worker and gone with it."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys

from yiwang.bootstrap.starting import set_up_django

_PR_SET_PDEATHSIG = 1


def start(run: int) -> subprocess.Popen[bytes]:
    """Start the process of a run."""
    return subprocess.Popen(
        [sys.executable, "-m", "yiwang.bootstrap.delivering", str(run), str(os.getpid())],
        stdin=subprocess.DEVNULL,
    )


def main() -> None:
    """Do the run of this number; ends at once where the worker that started it is gone already."""
    run, parent = int(sys.argv[1]), int(sys.argv[2])
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.bootstrap.settings")
    set_up_django()
    from django.utils import timezone

    from yiwang.blocks.delivery.public import CHUNK_ROWS, run_one

    run_one(run, timezone.now, chunk_rows=int(os.environ.get("YW_TABLE_CHUNK", CHUNK_ROWS)))


if __name__ == "__main__":
    main()
