"""Names and texts inside generated statements."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(4096)
def name(*parts: str) -> str:
    """A quoted identifier: whatever it holds, it stays a name."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def text(value: str) -> str:
    """A quoted text literal. Raises: ValueError, for a NUL."""
    if "\0" in value:
        raise ValueError("a text with a NUL")
    doubled = value.replace("'", "''")
    return f"E'{doubled.replace(chr(92), chr(92) * 2)}'" if "\\" in value else f"'{doubled}'"


def texts(values: tuple[str, ...]) -> str:
    """An array of texts."""
    return f"ARRAY[{', '.join(text(value) for value in values)}]::text[]"
