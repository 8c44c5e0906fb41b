"""The declared systems of the demo city: `python -m yiwang.bootstrap.demo.systems`, told by JSON on standard input.

Runs when the packages have changed since the last start. Its own connection is the owner's, as applying needs it;
everything else goes through the application's role.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from yiwang.bootstrap.demo.persons import PERSONS
from yiwang.bootstrap.starting import set_up_django

if TYPE_CHECKING:
    from yiwang.blocks.registry.public import Owner

PACKAGES: Final = Path(__file__).resolve().parents[4] / "systems"
"""The packages that come with the source; an installed wheel has none."""
ORDER: Final = ("divisions", "population", "hotline", "social_assistance")
"""What is referred to comes first."""
HOLDERS: Final = (
    ("zhouhang", "divisions.division_keeper"), ("wangmin", "divisions.division_reader"),
    ("zhaojing", "divisions.division_reader"), ("heqing", "divisions.division_reader"),
    ("heqing", "population.data_officer"), ("linfeng", "population.source_officer"),
    ("heqing", "hotline.center_manager"), ("zhouyan", "hotline.call_taker"), ("xuning", "hotline.dispatcher"),
    ("zhaojing", "hotline.unit_clerk"), ("wangmin", "hotline.unit_clerk"),
    ("zhouhang", "social_assistance.county_officer"), ("zhouhang", "social_assistance.town_clerk"),
    ("zhouhang", "social_assistance.city_policy"),
)  # fmt: skip
UNITS: Final = ("wangmin", "zhouhang", "zhaojing")
"""Whose agencies handle the hotline's orders."""
_LEVELS: Final = {"province": "province", "city": "city", "county": "county"}
_OLDEST: Final = date(1949, 10, 1)


@dataclass(frozen=True)
class Told:
    """How the node's database is reached as its owner and as the reader of what is shared."""

    owner: str
    share: str


def stamp() -> str:
    """Changes with every file of the packages, with this list of people and with how many persons are entered."""
    digest = hashlib.sha256(repr((ORDER, HOLDERS, PERSONS)).encode())
    for file in sorted(PACKAGES.rglob("*")) if PACKAGES.is_dir() else ():
        if file.is_file():
            digest.update(str(file.relative_to(PACKAGES)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def main() -> None:
    """Apply the packages that changed, name the holders of their roles, fill the divisions."""
    told = Told(**json.load(sys.stdin))
    set_up_django()
    apply_all(told)


def apply_all(told: Told) -> None:
    """Every package in turn."""
    from django.utils import timezone

    from yiwang.blocks.identity.public import actor_for
    from yiwang.blocks.registry.public import (
        ConfirmationMissing,
        VersionTooLow,
        count_figures,
        give_role,
        owner_connection,
    )
    from yiwang.bootstrap.demo.families import fill_families
    from yiwang.bootstrap.demo.orders import fill_orders
    from yiwang.bootstrap.demo.persons import fill_persons
    from yiwang.bootstrap.systems.applying import ROLES, apply_folder
    from yiwang.bootstrap.systems.cataloguing import tell

    now = timezone.now()
    with owner_connection(told.owner) as connection:
        for name in ORDER:
            if not (PACKAGES / name).is_dir():
                continue
            try:
                apply_folder(connection, PACKAGES / name, ROLES, now, by="demo")
            except (VersionTooLow, ConfirmationMissing) as problem:
                # a package under work, on a node that has an earlier state of it: what is in force goes on
                print(f"  {name}: {problem.text('en')} {problem.mend('en')}", file=sys.stderr, flush=True)
        connection.execute(b"SET synchronous_commit = off")
        row = connection.execute("SELECT EXISTS (SELECT FROM sys_divisions.division)").fetchone()
        if row is not None and not row[0]:
            _fill_divisions(connection)
            connection.execute(b"ANALYZE sys_divisions.division")
        fill_persons(connection, now)
        fill_orders(connection, now, tuple(actor_for(name, now).agency for name in UNITS))
    for name in ORDER:
        tell(name, told.share, now)
    admin = actor_for("fangyuan", now)
    for username, role in HOLDERS:
        system, _, wanted = role.partition(".")
        give_role(admin, system, wanted, actor_for(username, now), now)
    fill_families(actor_for("zhouhang", now), now)
    count_figures(now)


def _fill_divisions(connection: Owner) -> None:
    lines = division_rows()
    codes = sorted({line[0] for line in lines})
    numbers = connection.execute(
        "SELECT nextval('registry_record_number') FROM generate_series(1, %s)", [len(codes)]
    ).fetchall()
    # one record a code, whatever names it had
    record = {code: number for code, (number,) in zip(codes, numbers, strict=True)}
    with connection.cursor().copy(
        "COPY sys_divisions.division (code, name, level, parent, since, until, bucket, source, _from, _to, _by, _id)"
        " FROM STDIN"
    ) as copy:
        for line in lines:
            copy.write_row((*line, record[line[0]]))


Line = tuple[str, str, str, str | None, date | None, date | None, bool, str, date, date | str, str]


def division_rows() -> list[Line]:
    """Provinces, cities and counties with all names they ever had, each with its days."""
    from yiwang.vocabulary.divisions.tree import standard_divisions

    known = standard_divisions()
    found: list[Line] = []
    for code, records in sorted(known.history.items()):
        free = _OLDEST
        for one in records:
            since = max(one.since or _OLDEST, free)
            until = one.until + timedelta(days=1) if one.until is not None else None
            if until is not None and until <= since:
                continue
            above = known.parent(code, min(one.until or date.max, known.edition))
            found.append(
                (
                    code, one.name, _LEVELS.get(one.level.value, "county"), above.code if above else None, one.since,
                    one.until, one.bucket, "list", since, until or "infinity", "system:divisions",
                )
            )  # fmt: skip
            free = until or date.max
    return found


if __name__ == "__main__":
    main()
