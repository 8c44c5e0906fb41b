"""Files on an SFTP server: fetched whole before the first row moves, put beside their place, read back and renamed."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

import asyncssh

from yiwang.dataplane.connectors import errors
from yiwang.dataplane.transfer.files.staging import SourceFile
from yiwang.dataplane.transfer.files.writing import MANIFEST, sha256

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from yiwang.dataplane.connectors.remote import RemoteFile

MOST: Final = 64 << 30
"""Bytes of a file that is fetched."""
_PIECE: Final = 1 << 20
_SECONDS: Final = 30
T = TypeVar("T")


class SftpSource(SourceFile):
    """A file that was fetched."""

    guarantee_zh: ClassVar[str] = (
        "文件先从 SFTP 服务器整个取回、核对前后未被改动（大小和修改时间，有清单的核对摘要），再写第一行。"
    )
    guarantee_en: ClassVar[str] = (
        "The file is fetched whole from the SFTP server and found unaltered (size and time of change; its digest where it"
        " has a manifest) before the first row is written."
    )


def fetch(place: RemoteFile, folder: Path) -> Path:
    """The file, and its manifest where it has one, in a folder of ours. Raises: ConnectorError."""
    return _run(place, _fetch(place, folder))


def put(place: RemoteFile, local: Path) -> None:
    """A file and its manifest to the server: the old file stays until the new one was read back. Raises: ConnectorError."""
    _run(place, _put(place, local))


async def _fetch(place: RemoteFile, folder: Path) -> Path:
    local = folder / place.path.name
    async with _session(place) as sftp:
        before = await sftp.stat(str(place.path))
        if (before.size or 0) > MOST:
            raise errors.RemoteFault(address=str(place), reason=f"larger than {MOST >> 30} GiB")
        await _copied(sftp, str(place.path), local)
        beside = local.with_name(local.name + MANIFEST)
        beside.unlink(missing_ok=True)
        if await sftp.exists(str(place.path) + MANIFEST):
            await _copied(sftp, str(place.path) + MANIFEST, beside)
        after = await sftp.stat(str(place.path))
    if (before.size, before.mtime) != (after.size, after.mtime) or local.stat().st_size != after.size:
        raise errors.RemoteFault(address=str(place), reason="the file was changed while it was read")
    return local


async def _copied(sftp: asyncssh.SFTPClient, remote: str, local: Path) -> None:
    with local.open("wb") as file:
        async with sftp.open(remote, "rb") as far:
            while piece := await far.read(_PIECE):
                file.write(piece if isinstance(piece, bytes) else piece.encode())


async def _put(place: RemoteFile, local: Path) -> None:
    async with _session(place) as sftp:
        for path, end in ((local, ""), (local.with_name(local.name + MANIFEST), MANIFEST)):
            part = str(place.path.with_name(f".{place.path.name}.{secrets.token_hex(6)}.part"))
            try:
                async with sftp.open(part, "wb") as far:
                    with path.open("rb") as file:
                        while piece := file.read(_PIECE):
                            await far.write(piece)
                if await _digest(sftp, part) != sha256(path):
                    raise errors.RemoteFault(address=str(place), reason="what was written reads otherwise")
                await sftp.posix_rename(part, str(place.path) + end)
            except BaseException:
                with suppress(asyncssh.Error, OSError):
                    await sftp.remove(part)
                raise


async def _digest(sftp: asyncssh.SFTPClient, remote: str) -> str:
    digest = hashlib.sha256()
    async with sftp.open(remote, "rb") as far:
        while piece := await far.read(_PIECE):
            digest.update(piece if isinstance(piece, bytes) else piece.encode())
    return digest.hexdigest()


class _Pinned(asyncssh.SSHClient):
    """Takes the one key whose fingerprint was agreed on; remembers which one it saw."""

    def __init__(self, wanted: str) -> None:
        self._wanted, self.seen = wanted, "—"

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Whether it is that one."""
        del host, addr, port
        self.seen = key.get_fingerprint()
        return bool(self._wanted) and secrets.compare_digest(self.seen, self._wanted)


@asynccontextmanager
async def _session(place: RemoteFile) -> AsyncIterator[asyncssh.SFTPClient]:
    client = _Pinned(place.access.host_key)
    keys = [place.access.key_file] if place.access.key_file else None
    try:
        # nothing of the machine's own: no agent, no configuration, no list of known hosts
        async with asyncssh.connect(
            place.pinned, place.port, username=place.user, password=place.access.password or None,
            client_factory=lambda: client, known_hosts=b"", client_keys=keys, agent_path=None, config=None,
            gss_auth=False, gss_kex=False, connect_timeout=_SECONDS, login_timeout=_SECONDS, keepalive_interval=_SECONDS,
        ) as connection, connection.start_sftp_client() as sftp:  # fmt: skip
            yield sftp
    except asyncssh.HostKeyNotVerifiable:
        raise errors.HostKeyUnknown(address=f"{place.host}:{place.port}", seen=client.seen) from None
    except asyncssh.PermissionDenied:
        raise errors.LoginRefused(address=f"{place.host}:{place.port}", user=place.user) from None


def _run(place: RemoteFile, work: Coroutine[object, object, T]) -> T:
    try:
        return asyncio.run(work)
    except asyncssh.SFTPNoSuchFile:
        raise errors.FileMissing(file=place.path.name) from None
    except (asyncssh.Error, TimeoutError, ConnectionError) as error:
        raise errors.RemoteFault(address=str(place), reason=type(error).__name__) from None
    except OSError as error:
        raise errors.RemoteFault(address=str(place), reason=error.strerror or type(error).__name__) from None
