"""One embedded PostgreSQL server for the whole run.

`YW_TEST_POSTGRES` names the folder of another version's programs; `YW_TEST_DATABASE_URL` a server that runs.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import HealthCheck, settings

from tests.quick import POSTGRES, empty_only_filled_tables, files_in_memory
from yiwang.bootstrap.embedded import EmbeddedServer, free_port

# property tests draw the same examples in every run; YW_TEST_RANDOM=1 draws others, to look for more
# and no example fails for being slow: how fast something is, benchmarks say
settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("random", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("random" if os.environ.get("YW_TEST_RANDOM") == "1" else "steady")
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


TOGETHER = ("tests/journeys/", "tests/gateway/")
"""Folders whose tests share one running node."""
LENGTHY = (
    "tests/journal/", "tests/store/cascade/", "tests/store/capturing/", "tests/store/transfer/", "tests/store/worker/",
)  # fmt: skip
"""Folders of which one file takes long: dealt before others of their kind, so that no process is left alone with one."""


def pytest_configure(config: pytest.Config) -> None:
    """Long tests write more than fits into memory: only a run without them keeps its files there.

    While tests are collected no garbage is looked for: what is imported stays (docs/adr/0334).
    """
    gc.disable()
    if config.option.markexpr == "not long":
        folder = files_in_memory()  # the processes of `-n` are given the same one by the environment
        if folder is not None:
            config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    empty_only_filled_tables()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Tests go to the processes of `-n` by file, or by folder where they share a node.

    Those that empty tables are dealt by themselves, since they come last: what a migration filled is gone after them.
    """
    file = item.nodeid.partition("::")[0]
    group = next((folder for folder in TOGETHER if file.startswith(folder)), file)
    item.add_marker(pytest.mark.xdist_group(f"{group} emptying" if _empties(item) else group))


def _empties(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("django_db")
    return (mark is not None and mark.kwargs.get("transaction") is True) or "transactional_db" in getattr(
        item, "fixturenames", ()
    )


def _kind(item: pytest.Item) -> int:
    if _empties(item):
        return 1
    return 0 if item.get_closest_marker("django_db") or "db" in getattr(item, "fixturenames", ()) else 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first; tests that need the shared data sets are skipped, visibly, where those are absent.

    Among those with the database, those that empty tables come last, as pytest-django has sorted them.
    """
    items.sort(
        key=lambda item: (
            not item.nodeid.startswith(TOGETHER),
            _kind(item),
            not item.nodeid.startswith(LENGTHY),
        )
    )
    if SHARED.exists():
        return
    absent = pytest.mark.skip(reason="needs_shared_data: ../shared/data is absent")
    for item in items:
        if item.get_closest_marker("needs_shared_data"):
            item.add_marker(absent)


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """Commands that run within the test's process say who the node is in the environment: no later test is that node."""
    before = {name: value for name, value in os.environ.items() if name.startswith("YW_")}
    yield
    for name in [name for name in os.environ if name.startswith("YW_") and name not in before]:
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets beside the repository."""
    return SHARED


@dataclass(frozen=True)
class Server:
    """The test server: `admin` is a superuser's URL of the database `postgres`."""

    admin: str

    def url(self, database: str, user: str | None = None, password: str | None = None) -> str:
        parts = urlsplit(self.admin)
        who = user or parts.username
        secret = password if password is not None else parts.password
        return f"postgresql://{who}:{secret}@{parts.hostname}:{parts.port}/{database}"

    @property
    def host(self) -> str:
        return unquote(urlsplit(self.admin).hostname or "")

    @property
    def port(self) -> int:
        return urlsplit(self.admin).port or 5432


@pytest.fixture(scope="session")
def pg_server() -> Iterator[Server]:
    given = os.environ.get("YW_TEST_DATABASE_URL")
    if given:
        yield Server(given)
        return
    with tempfile.TemporaryDirectory(prefix="yw-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        other = os.environ.get("YW_TEST_POSTGRES")
        programs = Path(other) if other else None
        server = EmbeddedServer(Path(folder) / "pg", free_port(), settings=POSTGRES, programs=programs)
        facts = server.start()
        try:
            yield Server(facts.url("postgres"))
        finally:
            server.stop()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(pg_server: Server) -> None:
    from django.conf import settings

    parts = urlsplit(pg_server.admin)
    settings.DATABASES["default"].update(
        NAME="yiwang", USER=unquote(parts.username or ""), PASSWORD=unquote(parts.password or ""),
        HOST=pg_server.host, PORT=str(pg_server.port),
    )  # fmt: skip
    from django.db import connections

    connections["default"].settings_dict.update(settings.DATABASES["default"])
