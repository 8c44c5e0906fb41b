"""A gateway whose clock differs from that of the others by YW_TEST_SKEW seconds: `python -m tests.gateway.skewed`."""

from __future__ import annotations

import os
import runpy
import time

SKEW = float(os.environ["YW_TEST_SKEW"])
_time, _time_ns = time.time, time.time_ns
time.time = lambda: _time() + SKEW
time.time_ns = lambda: _time_ns() + int(SKEW * 1_000_000_000)

if __name__ == "__main__":
    runpy.run_module("yiwang.gateway", run_name="__main__", alter_sys=True)
