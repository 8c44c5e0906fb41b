from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from yiwang.vocabulary.crypto import (
    ED25519,
    FileKeyProvider,
    KeyFileExposed,
    KeyMissing,
    KeyProvider,
    KeyStoreError,
    generate,
)

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_key_is_made_once_and_kept(tmp_path: Path) -> None:
    provider: KeyProvider = FileKeyProvider(tmp_path / "keys", create=True)
    key = provider.signing_key("evidence", NOW)
    again: KeyProvider = FileKeyProvider(tmp_path / "keys")
    assert again.signing_key("evidence", NOW + 400 * DAY).kid == key.kid
    assert provider.sealing_key("sealing") == again.sealing_key("sealing")
    assert len(again.sealing_key("sealing")) == 16
    assert [record.kid for record in again.describe("evidence")] == [key.kid]
    assert again.describe("other") == ()
    assert FileKeyProvider.production_ready is False


def test_only_its_owner_can_reach_any_file(tmp_path: Path) -> None:
    provider = FileKeyProvider(tmp_path / "keys", create=True)
    provider.signing_key("evidence")
    provider.sealing_key("sealing")
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()}
    assert set(modes.values()) == {0o600}
    assert len(modes) == 4


@pytest.mark.parametrize("pattern", ["evidence-*.pem", "keys.json", "sealing.seal", "."])
@pytest.mark.parametrize("bits", [0o040, 0o004, 0o020])
def test_loose_permissions_are_refused_by_name(tmp_path: Path, pattern: str, bits: int) -> None:
    directory = tmp_path / "keys"
    provider = FileKeyProvider(directory, create=True)
    provider.signing_key("evidence", NOW)
    provider.sealing_key("sealing")
    target = directory if pattern == "." else next(directory.glob(pattern))
    target.chmod(target.stat().st_mode & 0o777 | bits)

    def use() -> None:
        fresh = FileKeyProvider(directory)
        fresh.signing_key("evidence", NOW)
        fresh.sealing_key("sealing")

    with pytest.raises(KeyFileExposed) as caught:
        use()
    assert str(target) in caught.value.text("zh")


def test_rotation_signs_with_the_new_key_and_lists_both(tmp_path: Path) -> None:
    provider = FileKeyProvider(tmp_path / "keys", create=True)
    old = provider.signing_key("evidence", NOW)
    record = provider.rotate("evidence", NOW + 10 * DAY)
    assert provider.signing_key("evidence", NOW + 9 * DAY).kid == old.kid
    assert provider.signing_key("evidence", NOW + 10 * DAY).kid == record.kid
    first, second = provider.describe("evidence")
    assert (first.kid, second.kid) == (old.kid, record.kid)
    assert first.not_after == NOW + 11 * DAY
    assert second.not_before == NOW + 10 * DAY
    assert second.not_after is None
    assert first.valid_at(NOW + 11 * DAY)
    assert not first.valid_at(NOW + 11 * DAY + timedelta(microseconds=1))
    assert not second.valid_at(NOW)
    provider.rotate("evidence", NOW + 10 * DAY + timedelta(hours=2))
    assert provider.describe("evidence")[0].not_after == NOW + 11 * DAY


def test_a_key_can_belong_to_the_other_suite_after_rotation(tmp_path: Path) -> None:
    FileKeyProvider(tmp_path / "keys", create=True).signing_key("evidence", NOW)
    provider = FileKeyProvider(tmp_path / "keys", suite_name=ED25519)
    provider.rotate("evidence", NOW + DAY)
    assert provider.signing_key("evidence", NOW).suite.name == "sm2-sm3"
    assert provider.signing_key("evidence", NOW + DAY).suite.name == "ed25519"


def test_a_key_before_its_time_or_of_no_purpose_is_missing(tmp_path: Path) -> None:
    provider = FileKeyProvider(tmp_path / "keys", create=True)
    provider.signing_key("evidence", NOW)
    with pytest.raises(KeyMissing):
        provider.signing_key("evidence", NOW - DAY)
    closed = FileKeyProvider(tmp_path / "keys")
    with pytest.raises(KeyMissing):
        closed.signing_key("other")
    with pytest.raises(KeyMissing):
        closed.sealing_key("other")
    with pytest.raises(KeyStoreError):
        closed.signing_key("../evidence")


def test_a_damaged_directory_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(KeyStoreError):
        FileKeyProvider(tmp_path / "absent")
    provider = FileKeyProvider(tmp_path / "keys", create=True)
    kid = provider.signing_key("evidence", NOW).kid
    pem = tmp_path / "keys" / f"evidence-{kid}.pem"
    pem.write_bytes(generate("sm2-sm3").to_pem())
    with pytest.raises(KeyStoreError, match=r"keys\.json"):
        FileKeyProvider(tmp_path / "keys").signing_key("evidence", NOW)
    (tmp_path / "keys" / "keys.json").write_text("{")
    with pytest.raises(KeyStoreError):
        provider.describe()
    (tmp_path / "keys" / "keys.json").write_text('{"format": "other", "keys": []}')
    with pytest.raises(KeyStoreError):
        provider.describe()
    (tmp_path / "keys" / "keys.json").unlink()
    (tmp_path / "keys" / "keys.json").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").write_text("{}")
    with pytest.raises(KeyStoreError):
        provider.describe()


def make_keys(directory: Path, queue: multiprocessing.Queue[tuple[str, bytes]]) -> None:
    provider = FileKeyProvider(directory, create=True)
    queue.put((provider.signing_key("evidence").kid, provider.sealing_key("sealing")))


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    workers = [context.Process(target=make_keys, args=(tmp_path / "keys", queue)) for _ in range(4)]
    for worker in workers:
        worker.start()
    found = {queue.get(timeout=20) for _ in workers}
    for worker in workers:
        worker.join()
    assert len(found) == 1
