"""The tabs of a code panel: ready code, line by line with its words marked, to be copied or kept as a file."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils.safestring import SafeString

from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.public import Actor
from yiwang.client.compiled_samples import KEY_ID, csharp_sample, java_sample
from yiwang.client.samples import Sample, command_sample, curl_sample, python_sample
from yiwang.portal import code

Language = Literal["python", "shell", "json", "java", "csharp"]


@dataclass(frozen=True)
class Tab:
    """One tab of the code panel."""

    key: str
    name: str
    language: Language
    text: str
    file: str

    @property
    def lines(self) -> list[SafeString]:
        """The text, line by line, with its words marked."""
        return code.lines(self.text, self.language)

    @property
    def href(self) -> str:
        """The text as a file inside the page: what was typed into the form goes into no address."""
        return "data:text/plain;base64," + base64.b64encode(self.text.encode("utf-8")).decode("ascii")


def tabs(call: Sample, kid: str = KEY_ID, *, trust: str | None = "trust.json") -> tuple[Tab, ...]:
    """Python, the command line, a shell script that needs only curl and OpenSSL 3, Java, .NET."""
    python = python_sample(call, trust=trust)
    shell = command_sample(call, trust=trust)
    return (
        Tab("python", "Python", "python", python, "call.py"),
        Tab("cli", "yw", "shell", shell, "call-yw.sh"),
        Tab("curl", "curl", "shell", curl_sample(call), "call.sh"),
        Tab("java", "Java", "java", java_sample(call, kid=kid), "Call.java"),
        Tab("dotnet", ".NET", "csharp", csharp_sample(call, kid=kid), "Program.cs"),
    )


def callers_key(me: Actor, now: datetime) -> str:
    """The key id that an agency's newest application signs with, for code that cannot work it out."""
    own = [one for one in identity.clients(me, now) if one.agency == me.agency and one.kind == "application"]
    keys = [key for one in own if (key := one.key_in_force) is not None]
    return max(keys, key=lambda key: key.not_before).kid if keys else KEY_ID
