"""Whole files up and down from the command line or a program: chunk by chunk, resumed where they broke off.

    with Client("http://127.0.0.1:8001", key="k.pem", trust="trust.json") as client:
        sent = upload(client, "年报.zip", to="306001003/12")
        got = download(client, sent.id, "downloads", purpose="item:000111004000")

`upload_async` and `download_async` do the same over an `AsyncClient`. Memory holds four chunks (16 MiB) at most whatever
the file's length; digests are computed beside the sending.
"""

from __future__ import annotations

from pathlib import Path

from yiwang.client.blocking import Client
from yiwang.client.concurrent import AsyncClient
from yiwang.client.transfer.downloading import Downloaded, Fetch
from yiwang.client.transfer.drivers import BlockingDriver, ConcurrentDriver, finished
from yiwang.client.transfer.local import Progress
from yiwang.client.transfer.uploading import Deliver, Uploaded

__all__ = [
    "Downloaded",
    "Progress",
    "Uploaded",
    "download",
    "download_async",
    "upload",
    "upload_async",
]


def upload(
    client: Client,
    path: str | Path,
    *,
    to: str,
    name: str | None = None,
    media: str | None = None,
    progress: Progress | None = None,
    wait: float = 60.0,
) -> Uploaded:
    """Deliver a file to a resource of one's own agency; an upload of it that broke off is gone on with.

    Args:
        to: code of the resource.
        name: under which it is delivered; its own name when None.
        media: its media type; by its name's ending when None.
        progress: told bytes done and bytes in all.
        wait: seconds to wait for the check of the node; the result says how it stands then.

    Raises:
        LocalFileUnusable, LocalFileChanged: the file here.
        GatewayRefused, GatewayUnreachable: as for every call; what has arrived is kept.
    """
    work = Deliver(client.caller, Path(path), to, name, media, progress)
    return finished(work.run(BlockingDriver(client), wait))


async def upload_async(
    client: AsyncClient,
    path: str | Path,
    *,
    to: str,
    name: str | None = None,
    media: str | None = None,
    progress: Progress | None = None,
    wait: float = 60.0,
) -> Uploaded:
    """As `upload`; the file is read and digested beside the event loop. Cancelled, it keeps what has arrived."""
    work = Deliver(client.caller, Path(path), to, name, media, progress)
    return await work.run(ConcurrentDriver(client), wait)


def download(
    client: Client,
    file: str,
    folder: str | Path,
    *,
    purpose: str,
    grant: str | None = None,
    progress: Progress | None = None,
) -> Downloaded:
    """Fetch a file into a folder and confirm it; a download of it that broke off is gone on with.

    Every chunk is compared with the manifest before it counts. The file appears under its name when it is whole.

    Raises:
        LocalFileExists, LocalFileUnusable: the folder here.
        ChunkBroken: what came is not what the manifest says.
        DownloadStuck, GatewayRefused, GatewayUnreachable: what has arrived is kept.
    """
    work = Fetch(client.caller, file, Path(folder), purpose, grant, progress)
    return finished(work.run(BlockingDriver(client)))


async def download_async(
    client: AsyncClient,
    file: str,
    folder: str | Path,
    *,
    purpose: str,
    grant: str | None = None,
    progress: Progress | None = None,
) -> Downloaded:
    """As `download`; the disk is read and written beside the event loop. Cancelled, it keeps what has arrived."""
    work = Fetch(client.caller, file, Path(folder), purpose, grant, progress)
    return await work.run(ConcurrentDriver(client))
