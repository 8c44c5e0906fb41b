"""Kinds of sources: where a resource's data lies."""

from __future__ import annotations

from typing import Final

FILES: Final = "files"
"""The node's own store of files: a source without an address, made when an agency first offers files."""
