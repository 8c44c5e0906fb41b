"""Lines between a client and a fake node."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.client.line import Line, fresh


@pytest.fixture(params=["sm2-sm3", "ed25519"])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    made = fresh(request.param)
    yield made
    made.client.close()


@pytest.fixture
def quick() -> Iterator[Line]:
    made = fresh()
    yield made
    made.client.close()
