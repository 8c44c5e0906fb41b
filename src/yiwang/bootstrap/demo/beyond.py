"""The nodes above the demo city: a nation and a province, whole and small, run as `python -m yiwang.bootstrap.demo.beyond`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from yiwang.bootstrap.demo import sources
from yiwang.bootstrap.launch import Launch
from yiwang.bootstrap.node import DatabaseUrls, write_private

FIRMS = 2000


@dataclass(frozen=True)
class Above:
    """A node above the city. `offset`: its ports, counted from the city's."""

    name: str
    title: str
    level: str
    offset: int
    region: str


NODES = (
    Above("guojia", "国家节点", "nation", 6, "CN"),
    Above("yunze", "云泽省节点", "province", 3, "290000"),
)


def environment_of(above: Above) -> dict[str, str]:
    """What tells its processes who they are."""
    return {"YW_NODE": above.name, "YW_LEVEL": above.level, "YW_NODE_TITLE": above.title}


def main() -> None:
    """Run the node named by the first argument, in the folder and from the port that follow, until stopped."""
    name, folder, port = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    above = next(one for one in NODES if one.name == name)
    launch = Launch(
        folder, port, mode="demo", name=above.name, say=lambda text: print(f"  {above.title}: {text}", flush=True),
        more=environment_of(above),
    )  # fmt: skip
    launch.run(
        prepare=lambda urls: _prepare(launch, urls, above),
        ready=lambda: write_private(folder / "ready", str(port)),
    )


def _prepare(launch: Launch, urls: DatabaseUrls, above: Above) -> None:
    del urls
    (launch.node.folder / "ready").unlink(missing_ok=True)
    if (launch.node.folder / "demo.json").exists() or launch.server is None:
        return
    from yiwang.bootstrap.cli.demo import run_part

    admin = launch.server.facts.url("postgres")
    password = sources.create(admin, sources.DATABASES[0], FIRMS, datetime.now(UTC).date())
    run_part(
        launch, "yiwang.bootstrap.demo.beyond_seed",
        {
            "folder": str(launch.node.folder), "url": launch.url, "gateway": launch.gateway_url,
            "port": launch.ports.database, "password": password, "name": above.name, "title": above.title,
            "region": above.region,
        },
    )  # fmt: skip


if __name__ == "__main__":
    main()
