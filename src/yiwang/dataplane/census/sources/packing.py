"""Looks into an XLSX file before it is read: nothing is unpacked that is larger than any honest workbook."""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from yiwang.dataplane.census.errors import FileBroken, FileEmpty, FileForbidden, FileHostile, FileMissing

MOST_PARTS: Final = 5_000
MOST_BYTES: Final = 1 << 30
MOST_PART: Final = 600 << 20
MOST_RATIO: Final = 250
LONGEST_CELL: Final = 32_767
"""Characters that a cell of a spreadsheet may hold by the format's own rule."""
_ENTITY: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_TEXT: Final = re.compile(rb"[^<]{%d}" % (LONGEST_CELL * 8))


@dataclass(frozen=True)
class Packing:
    """What stands out about a workbook that may be read."""

    macros: bool
    links: bool


def inspected(path: Path) -> Packing:
    """The workbook's parts, measured by unpacking them piece by piece.

    Raises: FileMissing, FileForbidden, FileEmpty, FileBroken, FileHostile.
    """
    if not path.is_file():
        raise FileMissing(address=path.name)
    if path.stat().st_size == 0:
        raise FileEmpty(address=path.name)
    try:
        with path.open("rb") as file:
            start = file.read(8)
        if start.startswith(b"\xd0\xcf\x11\xe0"):
            raise FileBroken(
                address=path.name,
                problem_zh="是加密的工作簿或旧版 .xls",
                problem_en="it is encrypted, or an old .xls",
            )
        with zipfile.ZipFile(path) as archive:
            return _inspect(path, archive)
    except PermissionError:
        raise FileForbidden(address=path.name) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError):
        raise FileBroken(
            address=path.name, problem_zh="不是 XLSX，或已损坏", problem_en="it is not XLSX, or is damaged"
        ) from None


def _inspect(path: Path, archive: zipfile.ZipFile) -> Packing:
    parts = archive.infolist()
    if len(parts) > MOST_PARTS:
        raise _hostile(path, f"含有 {len(parts)} 个部件", f"it has {len(parts)} parts")
    claimed = sum(part.file_size for part in parts)
    packed = max(1, path.stat().st_size)
    if claimed > MOST_BYTES or (claimed > 64 << 20 and claimed / packed > MOST_RATIO):
        raise _hostile(path, f"解压后有 {claimed >> 20} MB", f"it unpacks to {claimed >> 20} MB")
    names = [part.filename.lower() for part in parts]
    if "xl/workbook.xml" not in names and "[content_types].xml" not in names:
        raise FileBroken(address=path.name, problem_zh="不是 XLSX", problem_en="it is not XLSX")
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels")):
            _inspect_part(path, archive, part)
    return Packing(
        macros=any(name.endswith("vbaproject.bin") for name in names),
        links=any("externallinks/" in name for name in names),
    )


def _inspect_part(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    seen, tail = 0, b""
    with archive.open(part) as stream:
        while piece := stream.read(1 << 20):
            seen += len(piece)
            if seen > MOST_PART:  # the directory may lie about sizes
                raise _hostile(
                    path, f"部件超过 {MOST_PART >> 20} MB", f"a part is larger than {MOST_PART >> 20} MB"
                )
            window = tail + piece
            if _ENTITY.search(window[: 1 << 16] if seen == len(piece) else b""):
                raise _hostile(path, "XML 中声明了实体", "its XML declares entities")
            if _TEXT.search(window):
                raise _hostile(
                    path, f"有单元格超过 {LONGEST_CELL} 字（{part.filename}）",
                    f"a cell is longer than {LONGEST_CELL} characters ({part.filename})",
                )  # fmt: skip
            tail = window[-LONGEST_CELL * 8 :]


def _hostile(path: Path, zh: str, en: str) -> FileHostile:
    return FileHostile(address=path.name, problem_zh=zh, problem_en=en)
