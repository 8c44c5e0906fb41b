"""Where a node's keys are kept: the interface, and directories of files for demonstration and tests.

Production uses devices (PKCS#11, GM/T 0018) behind the same `KeyProvider`.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar, Protocol

import msgspec

from yiwang.vocabulary.crypto.errors import KeyFileExposed, KeyMissing, KeyRetired, KeyStoreError
from yiwang.vocabulary.crypto.keys import SigningKey
from yiwang.vocabulary.crypto.loading import generate, load_private
from yiwang.vocabulary.crypto.suites import SM2_SM3, suite

_PURPOSE = re.compile(r"[a-z][a-z0-9-]{0,31}")
_INDEX = "keys.json"
_FORMAT = "yiwang-keys/1"
_MAX_FILE = 1 << 20
DEFAULT_OVERLAP = timedelta(days=1)
"""How long a replaced key stays valid, so that processes still holding it sign nothing invalid."""

FIRST_KEY_MARGIN = timedelta(hours=1)
"""How far a purpose's first key reaches back, so that processes whose clocks differ can share its birth."""


class KeyRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The public side of a signing key that a provider keeps.

    Attributes:
        spki: DER SubjectPublicKeyInfo.
        not_before: first instant at which it signs (UTC).
        not_after: last instant at which its signatures count, or None while it is the current key.
    """

    purpose: str
    kid: str
    suite: str
    spki: bytes
    not_before: datetime
    not_after: datetime | None = None

    def valid_at(self, instant: datetime) -> bool:
        """Whether a signature of that instant counts."""
        return self.not_before <= instant and (self.not_after is None or instant <= self.not_after)


class KeyProvider(Protocol):
    """Gives keys by purpose: `evidence` signs tree heads, `sealing` seals secrets at rest."""

    production_ready: ClassVar[bool]
    """Whether a production setting may use it: False where private keys lie in plain files."""

    def signing_key(self, purpose: str, now: datetime | None = None) -> SigningKey:
        """The key that signs at `now` (default: the present)."""

    def sealing_key(self, purpose: str, *, existing: bool = False) -> bytes:
        """The key for `seal`: 16 bytes in the national suite, 32 in the international one; `existing`: not made."""

    def retire_sealing_key(self, purpose: str) -> None:
        """Destroy a sealing key for ever; it is never made again. Doing it twice is doing it once."""

    def describe(self, purpose: str | None = None) -> tuple[KeyRecord, ...]:
        """Every signing key ever valid, replaced ones included, oldest first: what a trust file lists."""


class _Index(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str = _FORMAT
    keys: tuple[KeyRecord, ...] = ()


class FileKeyProvider:
    """Keys as files `<purpose>-<kid>.pem` (PKCS#8), listed in `keys.json`, and `<purpose>.seal`.

    The directory is 0700, every file 0600 and owned by the running user; anything looser is refused.
    Safe between threads and processes: changes are made under a file lock and by atomic replacement.
    """

    production_ready: ClassVar[bool] = False

    def __init__(self, directory: Path, *, create: bool = False, suite_name: str = SM2_SM3) -> None:
        """Open the directory.

        Args:
            directory: where the keys lie.
            create: make the directory, and a key for each purpose that is first asked for.
            suite_name: the suite of keys made here; existing keys keep theirs.

        Raises:
            KeyStoreError: the directory is missing or damaged.
            KeyFileExposed: others can reach it.
        """
        self._directory = Path(directory)
        self._create = create
        self._suite = suite(suite_name)
        self._signing: dict[str, SigningKey] = {}
        if create:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._check_directory()

    def signing_key(self, purpose: str, now: datetime | None = None) -> SigningKey:
        """See `KeyProvider.signing_key`.

        Raises:
            KeyMissing: no key of the purpose is valid at `now`.
        """
        _check_purpose(purpose)
        instant = now if now is not None else datetime.now(UTC)
        record = _current(self._read_index(), purpose, instant)
        if record is None and self._create:
            with self._locked():
                index = self._read_index()
                if not any(key.purpose == purpose for key in index.keys):
                    self._add(index, purpose, instant - FIRST_KEY_MARGIN)
            record = _current(self._read_index(), purpose, instant)
        if record is None:
            raise KeyMissing(purpose=purpose, path=str(self._directory))
        return self._load(record)

    def sealing_key(self, purpose: str, *, existing: bool = False) -> bytes:
        """See `KeyProvider.sealing_key`.

        Raises:
            KeyMissing: there is none and `create` is off, or it is asked for as an existing one.
            KeyRetired: it was destroyed.
        """
        _check_purpose(purpose)
        path, gone = self._directory / f"{purpose}.seal", self._directory / f"{purpose}.retired"
        if gone.exists():
            raise KeyRetired(purpose=purpose, path=str(self._directory))
        if not path.exists() and self._create and not existing:
            with self._locked():
                if not path.exists() and not gone.exists():
                    self._write(path, os.urandom(self._suite.seal_key_size))
        if not path.exists():
            raise KeyMissing(purpose=purpose, path=str(self._directory))
        key = self._read(path)
        if len(key) not in (16, 32):
            raise KeyStoreError(reason="a sealing key must have 16 or 32 bytes", path=str(path))
        return key

    def retire_sealing_key(self, purpose: str) -> None:
        """See `KeyProvider.retire_sealing_key`. An empty file `<purpose>.retired` stays, so that it is not made anew."""
        _check_purpose(purpose)
        with self._locked():
            self._write(self._directory / f"{purpose}.retired", b"")
            (self._directory / f"{purpose}.seal").unlink(missing_ok=True)

    def describe(self, purpose: str | None = None) -> tuple[KeyRecord, ...]:
        """See `KeyProvider.describe`."""
        return tuple(k for k in self._read_index().keys if purpose is None or k.purpose == purpose)

    def rotate(
        self, purpose: str, now: datetime | None = None, overlap: timedelta = DEFAULT_OVERLAP
    ) -> KeyRecord:
        """Make a new key that signs from `now` on; the old ones stay valid for `overlap` longer."""
        _check_purpose(purpose)
        instant = now if now is not None else datetime.now(UTC)
        with self._locked():
            index = self._read_index()
            end = instant + overlap
            keys = tuple(
                msgspec.structs.replace(key, not_after=end)
                if key.purpose == purpose and (key.not_after is None or key.not_after > end)
                else key
                for key in index.keys
            )
            return self._add(_Index(keys=keys), purpose, instant)

    def _add(self, index: _Index, purpose: str, instant: datetime) -> KeyRecord:
        key = generate(self._suite.name)
        record = KeyRecord(purpose, key.kid, key.suite.name, key.public.spki_der, instant)
        self._write(self._directory / f"{purpose}-{key.kid}.pem", key.to_pem())
        self._write(
            self._directory / _INDEX,
            msgspec.json.format(msgspec.json.encode(_Index(keys=(*index.keys, record)))),
        )
        return record

    def _load(self, record: KeyRecord) -> SigningKey:
        key = self._signing.get(record.kid)
        if key is None:
            path = self._directory / f"{record.purpose}-{record.kid}.pem"
            key = load_private(self._read(path))
            if key.public.spki_der != record.spki or key.suite.name != record.suite:
                raise KeyStoreError(reason="the key is not the one that keys.json lists", path=str(path))
            self._signing[record.kid] = key
        return key

    def _read_index(self) -> _Index:
        path = self._directory / _INDEX
        if not path.exists():
            return _Index()
        try:
            index = msgspec.json.decode(self._read(path), type=_Index)
        except msgspec.DecodeError as problem:
            raise KeyStoreError(reason=str(problem), path=str(path)) from problem
        if index.format != _FORMAT:
            raise KeyStoreError(reason=f"unknown format {index.format[:40]}", path=str(path))
        return index

    def _check_directory(self) -> None:
        try:
            facts = self._directory.lstat()
        except OSError as problem:
            raise KeyStoreError(
                reason=problem.strerror or "unreadable", path=str(self._directory)
            ) from problem
        if not stat.S_ISDIR(facts.st_mode):
            raise KeyStoreError(reason="not a directory", path=str(self._directory))
        _check_exposure(self._directory, facts)

    def _read(self, path: Path) -> bytes:
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as problem:
            raise KeyStoreError(reason=problem.strerror or "unreadable", path=str(path)) from problem
        with os.fdopen(handle, "rb") as file:
            _check_exposure(path, os.fstat(file.fileno()))
            return file.read(_MAX_FILE)

    def _write(self, path: Path, content: bytes) -> None:
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        directory = os.open(self._directory, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        handle = os.open(self._directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _current(index: _Index, purpose: str, instant: datetime) -> KeyRecord | None:
    valid = [key for key in index.keys if key.purpose == purpose and key.valid_at(instant)]
    return max(valid, key=lambda key: key.not_before, default=None)


def _check_purpose(purpose: str) -> None:
    if _PURPOSE.fullmatch(purpose) is None:
        raise KeyStoreError(reason="a purpose is a short lower-case word", path=purpose[:40])


def _check_exposure(path: Path, facts: os.stat_result) -> None:
    if facts.st_mode & 0o077 or facts.st_uid not in (os.geteuid(), 0):
        raise KeyFileExposed(path=str(path), mode=oct(stat.S_IMODE(facts.st_mode)))
