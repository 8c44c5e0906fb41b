"""dBASE III files (.dbf), as old business systems still export them: text in GBK unless the file says UTF-8."""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, Final

from yiwang.dataplane.transfer.shape import Column, Kind, Row, Value

_HEAD: Final = struct.Struct("<B3BIHH16xBB2x")
_FIELD: Final = struct.Struct("<11sc4xBB14x")
_UTF8, _GBK = 0x00, 0x4D
_KINDS: Final[dict[bytes, Kind]] = {
    b"C": "text",
    b"N": "decimal",
    b"F": "decimal",
    b"D": "date",
    b"L": "boolean",
}
_MOST: Final = 254


class NotDbase(Exception):
    """Why a file is none, or cannot be one."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def read(path: Path) -> tuple[tuple[Column, ...], Iterator[Row]]:
    """Columns and rows; deleted rows are left out. Raises: NotDbase."""
    data = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(32)
        if len(head) < 32 or head[0] & 0x07 != 3:
            raise NotDbase("不是 dBASE 文件", "it is no dBASE file")
        _, _, _, _, count, start, width, _, language = _HEAD.unpack(head)
        if data < start + count * width:
            raise NotDbase("文件不完整", "it is cut off")
        fields = []
        while len(piece := file.read(32)) == 32 and piece[0] != 0x0D:
            fields.append(_FIELD.unpack(piece))
    side = path.with_suffix(".cpg")
    utf8 = side.is_file() and "utf" in side.read_text(encoding="ascii", errors="replace").lower()
    encoding = "utf-8" if utf8 else "gb18030" if language in {_UTF8, _GBK, 0x7A} else "cp1252"
    columns = []
    for raw, kind, length, scale in fields:
        if kind not in _KINDS:
            raise NotDbase(f"字段类型 {kind!r} 不支持", f"fields of type {kind!r} are not supported")
        name = raw.split(b"\0")[0].decode(encoding, "replace").strip()
        limited = kind in {b"N", b"F"}
        columns.append(
            Column(name, _KINDS[kind], precision=length if limited else 0, scale=scale if limited else 0)
        )
    return tuple(columns), _rows(path, start, count, width, [(f[1], f[2]) for f in fields], encoding)


def _rows(
    path: Path, start: int, count: int, width: int, fields: Sequence[tuple[bytes, int]], encoding: str
) -> Iterator[Row]:
    with path.open("rb") as file:
        file.seek(start)
        for _ in range(count):
            record = file.read(width)
            if record[:1] == b"*":
                continue
            row, at = [], 1
            for kind, length in fields:
                row.append(_value(kind, record[at : at + length], encoding))
                at += length
            yield tuple(row)


def _value(kind: bytes, raw: bytes, encoding: str) -> Value:
    if kind == b"C":
        try:
            return raw.rstrip(b" \0").decode(encoding) or None
        except UnicodeDecodeError:
            return raw  # told of the row, not of the file
    text = raw.strip(b" \0").decode("ascii", "replace")
    if not text or text == "?":
        return None
    if kind == b"D":
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return text in "TtYy" if kind == b"L" else text


def write(file: BinaryIO, columns: Sequence[Column], count: int, rows: Iterable[Row]) -> None:
    """Write a table. Raises: NotDbase, for names, types or values that the format cannot hold."""
    fields = [_field(column) for column in columns]
    width = 1 + sum(length for _, _, length, _ in fields)
    today = dt.datetime.now(dt.UTC).date()
    start = 32 * (len(fields) + 1) + 1
    file.write(_HEAD.pack(3, today.year - 1900, today.month, today.day, count, start, width, 0, _GBK))
    for field in fields:
        file.write(_FIELD.pack(*field))
    file.write(b"\r")
    for row in rows:
        record = b" " + b"".join(
            _cell(kind, length, scale, value)
            for (_, kind, length, scale), value in zip(fields, row, strict=True)
        )
        file.write(record)
    file.write(b"\x1a")


def _field(column: Column) -> tuple[bytes, bytes, int, int]:
    name = column.name.encode("gbk", "replace")
    if len(name) > 10:
        raise NotDbase(f"列名“{column.name}”超过 10 字节", f"the name {column.name} is longer than 10 bytes")
    match column.kind:
        case "decimal" if 0 < column.precision <= 18:
            return name, b"N", column.precision + 2, column.scale
        case "integer":
            return name, b"N", 20, 0
        case "date":
            return name, b"D", 8, 0
        case "boolean":
            return name, b"L", 1, 0
        case "text":
            return name, b"C", min(_MOST, 2 * column.length) if column.length else _MOST, 0
        case kind:
            raise NotDbase(f"列“{column.name}”的类型 {kind} 不支持", f"{column.name} is of type {kind}")


def _cell(kind: bytes, length: int, scale: int, value: Value) -> bytes:
    if value is None:
        return (b"?" if kind == b"L" else b" ") * length
    if kind == b"L":
        return b"T" if value else b"F"
    if kind == b"D":
        return str(value).replace("-", "").encode("ascii")
    if kind == b"N":
        return f"{Decimal(str(value)):.{scale}f}".encode("ascii").rjust(length)
    try:
        text = str(value).encode("gbk")
    except UnicodeEncodeError:
        raise NotDbase("有 GBK 以外的字", "a character is outside of GBK") from None
    if len(text) > length or text != text.rstrip():
        raise NotDbase(
            f"有文字超过 {length} 字节或以空格结尾",
            f"a text is longer than {length} bytes or ends in a blank",
        )
    return text.ljust(length)
