"""Forms are worked out before threads use them."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys, threading
import msgspec
sys.setswitchinterval(1e-6)
from yiwang.blocks.registry.domain.compiled import System
from yiwang.bootstrap.forms import work_out_forms
assert work_out_forms() > 5
given = {"id": "a", "title": {"zh": "x"}, "version": "1", "owner": "o", "entities": []}
gate = threading.Barrier(6)
def use():
    gate.wait()
    msgspec.convert(given, System)
threads = [threading.Thread(target=use) for _ in range(6)]
[one.start() for one in threads]
[one.join() for one in threads]
"""


def test_many_threads_that_use_a_form_first_do_not_end_the_process() -> None:
    for _ in range(3):  # without it about one in three of these ends by a segmentation fault
        assert subprocess.run([sys.executable, "-c", SCRIPT], check=False).returncode == 0
