"""Which hosts may be connected to."""

from __future__ import annotations

import os

from yiwang.dataplane.connectors.hosts import AllowedHosts


def allowed_hosts() -> AllowedHosts:
    """The operator's list (`YW_SOURCE_HOSTS`); nothing is allowed where it is empty."""
    return AllowedHosts.parse(os.environ.get("YW_SOURCE_HOSTS", ""))
