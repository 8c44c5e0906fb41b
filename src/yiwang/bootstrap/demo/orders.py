"""Orders of the demo city's hotline over the last half year, and the families it helps: something to count."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from yiwang.blocks.registry.public import Owner

DAYS: Final = 180
TOWNS: Final = {
    "290102001": (104.92, 35.58), "290102002": (104.97, 35.60), "290102003": (105.01, 35.56),
    "290103001": (105.06, 35.62), "290103002": (105.10, 35.57),
}  # fmt: skip
"""Towns of the invented city, and where their middle would lie: degrees east and north."""
SPREAD: Final = 0.012
"""How far an order lies from the middle of its town, in degrees, for two of three."""
_TITLES: Final = (
    ("010208", "小区停水", "help"), ("010203", "路面破损", "report"), ("020103", "工地夜间施工", "complain"),
    ("010403", "物业收费不清", "complain"), ("040205", "工资没按时发", "report"), ("050205", "校门口堵车", "suggest"),
    ("070101", "养老补贴怎么申请", "ask"), ("010209", "暖气不热", "help"),
)  # fmt: skip
_CHANNELS: Final = ("phone", "phone", "phone", "web", "wechat", "app")
_RATINGS: Final = ("5", "5", "5", "4", "4", "3", "2", "1")
_KEPT: Final = (
    "number", "channel", "phone", "kind", "category", "title", "content", "division", "occurred", "lead", "state",
    "answered", "solved", "contacted", "satisfied", "returns", "point", "confidential", "urgency", "rounds", "urges", "_created", "_known", "_by", "_id",
)  # fmt: skip


def fill_orders(connection: Owner, now: datetime, units: tuple[str, ...]) -> int:
    """Orders of the hotline, where there are none yet; returns how many."""
    row = connection.execute("SELECT EXISTS (SELECT FROM sys_hotline.order)").fetchone()
    if row is None or row[0]:
        return 0
    lines = list(_orders(now, units))
    numbers = connection.execute(
        "SELECT nextval('registry_record_number') FROM generate_series(1, %s)", [len(lines)]
    ).fetchall()
    columns = ", ".join(f'"{name}"' for name in _KEPT)
    with connection.cursor().copy(f"COPY sys_hotline.order ({columns}) FROM STDIN".encode()) as copy:
        for line, (number,) in zip(lines, numbers, strict=True):
            copy.write_row((*line, number))
    return len(lines)


def _orders(now: datetime, units: tuple[str, ...]) -> Iterator[tuple[object, ...]]:
    """The same orders for the same day, each with its unit's own diligence."""
    draw = random.Random(12345)  # noqa: S311 - synthetic data, not a secret
    for back in range(DAYS, -1, -1):
        for one in range(draw.randint(3, 9)):
            at = now - timedelta(days=back, minutes=draw.randint(0, 900))
            category, title, kind = draw.choice(_TITLES)
            unit = draw.choice(units)
            town = draw.choice(tuple(TOWNS))
            place = [draw.gauss(middle, SPREAD) for middle in TOWNS[town]]
            good = draw.random() < 0.78 + 0.05 * units.index(unit) + 0.0006 * (DAYS - back)
            done = back > 6 and draw.random() < 0.96
            yield (
                f"RX{at:%Y%m%d}{8 + back % 2}{one:04}", draw.choice(_CHANNELS), f"1390000{draw.randint(0, 9999):04}", kind,
                category, title, f"{title}，请尽快处理。", town, at, unit, "closed" if done else "working",
                at + timedelta(hours=draw.randint(4, 90)) if done else None,
                ("yes" if good else draw.choice(("part", "no"))) if done else None,
                (good or draw.random() < 0.8) if done else None,
                (draw.choice(_RATINGS[:6]) if good else draw.choice(_RATINGS[4:])) if done else None,
                1 if draw.random() < 0.04 else 0, "({:.5f},{:.5f})".format(*place), False, "normal", 1, 0, at, at, "system:hotline",
            )  # fmt: skip
