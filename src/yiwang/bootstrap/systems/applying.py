"""One package brought into force on a node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from yiwang.blocks.registry.public import (
    Owner,
    Prepared,
    Release,
    Roles,
    StoriesFailed,
    Watch,
    apply_release,
    packages_in_force,
    propose_release,
)
from yiwang.bootstrap.database import APP, QUALITY, SHARE
from yiwang.bootstrap.systems.owners import owner_of
from yiwang.systems.checking.packages import check_package
from yiwang.systems.loading import Loaded, load_package
from yiwang.systems.model.package import Package

ROLES = Roles(APP, SHARE, QUALITY)
"""The node's database roles, to which declared tables are opened."""


class StoryReport(Protocol):
    """What came of a package's stories."""

    @property
    def failed(self) -> tuple[str, ...]:
        """The ids of those that did not come true."""


Stories = Callable[[Loaded, Mapping[str, Package]], StoryReport]
"""Runs the stories of a package that may refer to others."""


@dataclass(frozen=True, slots=True)
class _Present:
    """Of stories that nobody runs: they are there."""

    failed: tuple[str, ...]


def stories_present(loaded: Loaded, others: Mapping[str, Package]) -> StoryReport:
    """A package has a story at least."""
    del others
    package = loaded.require()
    return _Present(() if package.stories else ("stories/*.yaml",))


def checked(loaded: Loaded, others: Mapping[str, Package]) -> Loaded:
    """A package without faults, warnings aside. Raises: PackageRefused, with all of them."""
    faults = tuple(one for one in check_package(loaded, others) if not one.warning)
    sound = Loaded(loaded.name, loaded.package, faults, loaded.trees, loaded.data)
    sound.require()
    return sound


def release_of(
    connection: Owner, folder: Path, *, owner: str = "", by: str = "", confirmation: str = ""
) -> Release:
    """The package in a folder as a release for this node.

    Raises: PackageRefused, OwnerUnknown, UnknownAgency.
    """
    read = load_package(folder)
    others = packages_in_force(connection)
    if read.package is not None:
        others.pop(read.package.id, None)
    loaded = checked(read, others)
    agency = owner_of(loaded.require(), owner)
    return Release(loaded=loaded, others=others, owner=agency.uscc, by=by, confirmation=confirmation)


def apply_folder(
    connection: Owner, folder: Path, roles: Roles, now: datetime, *, owner: str = "", by: str = "",
    confirmation: str = "", watch: Watch | None = None, stories: Stories = stories_present, propose: bool = False,
) -> Prepared:  # fmt: skip
    """Bring the package in a folder into force; `propose` only writes down what would be done.

    Raises: PackageRefused, OwnerUnknown, StoriesFailed, and what `apply_release` raises.
    """
    release = release_of(connection, folder, owner=owner, by=by, confirmation=confirmation)
    report = stories(release.loaded, release.others)
    if report.failed:
        raise StoriesFailed(system=release.loaded.require().id, stories=list(report.failed))
    if propose:
        return propose_release(connection, release, roles, now)
    return (
        apply_release(connection, release, roles, now)
        if watch is None
        else apply_release(connection, release, roles, now, watch)
    )
