"""Which hosts jobs may write to."""

from __future__ import annotations

import os

from yiwang.dataplane.connectors.hosts import AllowedHosts
from yiwang.dataplane.connectors.places import Reach


def target_reach() -> Reach:
    """The operator's list (`YW_SOURCE_HOSTS`, which names every database of the departments); no file at all."""
    return Reach(AllowedHosts.parse(os.environ.get("YW_SOURCE_HOSTS", "")), ())
