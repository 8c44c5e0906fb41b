"""Stories and figures from the command line and before an application, on a node or on a database made for them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from yiwang.bootstrap.database import migrate, prepare_embedded
from yiwang.bootstrap.embedded import EmbeddedServer, free_port
from yiwang.bootstrap.node import NodeFolder, Ports, environment
from yiwang.bootstrap.running import database_of
from yiwang.bootstrap.starting import set_up_django
from yiwang.systems.checking.packages import check_package
from yiwang.systems.loading import Loaded, load_package
from yiwang.systems.model.package import Package

if TYPE_CHECKING:
    from yiwang.blocks.registry.public import Counted, PackageReport


def stories_as_owner(url: str) -> Callable[[Loaded, Mapping[str, Package]], PackageReport]:
    """What runs the stories of a package before it is applied, as the owner whose URL is given. Nothing of it stays."""

    def run(loaded: Loaded, others: Mapping[str, Package]) -> PackageReport:
        from yiwang.blocks.registry.public import run_stories
        from yiwang.bootstrap.systems.applying import ROLES

        with _owning(url):
            return run_stories(loaded.require(), others, ROLES)

    return run


def story_report(folder: Path, others: Mapping[str, Package], data: Path, only: str | None) -> PackageReport:
    """Run the stories of the package in a folder; without a node in `data`, on a database made for it.

    Raises: PackageRefused, ServerNotStarted, MigrationFailed.
    """
    loaded = load_package(folder)
    faults = tuple(one for one in check_package(loaded, others) if not one.warning)
    package = Loaded(loaded.name, loaded.package, faults, loaded.trees, loaded.data).require()
    with _any_node(data):
        from yiwang.blocks.registry.public import run_stories
        from yiwang.bootstrap.systems.applying import ROLES

        return run_stories(package, others, ROLES, only)


def counted(data: Path, system: str | None, *, rebuild: bool) -> tuple[Counted, ...]:
    """Count the figures of a node now. Raises: NotANode."""
    node = NodeFolder(data)
    with database_of(node) as urls:
        _django(node, urls.app)
        from django.utils import timezone

        from yiwang.blocks.registry.public import count_figures

        return count_figures(timezone.now(), system, rebuild=rebuild)


@contextmanager
def _any_node(data: Path) -> Iterator[None]:
    """Django on a node as the owner of its tables, or on an empty database that goes afterwards."""
    node = NodeFolder(data)
    if node.database_file.exists():
        with database_of(node) as urls:
            _django(node, urls.owner)
            yield
        return
    with tempfile.TemporaryDirectory(prefix="yw-story-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        node = NodeFolder(Path(made) / "node")
        node.prepare()
        server = EmbeddedServer(Path(made) / "pg", free_port(), settings={"fsync": "off"})
        facts = server.start()
        try:
            urls = prepare_embedded(facts.url("postgres"), node)
            migrate(urls.owner, environment(node, Ports.from_first(8000), urls, mode="demo", name="story"))
            _django(node, urls.owner)
            yield
        finally:
            from django.db import connection

            connection.close()
            server.stop()


def _django(node: NodeFolder, url: str) -> None:
    mode, name = os.environ.get("YW_MODE", "demo"), os.environ.get("YW_NODE", "lanzhou")
    os.environ |= environment(node, Ports.from_first(8000), node.urls(), mode=mode, name=name)
    os.environ["YW_DATABASE_URL"] = url
    set_up_django()


@contextmanager
def _owning(url: str) -> Iterator[None]:
    """The process's own connection under another account, and back."""
    from urllib.parse import unquote, urlsplit

    from django.db import connection

    parts = urlsplit(url)
    before = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD")}
    connection.close()
    connection.settings_dict.update(
        USER=unquote(parts.username or ""), PASSWORD=unquote(parts.password or "")
    )
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
