"""Tables on other machines that are no databases: a file on an SFTP server, a list behind an HTTP interface."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final, Literal
from urllib.parse import SplitResult, unquote

from yiwang.dataplane.connectors import errors

Next = Literal["link", "url", "cursor", "page"]
_NEXT: Final = re.compile(
    r"link|url:(?P<url>[^=]+)|page:(?P<page>[^=]+)|cursor:(?P<cursor>[^=]+)=(?P<path>[^=]+)"
)
_HEADER: Final = re.compile(r"([A-Za-z0-9-]+):\s*([\x20-\x7e]+)")
_FORBIDDEN: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "accept-encoding"}
)
_FINGERPRINT: Final = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")


@dataclass(frozen=True)
class Reading:
    """Where the rows of an HTTP answer are, and how to come to the next one.

    Attributes:
        items: path of the list in the answer, such as `data.rows`; empty: the answer is the list.
        by: `link`: the `Link` header; `url`: the address at `path`; `cursor`: the value at `path`, given as the parameter
            `name`; `page`: the parameter `name` counts from 1 until a page is empty.
    """

    items: str = ""
    by: Next = "link"
    name: str = ""
    path: str = ""

    @classmethod
    def parse(cls, items: str, following: str) -> Reading:
        """From `link`, `url:PATH`, `cursor:PARAMETER=PATH` or `page:PARAMETER`. Raises: AddressUnknown."""
        found = _NEXT.fullmatch(following or "link")
        if found is None:
            raise errors.AddressUnknown(address=following)
        if found["url"]:
            return cls(items, "url", "", found["url"])
        if found["page"]:
            return cls(items, "page", found["page"])
        if found["cursor"]:
            return cls(items, "cursor", found["cursor"], found["path"])
        return cls(items)


@dataclass(frozen=True)
class Access:
    """What is needed beside an address and does not belong into one.

    Attributes:
        password: of the account.
        host_key: SHA-256 fingerprint of an SFTP server's key, as `ssh-keygen -l` writes it.
        key_file: private key for SFTP.
        header: `Name: value`, sent to an HTTP server.
        reading: how an HTTP answer is read.
    """

    password: str = field(default="", repr=False)
    host_key: str = ""
    key_file: str = ""
    header: str = field(default="", repr=False)
    reading: Reading = Reading()


@dataclass(frozen=True)
class RemoteFile:
    """A file on an SFTP server at a pinned address with a pinned key."""

    host: str
    port: int
    pinned: str
    user: str
    path: PurePosixPath
    access: Access

    def __str__(self) -> str:
        return f"sftp://{self.host}:{self.port}{self.path}"


@dataclass(frozen=True)
class WebList:
    """A list of rows behind an HTTP interface at a pinned address."""

    url: SplitResult
    pinned: str
    access: Access

    def __str__(self) -> str:
        return f"{self.url.scheme}://{self.url.netloc}{self.url.path}"

    @property
    def headers(self) -> dict[str, str]:
        """What is sent to prove who asks. Raises: ParameterNotAllowed."""
        if not self.access.header:
            return {}
        found = _HEADER.fullmatch(self.access.header)
        if found is None or found[1].lower() in _FORBIDDEN:
            raise errors.ParameterNotAllowed(parameters=[self.access.header.partition(":")[0]])
        return {found[1]: found[2]}


def remote_file(parts: SplitResult, pinned: str, access: Access) -> RemoteFile:
    """The file that an address names. Raises: AddressUnknown, ParameterNotAllowed."""
    path = PurePosixPath(unquote(parts.path))
    if parts.query or parts.fragment:
        raise errors.ParameterNotAllowed(parameters=[(parts.query or parts.fragment).partition("=")[0]])
    if not parts.username or ".." in path.parts or "\0" in str(path) or "\n" in str(path):
        raise errors.AddressUnknown(address=f"sftp://{parts.hostname}{parts.path}")
    if access.host_key and not _FINGERPRINT.fullmatch(access.host_key):
        raise errors.HostKeyUnknown(address=str(parts.hostname), seen="—")
    secret = unquote(parts.password) if parts.password is not None else access.password
    held = Access(secret, access.host_key, access.key_file)
    return RemoteFile(str(parts.hostname), parts.port or 22, pinned, unquote(parts.username), path, held)


def web_list(parts: SplitResult, pinned: str, access: Access) -> WebList:
    """The list that an address names; an account in an address would end up in logs. Raises: AddressUnknown."""
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise errors.AddressUnknown(address=f"{parts.scheme}://{parts.hostname}{parts.path}")
    made = WebList(parts, pinned, Access(header=access.header, reading=access.reading))
    _ = made.headers
    return made
