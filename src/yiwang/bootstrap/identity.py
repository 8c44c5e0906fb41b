"""Who a node is, as its folder remembers it from the last start, so that commands speak as the node does."""

from __future__ import annotations

import json
import os
from pathlib import Path

from yiwang.bootstrap.node import write_private

_FILE = "node.json"
_MEMBERS = ("YW_NODE", "YW_LEVEL", "YW_NODE_TITLE", "YW_ZONE", "YW_MODE", "YW_PUBLIC_URL", "YW_GATEWAY_URL")


def remember(folder: Path, environment: dict[str, str]) -> None:
    """Write down what the node's processes are told of it."""
    kept = {name: environment[name] for name in _MEMBERS if name in environment}
    write_private(folder / _FILE, json.dumps(kept, ensure_ascii=False, indent=1))


def use_identity(folder: Path) -> None:
    """Take it into this process's environment; what is set there already wins."""
    try:
        kept = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    for name in _MEMBERS:
        if name in kept:
            os.environ.setdefault(name, str(kept[name]))
