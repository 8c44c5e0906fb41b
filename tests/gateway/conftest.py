"""One stage for all tests here."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.cascade_stage import CascadeStage, raise_cascade
from tests.gateway.handshake import HandMade, session
from tests.gateway.ledgers import Ledgers, open_ledgers
from tests.gateway.library import Library, open_library
from tests.gateway.stage import Stage, raise_stage


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="yw-gateway-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        made = raise_stage(Path(folder))
        try:
            yield made
        finally:
            made.http.close()
            made.node.stop()


@pytest.fixture
def held(stage: Stage) -> Iterator[HandMade]:
    made = session(stage)
    yield made
    made.own(method="DELETE")


@pytest.fixture(scope="session")
def cascade() -> Iterator[CascadeStage]:
    with tempfile.TemporaryDirectory(prefix="yw-cascade-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        made = raise_cascade(Path(folder))
        try:
            yield made
        finally:
            made.close()


@pytest.fixture(scope="session")
def ledgers(cascade: CascadeStage) -> Ledgers:
    """The nation's table; tests may change its rows, so that they count what there is."""
    return open_ledgers(cascade)


@pytest.fixture(scope="session")
def library(cascade: CascadeStage) -> Library:
    """The nation's shelf of files, to which tests add."""
    return open_library(cascade)
