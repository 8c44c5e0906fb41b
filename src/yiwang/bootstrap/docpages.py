"""Writes the pages of docs/ that are made from the code: `python -m yiwang.bootstrap.docpages`; a test compares."""

from __future__ import annotations

import importlib
import os
import pkgutil
from pathlib import Path

import click

import yiwang
from yiwang.bootstrap.starting import set_up_django
from yiwang.vocabulary.errors import YwError

DOCS = Path(__file__).resolve().parents[3] / "docs"
ERRORS_HEAD = """# Error codes

Every error has a stable code, a text in Chinese and English and a mend. The gateway sends them as RFC 9457 problem
documents (`type: urn:yiwang:error:<code>`); pages and commands show the same texts. Words in braces are facts of the
single case. *Final* says whether repeating the same call unchanged can never succeed.

This page is made from the code by `python -m yiwang.bootstrap.docpages`; a test compares it.
"""
COMMANDS_HEAD = """# Commands

Every verb of `./yw`, as its own `--help` tells it. This page is made by `python -m yiwang.bootstrap.docpages`.
"""
INDEX = (
    ("How to", "One page a job.", "howto"),
    ("Specifications", "What an independent implementation needs, with test vectors.", "specs"),
    ("Reference", "", "reference"),
    ("Decisions", "Why things are as they are, each with its measurement.", "adr"),
)


def main() -> None:
    """Write every page that is made from the code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.bootstrap.settings")
    set_up_django()
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
    (DOCS / "README.md").write_text(index(), encoding="utf-8")


def pages() -> dict[str, str]:
    """The pages by their path below docs/."""
    return {"reference/errors.md": errors_page(), "reference/commands.md": commands_page()}


def index() -> str:
    """docs/README.md: every page under its heading, in the order of their names."""
    lines = ["# Documentation"]
    for title, words, folder in INDEX:
        lines += ["", f"## {title}", *([words] if words else []), ""]
        for page in sorted((DOCS / folder).glob("*.md")):
            heading = page.read_text(encoding="utf-8").splitlines()[0].lstrip("# ").strip()
            lines.append(f"- [{heading}]({folder}/{page.name})")
    return "\n".join(lines) + "\n"


def errors_page() -> str:
    """docs/reference/errors.md."""
    rooms: dict[str, list[type[YwError]]] = {}
    for kind in every_error():
        if "code" in kind.__dict__:
            rooms.setdefault(_room(kind), []).append(kind)
    lines = [ERRORS_HEAD]
    for room, kinds in sorted(rooms.items()):
        lines += [f"\n## {room}\n", "| code | what is wrong | what to do | final |", "|---|---|---|---|"]
        lines += [
            f"| `{kind.code}` | {_cell(kind.message_zh)}<br>{_cell(kind.message_en)} "
            f"| {_cell(kind.mend_zh)}<br>{_cell(kind.mend_en)} | {'yes' if kind.permanent else 'no'} |"
            for kind in sorted(kinds, key=lambda kind: kind.code)
        ]
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """docs/reference/commands.md."""
    from yiwang.bootstrap.cli.main import group

    lines = [COMMANDS_HEAD]
    for words, command in _commands(group, ("yw",)):
        with click.Context(
            command, info_name=" ".join(words), terminal_width=100, max_content_width=100
        ) as context:
            lines += [f"\n## {' '.join(words)}\n", "```text", command.get_help(context), "```"]
    return "\n".join(lines) + "\n"


def every_error() -> list[type[YwError]]:
    """Every error class of the product, after importing every module."""
    for module in pkgutil.walk_packages(yiwang.__path__, "yiwang."):
        if ".migrations." not in module.name and not module.name.endswith(("__main__", ".wsgi")):
            importlib.import_module(module.name)
    return sorted(
        {kind for kind in _descendants(YwError) if kind.__module__.startswith("yiwang.")},
        key=lambda kind: (kind.code, kind.__module__, kind.__name__),
    )


def _commands(group: click.Group, words: tuple[str, ...]) -> list[tuple[tuple[str, ...], click.Command]]:
    found: list[tuple[tuple[str, ...], click.Command]] = []
    with click.Context(group, info_name=" ".join(words)) as context:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            if command is None:
                continue
            found.append(((*words, name), command))
            if isinstance(command, click.Group):
                found += _commands(command, (*words, name))
    return found


def _descendants(kind: type[YwError]) -> list[type[YwError]]:
    below = [each for child in kind.__subclasses__() for each in _descendants(child)]
    return [kind, *below]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _room(kind: type[YwError]) -> str:
    parts = kind.__module__.split(".")[1:]
    return parts[1] if parts[0] == "blocks" else parts[0]


if __name__ == "__main__":
    main()
