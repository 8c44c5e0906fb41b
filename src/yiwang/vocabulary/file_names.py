"""Names of files that travel between agencies: one path-free spelling that every file system and terminal can bear."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 240
"""Bytes of UTF-8; file systems take 255, and a suffix may be added on the way."""
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
_FORBIDDEN: Final = frozenset('<>:"/\\|?*')


def name_fault(name: str) -> str | None:
    """Why a name is not taken, as a short reason for people; None where it is taken.

    Taken is one name without a path, in NFC, of visible characters. Control and format characters are refused (those
    that turn the direction of writing make `report-fdp.exe` look like a document), as are private and unassigned ones.
    """
    if not name or name in {".", ".."}:
        return "empty"
    try:
        size = len(name.encode("utf-8"))
    except UnicodeEncodeError:
        return "surrogate"
    if size > LONGEST:
        return f"> {LONGEST} bytes"
    if unicodedata.normalize("NFC", name) != name:
        return "not NFC"
    for char in name:
        if char in _FORBIDDEN:
            return char
        kind = unicodedata.category(char)
        if kind[0] == "C" or kind in {"Zl", "Zp"}:
            return f"U+{ord(char):04X}"
    if name != name.strip() or name.endswith("."):
        return "space or point at its end"
    if _DEVICES.fullmatch(name):
        return "device name"
    return None


def safe_name(name: str, otherwise: str) -> str:
    """The name where it is taken, else `otherwise`: what a receiver writes to disk is never the sender's free choice."""
    return name if name_fault(name) is None else otherwise
