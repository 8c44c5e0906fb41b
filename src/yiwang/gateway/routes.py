"""Addresses: from the path that the server hands over to what is asked, and back to the path that was signed.

The server gives the path percent-decoded. The signature covers it as sent, so there is exactly one way to send it:
RFC 3986 unreserved characters as they are, every other byte of UTF-8 as `%XX` in capitals, a slash inside a
resource code as `%2F`. Whoever writes it otherwise signs another path, and is told that the signature is wrong.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal
from urllib.parse import quote

import msgspec

Action = Literal["query", "verify", "openapi.json"]
RESOURCES: Final = "/v1/resources/"


class ResourceRoute(msgspec.Struct, frozen=True):
    """What is asked about which resource; `signed` is the path as it was sent."""

    code: str
    action: Action
    signed: str


TABLES: Final = "/v1/tables/"


def table_code(path: str) -> str:
    """The resource of a decoded path below `/v1/tables/`; "" where it names none."""
    code = path.removeprefix(TABLES)
    return code if len(code) <= 200 else ""


def table_path(code: str) -> str:
    """That path as it was sent."""
    return TABLES + quote(code, safe="")


@lru_cache(maxsize=4096)
def resource_route(path: str) -> ResourceRoute | None:
    """The route of a decoded path below `/v1/resources/`; None where there is none."""
    code, _, action = path.removeprefix(RESOURCES).rpartition("/")
    if not code or len(code) > 200:
        return None
    match action:
        case "query" | "verify" | "openapi.json":
            return ResourceRoute(code, action, f"{RESOURCES}{quote(code, safe='')}/{action}")
        case _:
            return None


def signed_path(path: str) -> str:
    """The path of any other address as it was sent."""
    return quote(path, safe="/")
