"""`yw demo`: a fictional city with two source databases, its people and some weeks of exchange, served until Ctrl-C."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypedDict

import click

from yiwang.bootstrap.database import with_part
from yiwang.bootstrap.demo import calling, file_delivery, sources, systems
from yiwang.bootstrap.launch import Launch
from yiwang.bootstrap.node import DatabaseUrls
from yiwang.vocabulary.errors import YwError

SCALES = {
    # enterprises, residents, calls a day and grant
    "small": (400, 600, 6),
    "city": (60_000, 200_000, 220),
}


class DemoFacts(TypedDict, total=False):
    """What is read of demo.json here; a node of an earlier release may lack some of it."""

    clients: list[dict[str, str]]
    files: dict[str, str]
    sessions: dict[str, str]


class DemoFailed(YwError):
    """The demonstration could not be filled."""

    code = "demo-failed"
    permanent = False
    message_zh = "演示数据没有装好：{reason}"
    message_en = "The demonstration could not be set up: {reason}"
    mend_zh = "用 --fresh 重新来过；仍不行，请看 {logs}。"
    mend_en = "Start over with --fresh; if it fails again, see {logs}."


class NotADemo(YwError):
    """--fresh would delete a folder that is no demo."""

    code = "not-a-demo"
    message_zh = "{folder} 里有别的东西，不会删除。"
    message_en = "{folder} holds something else and is not deleted."
    mend_zh = "换一个 --data 目录，或自己清空它。"
    mend_en = "Choose another --data folder, or empty it yourself."


@click.command()
@click.option(
    "--port", default=8000, show_default=True, help="first of three loopback ports: pages, gateway, database"
)
@click.option("--data", "folder", type=click.Path(path_type=Path), default=Path(".yiwang"), show_default=True)
@click.option("--fresh", is_flag=True, help="delete what an earlier demo left in --data and start over")
@click.option(
    "--scale", type=click.Choice(list(SCALES)), default="city", show_default=True, help="how many rows"
)
@click.option(
    "--cascade",
    "above",
    is_flag=True,
    help="with two nodes above the city, nation and province (six more ports)",
)
def command(port: int, folder: Path, fresh: bool, scale: str, above: bool) -> None:
    """Set up the demo city (the first time), serve it, and write DIR/demo.json with accounts, keys and examples."""
    started = time.monotonic()
    if fresh:
        _clear(folder)
    launch = Launch(
        folder, port, mode="demo", name="lanzhou", say=lambda text: click.echo(f"  {text}"),
        more={"YW_LEVEL": "city", "YW_NODE_TITLE": "澜州市节点"},
    )  # fmt: skip
    if not above:
        launch.run(
            prepare=lambda urls: _prepare(launch, urls, scale), ready=lambda: _say_ready(launch, started)
        )
        return
    from yiwang.bootstrap.demo.joining import NodesAbove

    with NodesAbove(folder.resolve(), port) as nodes:

        def ready() -> None:
            nodes.join(launch)
            _say_ready(launch, started)
            for name, _, url, gateway in nodes.facts(launch):
                click.echo(f"{name:<10} {url}    gateway {gateway}")

        launch.run(prepare=lambda urls: _prepare(launch, urls, scale), ready=ready)


def _clear(folder: Path) -> None:
    if not folder.exists():
        return
    if any(folder.iterdir()) and not (folder / "keys").exists() and not (folder / "postgres").exists():
        raise NotADemo(folder=str(folder))
    shutil.rmtree(folder)


def _prepare(launch: Launch, urls: DatabaseUrls, scale: str) -> None:
    _fill(launch, urls, scale)
    applied = launch.node.folder / "systems.stamp"
    stamp = systems.stamp()
    if not systems.PACKAGES.is_dir() or (applied.exists() and applied.read_text(encoding="ascii") == stamp):
        return
    launch.say("declared systems")
    run_part(launch, "yiwang.bootstrap.demo.systems", {"owner": urls.owner, "share": urls.share})
    applied.write_text(stamp, encoding="ascii")


def _fill(launch: Launch, urls: DatabaseUrls, scale: str) -> None:
    facts_file = launch.node.folder / "demo.json"
    if facts_file.exists():
        _refresh_addresses(launch, facts_file)
        return
    firms, people, calls = SCALES[scale]
    counts = {"shichang": firms, "gongan": people}
    admin = _admin(launch, urls)
    today = datetime.now(UTC).date()
    readers = {}
    for source in sources.DATABASES:
        launch.say(f"source database {source.title}: {counts[source.database]:,} rows")
        password = sources.create(admin, source, counts[source.database], today)
        readers[source.department] = (source.title, source.database, password)
    told: dict[str, object] = {
        "url": launch.url,
        "gateway": launch.gateway_url,
        "folder": str(launch.node.folder),
        "database_port": launch.ports.database if launch.server else with_port(urls.owner),
        "admin": admin,
        "readers": readers,
        "calls_a_day": calls,
        "own_server": launch.server is not None,
    }
    run_part(launch, "yiwang.bootstrap.demo.seed", told)


def _admin(launch: Launch, urls: DatabaseUrls) -> str:
    """A superuser's URL of the server on which the departments' databases lie."""
    return (
        launch.server.facts.url("postgres") if launch.server else with_part(urls.owner, database="postgres")
    )


def run_part(launch: Launch, module: str, told: dict[str, object]) -> None:
    """A part of the set-up, in a process of its own. Raises: DemoFailed."""
    done = subprocess.run(
        [sys.executable, "-m", module], input=json.dumps(told), env=launch.environment, text=True, check=False
    )
    if done.returncode != 0:
        raise DemoFailed(reason=f"{module}: exit {done.returncode}", logs=str(launch.node.logs))


def with_port(url: str) -> int:
    """The port of a database URL."""
    return int(url.rsplit("@", 1)[1].split("/", 1)[0].partition(":")[2] or 5432)


def _refresh_addresses(launch: Launch, facts_file: Path) -> None:
    facts = json.loads(facts_file.read_text(encoding="utf-8"))
    facts["url"], facts["gateway"] = launch.url, launch.gateway_url
    from yiwang.bootstrap.node import write_private

    write_private(facts_file, json.dumps(facts, ensure_ascii=False, indent=1))


def _call_once(launch: Launch, facts: DemoFacts) -> None:
    """What departments' programs do through the gateway when the node has come up for the first time."""
    keys = {client["id"]: Path(client["key"]) for client in facts["clients"]}
    gateway, folder = launch.gateway_url, launch.node.folder
    if files := facts.get("files"):
        _once(
            launch, "files", "file was not delivered",
            partial(
                file_delivery.deliver, gateway, folder, files["resource"], files["purpose"], keys[files["provider"]],
                keys[files["consumer"]],
            ),
        )  # fmt: skip
    if asked := facts.get("sessions"):
        _once(
            launch, "sessions", "sessions were not held",
            partial(
                calling.call, gateway, folder, asked["resource"], asked["field"], asked["value"], asked["purpose"],
                keys[asked["client"]],
            ),
        )  # fmt: skip

    if systems.PACKAGES.is_dir():
        admin = _admin(launch, launch.node.urls())
        told: dict[str, object] = {"folder": str(folder), "gateway": gateway, "admin": admin}
        _once(
            launch, "asked", "declared systems were not asked",
            partial(run_part, launch, "yiwang.bootstrap.demo.asking", told),
        )  # fmt: skip


def _once(launch: Launch, stamp: str, trouble: str, work: Callable[[], None]) -> None:
    done = launch.node.folder / f"{stamp}.stamp"
    if done.exists():
        return
    try:
        work()
    except YwError as problem:
        click.echo(f"  the demo's {trouble}: {problem.text('en')}", err=True)
        return
    done.touch()


def _say_ready(launch: Launch, started: float) -> None:
    facts = json.loads((launch.node.folder / "demo.json").read_text(encoding="utf-8"))
    _call_once(launch, facts)
    click.echo(f"\nready: {launch.url}    ({time.monotonic() - started:.0f} s)")
    click.echo(f"gateway: {launch.gateway_url}    accounts and keys: {launch.node.folder / 'demo.json'}\n")
    for account in facts["accounts"]:
        second = "  + code of an authenticator" if account["totp_secret"] else ""
        click.echo(
            f"  {account['username']:<10} {account['password']}  {account['name']} {account['role']}{second}"
        )
    click.echo("\nCtrl-C stops everything.")
