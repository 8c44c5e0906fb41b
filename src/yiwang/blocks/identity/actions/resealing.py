"""Secrets sealed anew by the present generation of their key: second factors and the private keys that the node keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from django.db import models, transaction

from yiwang.blocks.identity.store.models import Authenticator, ClientKey, KeyHandover
from yiwang.blocks.identity.store.sealing import PURPOSE, open_secret, seal_secret
from yiwang.blocks.sealing.public import hold
from yiwang.vocabulary.crypto import generation_of

_KEPT: Final[tuple[tuple[type[models.Model], str, str, str], ...]] = (
    (Authenticator, "secret", "user_id", "identity_authenticator"),
    (ClientKey, "sealed_private", "kid", "identity_client_key"),
    (KeyHandover, "sealed_private", "key_id", "identity_key_handover"),
)
"""Where they lie: table, column, and the attribute and word that they are bound to."""


def sealed_secrets() -> Mapping[int, int]:
    """How many secrets are of each generation."""
    found: Counter[int] = Counter()
    for table, column, _, _ in _KEPT:
        rows = table._default_manager.exclude(**{column: None}).values_list(column, flat=True)
        found.update(generation_of(bytes(one)) for one in rows.iterator())
    return dict(found)


def reseal_secrets() -> int:
    """Seal the secrets of older generations anew, each in its own transaction; gives how many. It can be repeated.

    Raises: KeysNotWired, KeyMissing, KeyRetired, SealBroken.
    """
    done = 0
    for table, column, bound, place in _KEPT:
        for key in table._default_manager.exclude(**{column: None}).values_list("pk", flat=True):
            with transaction.atomic():
                row = table._default_manager.select_for_update().filter(pk=key).first()
                sealed = getattr(row, column, None)
                if row is None or sealed is None or generation_of(bytes(sealed)) == hold(PURPOSE):
                    continue
                where = f"{place}/{getattr(row, bound)}"
                setattr(row, column, seal_secret(open_secret(sealed, where), where))
                row.save(update_fields=[column])
                done += 1
    return done
