"""The import contracts hold, and each block has a door of its own."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = ROOT / "src" / "yiwang" / "blocks"
INSIDE = re.compile(r"^\s*(?:from|import)\s+yiwang\.blocks\.(\w+)\.(\w+)", re.MULTILINE)
# rooms of a block that another room may name: its door; pure value types; its app for Django's settings
DOORS = {"public"}
GATEWAY_DOORS = {"identity", "exchange", "files", "cascade", "journal", "subscriptions"}


def test_other_rooms_enter_a_block_by_its_door_only() -> None:
    trespassers = []
    for file in (ROOT / "src" / "yiwang").rglob("*.py"):
        room = file.relative_to(ROOT / "src" / "yiwang").parts
        for block, inner in INSIDE.findall(file.read_text(encoding="utf-8")):
            if room[:2] == ("blocks", block) or inner in DOORS:
                continue
            if room[0] == "bootstrap" and inner == "domain":  # it wires, so it knows everyone's words
                continue
            if room[0] == "gateway" and inner == "domain" and block in GATEWAY_DOORS:
                continue
            trespassers.append(f"{'/'.join(room)} -> {block}.{inner}")
    assert trespassers == []


def test_every_block_has_the_same_rooms() -> None:
    known = {"domain", "store", "actions", "queries", "tasks", "api", "public", "errors", "views"}
    odd = [
        f"{block.name}/{child.name}"
        for block in BLOCKS.iterdir()
        if block.is_dir() and block.name != "__pycache__"
        for child in block.iterdir()
        if child.name not in {"__init__.py", "__pycache__"} and child.stem not in known
    ]
    assert odd == []
