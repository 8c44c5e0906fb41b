"""The manifest of a file: its length, the digest of the file and of each chunk of 4 MiB. docs/specs/files.md §3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from yiwang.vocabulary.crypto.suites import SUITES
from yiwang.vocabulary.errors import YwError

CHUNK: Final = 4 << 20
"""Bytes of every chunk but the last."""
LARGEST: Final = 1 << 40
"""Bytes of the largest file that a manifest describes."""
Hex64 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
HashName = Literal["sm3", "sha256"]


class ManifestBroken(YwError):
    """A manifest contradicts itself."""

    code = "manifest-broken"
    message_zh = "文件清单有误：{reason}。"
    message_en = "The manifest of the file is wrong: {reason}."
    mend_zh = "重新下载清单；仍不对，请把文件编号告诉平台运维。"
    mend_en = "Fetch the manifest again; if it persists, give the file's id to the platform's operator."


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a file is made of.

    Attributes:
        chunk_size: bytes of every chunk but the last.
        chunks: digest of each chunk, lower-case hexadecimal, in the file's order; none for an empty file.
        digest: digest of the file by its chunks (`root`); None while it is still arriving.
        file: id of the file.
        hash: the hash function of all digests.
        length: bytes of the file, or of what has arrived.
        media: its media type, as its sender declared it.
        name: its name, without a path.
        sha256: SHA-256 of the whole file as any tool computes it, for people to compare; None while it is arriving.
    """

    chunk_size: Literal[4194304] = 4194304
    chunks: tuple[Hex64, ...]
    digest: Hex64 | None
    file: str
    hash: HashName
    length: Annotated[int, Meta(ge=0, le=LARGEST)]
    media: str
    name: str
    sha256: Hex64 | None
    v: Literal[1] = 1

    def encoded(self) -> bytes:
        """As it is sent and digested: members in order, no spaces."""
        return msgspec.json.encode(self, order="sorted")

    def sizes(self) -> Iterator[int]:
        """Bytes of each chunk."""
        return chunk_sizes(self.length)


def chunk_sizes(length: int) -> Iterator[int]:
    """Bytes of each chunk of a file of that length."""
    for start in range(0, length, CHUNK):
        yield min(CHUNK, length - start)


def root(hash_name: HashName, chunks: Iterable[str]) -> str:
    """The digest of a file: that of its chunks' digests, one after the other.

    It needs no second pass over the bytes, on either side, and chunks may be digested in any order.
    """
    suite = next(one for one in SUITES.values() if one.hash_name == hash_name)
    return suite.digest(bytes.fromhex("".join(chunks))).hex()


def read_manifest(body: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        ManifestBroken: it is none, or length and number of chunks do not fit.
    """
    try:
        manifest = msgspec.json.decode(body, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise ManifestBroken(reason=str(problem)[:200]) from problem
    if len(manifest.chunks) != -(-manifest.length // CHUNK):
        raise ManifestBroken(reason=f"{manifest.length} bytes, {len(manifest.chunks)} chunks")
    if manifest.digest not in (None, root(manifest.hash, manifest.chunks)):
        raise ManifestBroken(reason="digest")
    return manifest


class Listed(msgspec.Struct, frozen=True):
    """A file of a resource as the interface lists it; `mark`, `finding` and `client` are told to its provider only.

    Times are RFC 3339.
    """

    id: str
    name: str
    media: str
    length: int
    state: str
    uploaded: int
    hash: str
    digest: str | None
    sha256: str | None
    mark: str | None
    finding: str | None
    client: str | None
    created: str
    ready: str | None
