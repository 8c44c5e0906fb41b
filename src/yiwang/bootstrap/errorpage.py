"""Writes docs/reference/errors.md from the error classes: `python -m yiwang.bootstrap.errorpage`."""

from __future__ import annotations

import importlib
import os
import pkgutil
from pathlib import Path

import django

import yiwang
from yiwang.vocabulary.errors import YwError

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "errors.md"
HEAD = """# Error codes

Every error has a stable code, a text in Chinese and English and a mend. The gateway sends them as RFC 9457 problem
documents (`type: urn:yiwang:error:<code>`); pages and commands show the same texts. Words in braces are facts of the
single case. *Final* says whether repeating the same call unchanged can never succeed.

This page is generated from the code (`python -m yiwang.bootstrap.errorpage`); a test compares it.
"""


def main() -> None:
    """Import every module, collect the errors and write the page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.bootstrap.settings")
    django.setup()
    for module in pkgutil.walk_packages(yiwang.__path__, "yiwang."):
        if ".migrations." not in module.name and not module.name.endswith(("__main__", ".wsgi")):
            importlib.import_module(module.name)
    rooms: dict[str, list[type[YwError]]] = {}
    for kind in _descendants(YwError):
        if kind.__module__.startswith("yiwang.") and "code" in kind.__dict__:
            rooms.setdefault(_room(kind), []).append(kind)
    lines = [HEAD]
    for room, kinds in sorted(rooms.items()):
        lines += [f"\n## {room}\n", "| code | what is wrong | what to do | final |", "|---|---|---|---|"]
        lines += [
            f"| `{kind.code}` | {kind.message_zh}<br>{kind.message_en} | {kind.mend_zh}<br>{kind.mend_en} "
            f"| {'yes' if kind.permanent else 'no'} |"
            for kind in sorted(kinds, key=lambda kind: kind.code)
        ]
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _descendants(kind: type[YwError]) -> list[type[YwError]]:
    below = [each for child in kind.__subclasses__() for each in _descendants(child)]
    return [kind, *below]


def _room(kind: type[YwError]) -> str:
    parts = kind.__module__.split(".")[1:]
    return parts[1] if parts[0] == "blocks" else parts[0]


if __name__ == "__main__":
    main()
