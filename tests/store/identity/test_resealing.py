"""Secrets of accounts and client keys survive the replacement of the key that seals them."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from tests.store.identity import cast
from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.store.models import Authenticator
from yiwang.blocks.sealing import public as sealing
from yiwang.vocabulary.crypto import FileKeyProvider, key_provider, load_private, use_key_provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("node")]


def test_second_factors_and_private_keys_open_after_the_old_key_went(tmp_path: Path) -> None:
    now = timezone.now()
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    Authenticator.objects.all().delete()
    secret = identity.begin_enrolment(cast.ZHOU_HANG.actor, now=now)
    _, private = identity.console_key(cast.MARKET, now=now)
    assert identity.sealed_secrets() == {1: 2}
    sealing.begin_generation("identity", "operator", now)
    assert identity.begin_enrolment(cast.ZHOU_HANG.actor, now=now) == secret
    sealing.close_older("identity", now)
    assert (identity.reseal_secrets(), identity.reseal_secrets()) == (2, 0)
    assert identity.sealed_secrets() == {2: 2}
    key_provider().retire_sealing_key("identity-1")
    use_key_provider(FileKeyProvider(tmp_path / "keys"))
    assert identity.begin_enrolment(cast.ZHOU_HANG.actor, now=now) == secret
    assert identity.console_key(cast.MARKET, now=now)[1].kid == load_private(private.to_pem()).kid
