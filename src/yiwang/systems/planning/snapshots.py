"""A package as one JSON value: what is stored when it is applied, and compared with when the next release comes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Final

from yiwang.systems.loading import Loaded
from yiwang.systems.reading.nodes import Plain

FORMAT: Final = 1


def snapshot_of(loaded: Loaded) -> dict[str, Plain]:
    """The files of a sound package as plain values; `package_from_snapshot` reads them again.

    Raises:
        PackageRefused: where the package has faults.
    """
    package = loaded.require()
    return {
        "format": FORMAT,
        "system": package.id,
        "version": package.system.version,
        "files": {name: tree.plain() for name, tree in sorted(loaded.trees.items())},
        "data": {
            name: content.decode("utf-8-sig", "replace") for name, content in sorted(loaded.data.items())
        },
    }


def digest_of(snapshot: Mapping[str, Plain]) -> str:
    """SHA-256 of a snapshot in canonical form, in hexadecimal digits."""
    text = json.dumps(snapshot, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
