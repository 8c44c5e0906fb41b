"""Records as files: handed in, all or none; taken away, with the rights of whoever takes them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

import msgspec
from django.utils import timezone

from yiwang.blocks.registry.actions.exporting import export_records
from yiwang.blocks.registry.actions.loading import load_records
from yiwang.blocks.registry.actions.stepwise import load_in_steps, take_back_load
from yiwang.blocks.registry.actions.trying import check_records
from yiwang.blocks.registry.api.calls import Answer, Call
from yiwang.blocks.registry.api.errors import BodyTooLarge, CallMalformed, MediaTypeRefused
from yiwang.blocks.registry.api.openapi import FILES
from yiwang.blocks.registry.api.records import Asked, wanted_in
from yiwang.blocks.registry.queries.listing import Wanted
from yiwang.blocks.registry.store.entering import Errand
from yiwang.dataplane.tables.reading import Format, open_table

TYPES: Final[tuple[tuple[Format, str], ...]] = (
    ("csv", FILES["csv"]), ("xlsx", FILES["xlsx"]), ("parquet", FILES["parquet"]),
)  # fmt: skip
LARGEST: Final = 512 * 1024 * 1024
_CHUNK: Final = 256 * 1024


class Taken(Asked, frozen=True, forbid_unknown_fields=True):
    """What is exported, as a body says it."""

    format: str = "csv"


def exported(call: Call) -> Answer:
    """All records that the conditions in the address find, as a file."""
    return _file(call, wanted_in(call), call.query.get("_format", "csv"))


def exported_by_body(call: Call) -> Answer:
    """The same with the conditions in the body."""
    given = call.json(Taken)
    return _file(call, given.wanted(), given.format)


def imported(call: Call) -> Answer:
    """A record of each row of the body, which is a file; all or none, with `_check=1` none whatever happens.

    With `_load` a call that was broken off goes on when it is made again.
    """
    system, entity, _ = call.parts
    kind = next((name for name, media in TYPES if media == call.content_type), None)
    if kind is None:
        raise MediaTypeRefused(wanted=", ".join(FILES.values()))
    with tempfile.TemporaryDirectory(prefix="yw-import-") as folder:
        path = Path(folder) / f"rows.{kind}"
        _received(call, path)
        table = open_table(path, kind)
        checked, errand, load = call.query.get("_check") == "1", _by(call, "import"), call.query.get("_load")
        if checked and load is not None:
            raise CallMalformed(reason="_check, _load")
        if load is not None:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            done = load_in_steps(
                errand, load, digest, system, entity, table.heads, table.rows, timezone.now,
                since=call.day("_since"), until=call.day("_until"),
            )  # fmt: skip
            return Answer(msgspec.json.encode({"records": done.rows}), 201)
        loaded = (check_records if checked else load_records)(
            errand, system, entity, table.heads, table.rows, call.now, since=call.day("_since"),
            until=call.day("_until"),
        )  # fmt: skip
    return Answer(msgspec.json.encode({"records": loaded.rows}), 200 if checked else 201)


def taken_back(call: Call) -> Answer:
    """Nothing is left of a load that was begun with `_load` and is under way."""
    system, entity, _ = call.parts
    take_back_load(_by(call, "import"), call.query.get("_load", ""), system, entity, call.now)
    return Answer(b"", 204)


def _file(call: Call, wanted: Wanted, given: str) -> Answer:
    system, entity = call.parts[:2]
    kind = next((name for name, _ in TYPES if name == given), None)
    if kind is None:
        raise CallMalformed(reason=f"format: {', '.join(FILES)}")
    with tempfile.TemporaryDirectory(prefix="yw-export-") as folder:
        path = Path(folder) / f"records.{kind}"
        export_records(_by(call, "export"), system, entity, wanted, call.now, path, kind)
        file = path.open("rb")  # stays readable when the folder is gone
    name = f"{entity}-{call.now:%Y%m%d}.{kind}"
    return Answer(
        _parts(file), 200, FILES[kind], (("Content-Disposition", f'attachment; filename="{name}"'),)
    )


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _received(call: Call, path: Path) -> None:
    """The body, as a file. Raises: BodyTooLarge."""
    length = call.header("CONTENT_LENGTH")
    if not length.isdigit() or int(length) > LARGEST:
        raise BodyTooLarge(limit=f"{LARGEST // 1024**2} MB")
    read = getattr(call.environ.get("wsgi.input"), "read", None)
    left = int(length)
    with path.open("wb") as file:
        while left and callable(read) and (chunk := read(min(_CHUNK, left))):
            file.write(chunk)
            left -= len(chunk)
    if left:
        raise CallMalformed(reason="body")


def _by(call: Call, way: str) -> Errand:
    errand = call.errand
    return Errand(
        errand.actor,
        errand.purpose,
        errand.case,
        errand.division,
        errand.person,
        "import" if way == "import" else "export",
        errand.phone,
    )
