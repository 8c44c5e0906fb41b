"""The node's own gateway, as the node calls it for an agency with a key that it keeps sealed."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from yiwang.client import Client
from yiwang.client.caller import Options
from yiwang.portal.evidence.trust import TRUST_FILE
from yiwang.vocabulary.crypto import SigningKey


def through(key: SigningKey, patience: Options) -> Client:
    """The gateway, called with this key; every answer has to be proven by the node's own evidence.

    Where the launch pinned no keys in the node's folder, the key that the gateway shows first is believed.
    """
    trust = Path(settings.YW_DATA) / TRUST_FILE
    return Client(
        settings.YW_GATEWAY_URL, key, node=settings.YW_NODE, trust=trust if trust.exists() else None, options=patience
    )  # fmt: skip
