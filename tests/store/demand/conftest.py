"""The keys of the exchange tests, a node with its agencies, and the listener of the demand block."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.store.exchange.conftest import key_folder, node

__all__ = ["key_folder", "node"]


@pytest.fixture(autouse=True)
def committed(node: None) -> Iterator[None]:
    """Everything runs on a node with keys."""
    del node
    yield
