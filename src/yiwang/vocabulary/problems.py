"""Problem documents (RFC 9457): a stable code, the reason and the mend in both languages."""

from __future__ import annotations

from typing import Final

from yiwang.vocabulary.errors import YwError

PROBLEM_TYPE: Final = "application/problem+json"
_RESERVED: Final = frozenset(
    ("type", "title", "status", "code", "detail", "detail_en", "mend", "mend_en", "request_id")
)


def problem_of(error: YwError, status: int, request_id: str) -> dict[str, object]:
    """The problem document of an error as plain members; its facts are members too."""
    members: dict[str, object] = {
        "type": f"urn:yiwang:error:{error.code}",
        "title": (type(error).__doc__ or error.code).strip().splitlines()[0],
        "status": status,
        "code": error.code,
        "detail": error.text("zh"),
        "detail_en": error.text("en"),
        "mend": error.mend("zh"),
        "mend_en": error.mend("en"),
        "request_id": request_id,
    }
    members.update((name, fact) for name, fact in error.facts.items() if name not in _RESERVED)
    return members
