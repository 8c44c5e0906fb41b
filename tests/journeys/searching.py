"""Files and what of a text they hold, however it may be written there."""

from __future__ import annotations

import base64
import gzip
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

_PIECE = 64 << 20
_OVERLAP = 4096


def forms(value: str) -> frozenset[bytes]:
    """A text as bytes, hexadecimal digits, escapes, parts of addresses, base64; a number as the bytes of an integer too."""
    plain = value.encode()
    found = {
        plain, plain.hex().encode(), plain.hex().upper().encode(), json.dumps(value)[1:-1].encode(), quote(value).encode(),
        repr(plain)[2:-1].encode(), value.encode("utf-16-le"),
    }  # fmt: skip
    for before in range(3):
        # wherever it begins within a longer text: without the signs that its neighbours share
        whole = base64.b64encode(bytes(before) + plain)
        found.add(whole[-(-8 * before // 6) : len(whole) - 4])
    if value.isdecimal():
        found |= {int(value).to_bytes(8, "big"), int(value).to_bytes(8, "little")}
    return frozenset(found)


def held_in(folder: Path, wanted: Iterable[bytes]) -> dict[bytes, list[str]]:
    """Of each form the files below the folder that hold it, archives and their members too."""
    found: dict[bytes, list[str]] = {one: [] for one in wanted}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        seen: set[bytes] = set()
        for piece in _pieces(path):
            seen |= {one for one in found if one not in seen and one in piece}
        for one in seen:
            found[one].append(str(path.relative_to(folder)))
    return found


def _pieces(path: Path) -> Iterator[bytes]:
    """A file's bytes; files that go while they are looked for are none."""
    try:
        with path.open("rb") as file:
            tail = b""
            while piece := file.read(_PIECE):
                yield tail + piece
                tail = piece[-_OVERLAP:]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from (archive.read(one) for one in archive.namelist())
        elif path.suffix == ".gz":
            yield gzip.decompress(path.read_bytes())
    except FileNotFoundError:
        return
