"""The tabs of a grant's code panel: the client's own samples, line by line with their words marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.safestring import SafeString

from yiwang.client.samples import Sample, command_sample, curl_sample, python_sample
from yiwang.portal import code

Language = Literal["python", "shell", "json"]


@dataclass(frozen=True)
class Tab:
    """One tab of the code panel."""

    key: str
    name: str
    language: Language
    text: str

    @property
    def lines(self) -> list[SafeString]:
        """The text, line by line, with its words marked."""
        return code.lines(self.text, self.language)


def tabs(call: Sample) -> tuple[Tab, ...]:
    """Python, the command line, and a shell script that needs only curl and OpenSSL 3."""
    return (
        Tab("python", "Python", "python", python_sample(call)),
        Tab("cli", "yw client", "shell", command_sample(call)),
        Tab("curl", "curl + OpenSSL", "shell", curl_sample(call)),
    )
