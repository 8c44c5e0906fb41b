"""Persons in the population base of the demo city: the first residents of the police register, as a fusion would publish them."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from yiwang.bootstrap.demo import residents

if TYPE_CHECKING:
    from yiwang.blocks.registry.public import Owner

PERSONS: Final = 600
_KEPT: Final = {
    "id": "gmsfhm", "name": "xm", "sex": "xb", "ethnicity": "mz", "birth_date": "csrq", "hukou_division": "hjqh",
    "hukou_address": "hjdz", "household": "hh", "relation": "yhzgx", "marital": "hyzk", "education": "whcd",
}  # fmt: skip


def fill_persons(connection: Owner, now: datetime) -> None:
    """Enter them where there are none yet; every field says from whom it came and when."""
    row = connection.execute("SELECT EXISTS (SELECT FROM sys_population.person)").fetchone()
    if row is None or row[0]:
        return
    at = {name: residents.COLUMNS.index(column) for name, column in _KEPT.items()}
    lines = list(residents.rows(PERSONS, date(2026, 1, 1)))
    numbers = connection.execute(
        "SELECT nextval('registry_record_number') FROM generate_series(1, %s)", [len(lines)]
    ).fetchall()
    columns = ", ".join(
        f'"{name}"' for name in (*_KEPT, "_from", "_created", "_known", "_by", "_id", "_sources")
    )
    told = {"source": "police", "date": now.date().isoformat()}
    with connection.cursor().copy(f"COPY sys_population.person ({columns}) FROM STDIN".encode()) as copy:
        for line, (number,) in zip(lines, numbers, strict=True):
            values = {name: line[place] for name, place in at.items()}
            sources = {name: told for name, value in values.items() if value is not None}
            copy.write_row(
                (*values.values(), line[at["birth_date"]], now, now, "system:population", number, json.dumps(sources))
            )  # fmt: skip
