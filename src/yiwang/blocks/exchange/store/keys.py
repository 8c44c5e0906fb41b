"""Where the key that seals passwords of sources comes from, and which hosts may be connected to."""

from __future__ import annotations

import os

from yiwang.blocks.exchange.domain.errors import KeysNotWired
from yiwang.dataplane.connectors.hosts import AllowedHosts
from yiwang.vocabulary.crypto import KeyProvider

_providers: list[KeyProvider] = []


def use_key_provider(provider: KeyProvider) -> None:
    """Wire where sealing keys come from; called once when a process starts."""
    _providers[:] = [provider]


def key_provider() -> KeyProvider:
    """The provider that was wired. Raises: KeysNotWired."""
    if not _providers:
        raise KeysNotWired()
    return _providers[0]


def allowed_hosts() -> AllowedHosts:
    """The operator's list (`YW_SOURCE_HOSTS`); nothing is allowed where it is empty."""
    return AllowedHosts.parse(os.environ.get("YW_SOURCE_HOSTS", ""))
