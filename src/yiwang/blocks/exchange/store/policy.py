"""What a node decides about its own procedures, from its environment."""

from __future__ import annotations

import os


def review_is_automatic() -> bool:
    """Whether formal review of unconditional resources is automatic (`YW_AUTOMATIC_REVIEW=1`; default: by people)."""
    return os.environ.get("YW_AUTOMATIC_REVIEW", "0") == "1"
