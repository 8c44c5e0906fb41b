"""What integrators of the demo city have: a sandbox that is open, and an old client that still calls."""

from __future__ import annotations

from datetime import datetime, timedelta

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import acting, actor_for
from yiwang.bootstrap.demo.resources import RESIDENT

OLD_CLIENT = "f9e001b4-592d-4745-858b-6ae599d4e1cd@2399"
OLD_SECRET = "demo-secret-of-an-old-client"  # noqa: S105 - of the demo, whose node listens on loopback only


def tell(codes: dict[str, str], now: datetime) -> None:
    """Open the sandbox of 周航 for the residents; let an old client of 孙丽's agency in for the same."""
    zhouhang, sunli, operator = (actor_for(name, now) for name in ("zhouhang", "sunli", "zhouyan"))
    with acting(zhouhang):
        exchange.open_sandbox(zhouhang, codes[RESIDENT], now)
    with acting(sunli):
        held = [
            one for one in exchange.grants(sunli) if one.resource == codes[RESIDENT] and one.state == "active"
        ]
    if not held:
        return
    service = exchange.EdgeServiceForm("s_1200000900000_2108", held[0].id, parameters="sfzh=公民身份号码")
    form = exchange.EdgeForm(
        "gjgxjhpt", OLD_CLIENT, "127.0.0.1", now + timedelta(days=180), (service,), OLD_SECRET
    )
    exchange.open_edge(operator, form, now)
