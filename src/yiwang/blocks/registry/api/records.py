"""Records of an entity: listed, found, read with their history, created, changed, withdrawn."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

import msgspec

from yiwang.blocks.registry.actions.records import change_record, create_record, withdraw_record
from yiwang.blocks.registry.api.calls import Answer, Call
from yiwang.blocks.registry.api.errors import CallMalformed, FilterInAddress, IdempotencyKeyMissing
from yiwang.blocks.registry.domain.compiled import Entity
from yiwang.blocks.registry.domain.values import KEY_SEPARATOR
from yiwang.blocks.registry.queries import records as reading
from yiwang.blocks.registry.queries.listing import Wanted
from yiwang.blocks.registry.queries.reading import Record
from yiwang.blocks.registry.queries.readings import readings
from yiwang.blocks.registry.store.systems import remembered

PERSONAL: Final = 3
"""From this grade on (GB/T 43697, four steps) values do not stand in addresses."""
_KEY: Final = re.compile(r"[!-~]{8,64}")
_LARGEST: Final = 2**63 - 1
_encode = msgspec.json.Encoder(decimal_format="string").encode


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a list shows, as a body says it."""

    filters: dict[str, str | int | float | bool] = {}
    text: str = ""
    sort: str = ""
    on: date | None = None
    size: int = 50
    mark: str | None = None
    count: bool = True

    def wanted(self) -> Wanted:
        """The same as the queries know it."""
        return Wanted(plain(self.filters), self.text, self.sort, self.on, self.size, self.mark, self.count)


class Found(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The key of a record, field by field."""

    key: dict[str, str | int | float | bool]


class Values(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Values of fields, from a day on until before another."""

    values: dict[str, object]
    since: date | None = None
    until: date | None = None
    reason: str = ""


class Days(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The days for which a record is withdrawn, and why."""

    since: date | None = None
    until: date | None = None
    reason: str = ""


def listed(call: Call) -> Answer:
    """A page of records; conditions stand in the address."""
    return _page(call, wanted_in(call))


def queried(call: Call) -> Answer:
    """A page of records; conditions stand in the body."""
    return _page(call, call.json(Asked).wanted())


def found(call: Call) -> Answer:
    """The record with a key that the body names."""
    system, entity = call.parts[:2]
    key = plain(call.json(Found).key)
    return Answer(reading.written_by_key(call.errand, system, entity, key, call.now, _encode))


def keyed(call: Call) -> Answer:
    """The record with a key that stands in the address."""
    system, entity, _, text = call.parts
    declared = remembered(system).entity(entity)
    given = text.split(KEY_SEPARATOR)
    if len(given) != len(declared.key):
        raise CallMalformed(reason=f"key: {KEY_SEPARATOR.join(declared.key)}")
    key = dict(zip(declared.key, given, strict=True))
    _harmless(declared, key)
    return Answer(reading.written_by_key(call.errand, system, entity, key, call.now, _encode))


def one(call: Call) -> Answer:
    """A record by its number: as it is believed, or was believed at a moment, about a day."""
    system, entity, _ = call.parts
    return _record(
        reading.record(
            call.errand,
            system,
            entity,
            number_in(call),
            call.now,
            on=call.day("_on"),
            known=call.moment("_known"),
        )
    )


def history(call: Call) -> Answer:
    """All that is and was believed of a record."""
    system, entity, _, _ = call.parts
    return Answer(
        _encode({"records": reading.history(call.errand, system, entity, number_in(call), call.now)})
    )


def readers(call: Call) -> Answer:
    """Who read a record: by its page, or from another agency by any way."""
    system, entity, _, _ = call.parts
    number = number_in(call)
    reading.record(call.errand, system, entity, number, call.now)
    found, total = readings(call.errand, system, entity, number, call.now)
    return Answer(_encode({"reads": found, "total": total}))


def created(call: Call) -> Answer:
    """A new record, once for each idempotency key."""
    system, entity = call.parts
    key = call.header("HTTP_IDEMPOTENCY_KEY")
    if _KEY.fullmatch(key) is None:
        raise IdempotencyKeyMissing()
    given = call.json(Values)
    body = hashlib.sha256(msgspec.json.encode(given)).digest()
    number = create_record(
        call.errand,
        system,
        entity,
        given.values,
        call.now,
        since=given.since,
        until=given.until,
        once=key,
        body=body,
    )
    place = (("Location", f"/api/v1/systems/{system}/{entity}/{number}"),)
    if "return=representation" in call.header("HTTP_PREFER"):
        made = reading.record(call.errand, system, entity, number, call.now, on=given.since)
        return Answer(_encode(made), 201, headers=place)
    return Answer(_encode({"id": number}), 201, headers=place)


def changed(call: Call) -> Answer:
    """Other values of some fields from a day on; days in the past are a correction."""
    system, entity, _ = call.parts
    given = call.json(Values)
    number = number_in(call)
    change_record(
        call.errand, system, entity, number, given.values, call.now, since=given.since, until=given.until,
        seen=_seen(call), reason=given.reason,
    )  # fmt: skip
    return Answer(_encode({"id": number}))


def withdrawn(call: Call) -> Answer:
    """Say that it was not so."""
    system, entity, _, _ = call.parts
    given = call.json(Days)
    number = number_in(call)
    withdraw_record(
        call.errand, system, entity, number, call.now, since=given.since, until=given.until, seen=_seen(call),
        reason=given.reason,
    )  # fmt: skip
    return Answer(_encode({"id": number}))


def wanted_in(call: Call) -> Wanted:
    """What a list shows, as the address says it: fields as they are, all else with `_` before it.

    Raises: CallMalformed, FilterInAddress.
    """
    filters = {name: value for name, value in call.query.items() if not name.startswith("_")}
    known = {"_text", "_sort", "_on", "_size", "_mark", "_count", "_format"}
    strange = sorted(name for name in call.query if name.startswith("_") and name not in known)
    size = call.query.get("_size", "50")
    if strange or not size.isdigit():
        raise CallMalformed(reason=strange[0][:40] if strange else "_size")
    declared = remembered(call.parts[0]).entity(call.parts[1])
    _harmless(declared, filters)
    if call.query.get("_text") and any(one.search and one.grade >= PERSONAL for one in declared.fields):
        raise FilterInAddress(field="_text")
    if call.query.get("_mark"):  # it holds the values by which the last record was sorted
        _harmless(declared, dict.fromkeys((*declared.key, call.query.get("_sort", "").removeprefix("-")), ""))
    return Wanted(
        filters, call.query.get("_text", ""), call.query.get("_sort", ""), call.day("_on"),
        int(size[:6]), call.query.get("_mark"), call.query.get("_count", "1") not in ("0", "no", "false"),
    )  # fmt: skip


def number_in(call: Call) -> int:
    """The record's number in the address. Raises: CallMalformed."""
    number = int(call.parts[2][:20])
    if number > _LARGEST:
        raise CallMalformed(reason="number")
    return number


def plain(given: Mapping[str, str | int | float | bool]) -> dict[str, str]:
    """Conditions of a body as texts."""
    return {
        name: ("true" if value else "false") if isinstance(value, bool) else str(value)
        for name, value in given.items()
    }


def _seen(call: Call) -> datetime | None:
    """The state of the record that the caller saw: `If-Match` with the `known` of the record. Raises: CallMalformed."""
    given = call.header("HTTP_IF_MATCH").strip('"')
    try:
        return datetime.fromisoformat(given) if given else None
    except ValueError:
        raise CallMalformed(reason="If-Match") from None


def _harmless(entity: Entity, filters: Mapping[str, str]) -> None:
    personal = {one.id for one in entity.fields if one.grade >= PERSONAL or one.encrypted}
    for name in filters:
        if name.partition(".")[0] in personal:
            raise FilterInAddress(field=name.partition(".")[0])


def _page(call: Call, wanted: Wanted) -> Answer:
    system, entity = call.parts[:2]
    page = reading.written(call.errand, system, entity, wanted, call.now, _encode)
    rest: dict[str, object] = {"next": page.following}
    if wanted.counted:
        rest |= {"total": page.total, "at_least": page.at_least}
    return Answer(b'{"records":[' + b",".join(page.records) + b"]," + _encode(rest)[1:])


def _record(record: Record) -> Answer:
    return Answer(_encode(record))
