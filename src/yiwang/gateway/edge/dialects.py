"""The header dialects, read from `dialects.toml`: names, what is signed, the form of an answer."""

from __future__ import annotations

import base64
import hashlib
import hmac
import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec

Part = Literal["requester", "service", "time"]


class AnswerForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of the members of an old answer, and what they hold when all went well."""

    code: str
    ok: str
    message: str
    text: str
    data: str


class Dialect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One dialect. `service` is empty where the path names the service."""

    title: str
    verified: bool
    requester: str
    service: str
    time: str
    signature: str
    signed: tuple[Part, ...]
    time_unit: Literal["ms", "s"]
    window: Annotated[int, msgspec.Meta(ge=1, le=300)]
    answer: AnswerForm

    @property
    def headers(self) -> tuple[str, ...]:
        """Names of all its headers."""
        return tuple(name for name in (self.requester, self.service, self.time, self.signature) if name)

    def seconds(self, time: str) -> int | None:
        """Unix seconds of the time's text; None where it is none."""
        if not (time.isascii() and time.isdigit() and len(time) <= 15):
            return None
        return int(time) // 1000 if self.time_unit == "ms" else int(time)

    def sign(self, secret: str, parts: dict[Part, str]) -> str:
        """The signature over these parts: base64 of HMAC-SHA256 under the UTF-8 bytes of the secret."""
        text = "".join(parts[name] for name in self.signed)
        digest = hmac.digest(secret.encode("utf-8"), text.encode("utf-8"), hashlib.sha256)
        return base64.b64encode(digest).decode("ascii")


@cache
def dialects() -> dict[str, Dialect]:
    """Every dialect by its name in the path below `/edge/`. Raises: msgspec.ValidationError, for a file with a slip."""
    text = files("yiwang.gateway.edge").joinpath("dialects.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Dialect])
