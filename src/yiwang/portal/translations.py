"""The one catalogue of translations: compiled without the gettext tools, and checked for completeness.

Message ids are English; `locale/zh_Hans/LC_MESSAGES/django.po` holds the Chinese, and `locale/parts/*.po` what
has not been merged into it yet. `python -m yiwang.portal.translations` adds the messages that are new in the code,
drops those that are gone, and lists what has no translation.
"""

from __future__ import annotations

import io
import os
import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

_package = Path(__file__).resolve().parent.parent
LOCALE = Path(__file__).parent / "locale"
CATALOGUE = LOCALE / "zh_Hans" / "LC_MESSAGES" / "django.po"
PARTS = LOCALE / "parts"

KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}

Key = tuple[str | None, str | tuple[str, ...]]
"""Context and message id (singular and plural where it counts something)."""


def read_catalogue() -> Catalog:
    """The catalogue with its parts laid over it."""
    catalogue = _read(CATALOGUE)
    for part in sorted(PARTS.glob("*.po")):
        for message in _read(part):
            if message.id and message.string:
                catalogue[message.id] = message
    return catalogue


def compile_all() -> None:
    """Write `django.mo` beside the catalogue when it is older than what it is made of."""
    target = CATALOGUE.with_suffix(".mo")
    newest = max(f.stat().st_mtime for f in (CATALOGUE, *PARTS.glob("*.po")))
    if target.exists() and target.stat().st_mtime > newest:
        return
    buffer = io.BytesIO()
    write_mo(buffer, read_catalogue())
    fresh = target.with_suffix(f".{os.getpid()}.new")
    fresh.write_bytes(buffer.getvalue())
    fresh.replace(target)


def messages_in_code() -> dict[Key, str]:
    """Every message id of the package's Python files and templates, with one place where it stands."""
    found: dict[Key, str] = {}
    for file in sorted(_package.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if "gettext" in text:
            _collect(text, file, found)
    for pattern in ("*.html", "*.txt"):
        for file in sorted((_package / "portal" / "templates").rglob(pattern)):
            _collect(templatize(file.read_text(encoding="utf-8")), file, found)
    return found


def missing() -> list[str]:
    """What stands between the code and a complete Chinese catalogue, one line each; empty when nothing does."""
    catalogue = read_catalogue()
    messages = messages_in_code()
    complaints = []
    for (context, key), place in messages.items():
        shown = key if isinstance(key, str) else key[0]
        if re.search(r"[\u4e00-\u9fff]", shown):
            complaints.append(f"{place}: message id is not English: {shown!r}")
            continue
        if isinstance(key, tuple) and (context, shown) in messages:
            complaints.append(f"{place}: {shown!r} also stands alone, and is found in one of its forms only")
            continue
        message = catalogue.get(shown, context)
        strings = () if message is None else message.string
        strings = (strings,) if isinstance(strings, str) else strings
        if message is None or not strings or not all(strings):
            complaints.append(f"{place}: no Chinese for {shown!r}")
        elif message.fuzzy:
            complaints.append(f"{place}: the Chinese for {shown!r} is marked fuzzy")
        elif _places(shown) != _places(strings[0]):
            complaints.append(f"{place}: the Chinese for {shown!r} has other placeholders")
    return complaints


def _places(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)[sd]", text)) | set(re.findall(r"\{(\w+)\}", text))


def _read(file: Path) -> Catalog:
    with file.open("rb") as stream:
        return read_po(stream, locale="zh_Hans")


def _collect(text: str, file: Path, found: dict[Key, str]) -> None:
    source = io.BytesIO(text.encode("utf-8"))
    place = str(file.relative_to(_package))
    for line, message, _comments, context in extract("python", source, keywords=KEYWORDS):
        if message:
            key = message if isinstance(message, str) else tuple(m for m in message if m)
            found.setdefault((context, key), f"{place}:{line}")


def update() -> list[str]:
    """Bring the catalogue to what the code says; returns the messages that still need Chinese."""
    old = read_catalogue()
    fresh = Catalog(locale="zh_Hans", project="Yiwang", charset="utf-8")
    parts = {(m.context, m.id) for part in PARTS.glob("*.po") for m in _read(part) if m.id}
    for (context, key), place in sorted(messages_in_code().items(), key=lambda item: str(item[0])):
        if (context, key) in parts:
            continue
        known = old.get(key if isinstance(key, str) else key[0], context)
        fresh.add(key, known.string if known else None, context=context, locations=[(place.split(":")[0], 1)])
    with CATALOGUE.open("wb") as stream:
        write_po(stream, fresh, width=100, omit_header=False, sort_output=True, include_lineno=False)
    return missing()


if __name__ == "__main__":  # pragma: no cover
    for line in update():
        sys.stdout.write(line + "\n")
