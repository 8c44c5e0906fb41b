"""Named callers in `~/.config/yiwang/profiles.toml`, so that address, key and trust need not be repeated.

    [lan-minzheng]
    gateway = "http://127.0.0.1:8001"
    key = "lan-minzheng-1.pem"
    trust = "trust.json"

Relative paths count from the file's folder. `YW_CLIENT_PROFILES` names another file.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from yiwang.client.errors import ProfileUnusable

_MEMBERS = ("gateway", "key", "trust", "node")


@dataclass(frozen=True, slots=True)
class Profile:
    """One caller: where it calls, with which key, and whose evidence it believes."""

    gateway: str
    key: Path
    trust: Path | None = None
    node: str | None = None


def profile_file() -> Path:
    """Where profiles are kept."""
    given = os.environ.get("YW_CLIENT_PROFILES")
    if given:
        return Path(given)
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "yiwang" / "profiles.toml"


def read_profiles(path: Path | None = None) -> dict[str, Profile]:
    """Every profile of a file by its name; none when there is no file.

    Raises:
        ProfileUnusable: the file is not TOML, or a profile lacks a member or has a strange one.
    """
    file = path or profile_file()
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as problem:
        raise ProfileUnusable(name="—", path=str(file), reason=str(problem)[:200]) from problem
    return {name: _profile(name, table, file) for name, table in tables.items()}


def read_profile(name: str, path: Path | None = None) -> Profile:
    """One profile.

    Raises:
        ProfileUnusable: there is none of that name, or it is wrong.
    """
    file = path or profile_file()
    found = read_profiles(file)
    if name not in found:
        raise ProfileUnusable(name=name, path=str(file), reason="∅ " + ", ".join(sorted(found)))
    return found[name]


def _profile(name: str, table: object, file: Path) -> Profile:
    if not isinstance(table, dict) or not set(table) <= set(_MEMBERS):
        raise ProfileUnusable(name=name, path=str(file), reason=", ".join(_MEMBERS))
    members = {member: table.get(member) for member in _MEMBERS}
    gateway, key, trust, node = (
        value if isinstance(value, str) and value else None for value in members.values()
    )
    if gateway is None or key is None:
        raise ProfileUnusable(name=name, path=str(file), reason="gateway, key")
    folder = file.parent
    return Profile(gateway, _below(folder, key), _below(folder, trust) if trust else None, node)


def _below(folder: Path, path: str) -> Path:
    return folder / Path(path).expanduser()
