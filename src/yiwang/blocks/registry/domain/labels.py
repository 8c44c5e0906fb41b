"""A name in both languages."""

from __future__ import annotations

import msgspec


class Label(msgspec.Struct, frozen=True):
    """A name in both languages; English falls back to Chinese."""

    zh: str
    en: str = ""

    def text(self, language: str) -> str:
        """The name in `zh…` or `en`."""
        return self.zh if language.startswith("zh") or not self.en else self.en
