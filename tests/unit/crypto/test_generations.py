"""A sealed value tells by which generation of its key it was sealed; a key that was destroyed stays destroyed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yiwang.vocabulary.crypto import (
    BadKey,
    FileKeyProvider,
    KeyMissing,
    KeyRetired,
    SealBroken,
    generation_of,
    key_name,
    open_any,
    seal_by,
)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> FileKeyProvider:
    return FileKeyProvider(tmp_path_factory.mktemp("keys") / "keys", create=True)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plain=st.binary(max_size=60), aad=st.binary(max_size=20), generation=st.integers(1, 3), at=st.integers(0)
)
def test_a_value_opens_again_under_every_generation_and_not_when_anything_is_other(
    keys: FileKeyProvider, plain: bytes, aad: bytes, generation: int, at: int
) -> None:
    sealed = seal_by(keys.sealing_key, "registry", generation, plain, aad)
    assert generation_of(sealed) == generation
    assert open_any(keys.sealing_key, "registry", sealed, aad) == plain
    with pytest.raises(SealBroken):
        open_any(keys.sealing_key, "registry", sealed, aad + b"x")
    spoilt = bytearray(sealed)
    spoilt[at % len(sealed)] ^= 1
    with pytest.raises((SealBroken, KeyMissing)):
        open_any(keys.sealing_key, "registry", bytes(spoilt), aad)


def test_rubbish_makes_no_keys(tmp_path: Path) -> None:
    keys = FileKeyProvider(tmp_path / "keys", create=True)
    for rubbish in (b"", b"\0", b"\0\0" + b"x" * 40):
        with pytest.raises(SealBroken):
            open_any(keys.sealing_key, "registry", rubbish, b"")
    with pytest.raises(KeyMissing):
        open_any(keys.sealing_key, "registry", b"\x12\x34" + b"x" * 40, b"")
    assert list((tmp_path / "keys").glob("*.seal")) == []
    for number in (0, -1, 1 << 16):
        with pytest.raises(BadKey):
            key_name("registry", number)


def test_a_destroyed_key_opens_nothing_and_is_not_made_again(tmp_path: Path) -> None:
    keys = FileKeyProvider(tmp_path / "keys", create=True)
    sealed = seal_by(keys.sealing_key, "sources", 1, b"secret", b"")
    other = seal_by(keys.sealing_key, "sources", 2, b"secret", b"")
    keys.retire_sealing_key("sources-1")
    keys.retire_sealing_key("sources-1")
    for again in (keys, FileKeyProvider(tmp_path / "keys", create=True)):
        with pytest.raises(KeyRetired):
            open_any(again.sealing_key, "sources", sealed, b"")
        with pytest.raises(KeyRetired):
            seal_by(again.sealing_key, "sources", 1, b"secret", b"")
        assert open_any(again.sealing_key, "sources", other, b"") == b"secret"
    assert not (tmp_path / "keys" / "sources-1.seal").exists()
