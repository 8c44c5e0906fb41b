"""Whether a release may be applied, and its beginning: compared with what is in force, confirmed, written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from yiwang.blocks.registry.actions import applying
from yiwang.blocks.registry.domain.apply_errors import (
    ApplyRunning,
    ApplyUnfinished,
    ChangeUnsupported,
    ConfirmationMissing,
    SystemDrifted,
    SystemOfAnother,
    VersionTooLow,
)
from yiwang.blocks.registry.domain.compiled import System, schema_of
from yiwang.blocks.registry.domain.compiling.packages import compile_package
from yiwang.blocks.registry.domain.releasing.changing import change
from yiwang.blocks.registry.domain.releasing.installing import install
from yiwang.blocks.registry.domain.releasing.lineage import leftovers
from yiwang.blocks.registry.domain.releasing.roles import Roles
from yiwang.blocks.registry.domain.releasing.steps import Step
from yiwang.blocks.registry.domain.releasing.support import Unchangeable
from yiwang.blocks.registry.store import ledger
from yiwang.blocks.registry.store.ledger import InForce, Owner
from yiwang.blocks.registry.store.relations import relations_of, renamings_of
from yiwang.blocks.registry.store.shape import differences, shape_of
from yiwang.systems.loading import Loaded, package_from_snapshot
from yiwang.systems.model.package import Package
from yiwang.systems.planning.changes import Change, Plan
from yiwang.systems.planning.compare import compatibility, plan
from yiwang.systems.planning.snapshots import digest_of, snapshot_of

SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A package that is to be applied.

    Attributes:
        loaded: as read, checked and found without faults.
        others: the systems in force that it may refer to.
        owner: 统一社会信用代码 of the agency that answers for it.
        by: who applies it.
        confirmation: what that person says to changes that narrow.
    """

    loaded: Loaded
    others: Mapping[str, Package]
    owner: str
    by: str
    confirmation: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What applying a release would do. `changed` is False where it is in force already, byte for byte."""

    system: System
    plan: Plan
    steps: tuple[Step, ...]
    snapshot: dict[str, Any]
    digest: str
    changed: bool


def prepare(connection: Owner, release: Release, roles: Roles, *, confirmed: bool = True) -> Prepared:
    """Compare a release with what is in force; nothing is done. `confirmed`: narrowing changes need their reason.

    Raises: ApplyUnfinished, SystemOfAnother, SystemDrifted, VersionTooLow, ConfirmationMissing, ChangeUnsupported,
        PackageRefused.
    """
    package = release.loaded.require()
    snapshot = snapshot_of(release.loaded)
    digest = digest_of(snapshot)
    unfinished = ledger.running(connection, package.id)
    if unfinished is not None:
        step = unfinished.next()
        raise ApplyUnfinished(
            system=package.id, version=unfinished.version, step=step.what.zh if step is not None else "—"
        )
    standing = ledger.standing(connection, package.id)
    if standing is not None and standing.owner != release.owner:
        raise SystemOfAnother(system=package.id)
    system = compile_package(package, release.others, release.owner)
    before = package_from_snapshot(standing.snapshot).require() if standing is not None else None
    made = plan(before, package)
    if standing is not None and standing.digest == digest:
        return Prepared(system, made, (), snapshot, digest, False)
    _undrifted(connection, package.id, standing)
    if before is None or standing is None:
        return Prepared(system, made, install(system, roles), snapshot, digest, True)
    _versioned(before, package)
    if confirmed:
        _confirmed(made, release.confirmation)
    old = msgspec.convert(standing.package, System)
    number = _next_number(connection)
    left = leftovers(relations_of(connection, package.id), renamings_of(connection, package.id))
    try:
        system, steps = change(old, system, made, roles, number, left)
    except Unchangeable as problem:
        raise ChangeUnsupported(change=str(problem)) from problem
    return Prepared(system, made, steps, snapshot, digest, True)


def apply_release(
    connection: Owner,
    release: Release,
    roles: Roles,
    now: datetime,
    watch: applying.Watch = applying.watch_nothing,
) -> Prepared:
    """Apply a release; where it is in force already nothing is done.

    Raises: as `prepare`; ApplyRunning; StepFailed, when everything was taken back.
    """
    system = release.loaded.require().id
    if not ledger.locked(connection, system):
        raise ApplyRunning(system=system)
    try:
        prepared = prepare(connection, release, roles)
        if not prepared.changed:
            return prepared
        ledger.begun(
            connection, system, prepared.system.version, prepared.snapshot, _stored(prepared), prepared.steps,
            release.by, release.confirmation, now,
        )  # fmt: skip
        applying.run(connection, system, watch)
    finally:
        if not connection.closed:
            ledger.unlocked(connection, system)
    return prepared


def propose_release(connection: Owner, release: Release, roles: Roles, now: datetime) -> Prepared:
    """Write a release down with its plan, for those who decide about it; it waits until it is applied.

    Raises: as `prepare`, without ConfirmationMissing.
    """
    prepared = prepare(connection, release, roles, confirmed=False)
    if prepared.changed:
        ledger.begun(
            connection, prepared.system.id, prepared.system.version, prepared.snapshot, _stored(prepared),
            prepared.steps, release.by, "", now, state="waiting",
        )  # fmt: skip
    return prepared


def _stored(prepared: Prepared) -> dict[str, Any]:
    """The plan as the ledger keeps it: enough to go on with when the process that made it is gone."""
    return {
        **prepared.plan.as_json(), "steps": msgspec.to_builtins(prepared.steps), "digest": prepared.digest,
        "system": msgspec.to_builtins(prepared.system),
    }  # fmt: skip


def in_force(connection: Owner) -> dict[str, Package]:
    """The packages of all systems in force, by id."""
    rows = connection.execute("SELECT id, snapshot FROM registry_system WHERE state = 'active'").fetchall()
    return {name: package_from_snapshot(ledger.plain(snapshot)).require() for name, snapshot in rows}


def _undrifted(connection: Owner, system: str, standing: InForce | None) -> None:
    now = shape_of(connection, schema_of(system))
    found = differences(standing.shape if standing is not None else {}, now)
    if found:
        more = [f"… {len(found) - SHOWN}"] if len(found) > SHOWN else []
        raise SystemDrifted(system=system, changes=[*found[:SHOWN], *more])


def _versioned(before: Package, after: Package) -> None:
    least = compatibility(before, after)
    if not least.sound or before.system.version == after.system.version:
        wanted = least.least
        raise VersionTooLow(version=after.system.version, least=wanted)


def _confirmed(made: Plan, confirmation: str) -> None:
    narrowing: list[Change] = [
        one for one in made.changes if one.effect == "confirm" or one.kind == "retire_code"
    ]
    if narrowing and not confirmation.strip():
        raise ConfirmationMissing(count=len(narrowing), changes=[one.zh for one in narrowing[:SHOWN]])


def _next_number(connection: Owner) -> int:
    """A number that no column kept from an earlier release bears."""
    row = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM registry_apply").fetchone()
    return int(row[0]) if row is not None else 1
