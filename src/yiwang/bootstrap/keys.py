"""The node's keys in one place: what there are, replacing one, sealing its values anew, destroying an old one.

`evidence` signs; `identity`, `sources`, `targets`, `quarantine` and `registry` seal secrets of people and clients,
passwords of sources and of table jobs' targets, rows in quarantine and encrypted fields. Works on a node that runs or
not. docs/howto/replace-keys.md
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from yiwang.bootstrap.node import DatabaseUrls, NodeFolder
from yiwang.bootstrap.systems.node import on_node, operator_name
from yiwang.vocabulary.crypto import FileKeyProvider, KeyRecord, key_name, retire_sealing_key

if TYPE_CHECKING:
    from yiwang.blocks.sealing.public import GenerationView

EVIDENCE: Final = "evidence"
Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Keeper:
    """A block that seals.

    Attributes:
        names: purposes of the keys that are replaced together.
        count: how many values are of each generation.
        reseal: seals the values of older generations anew; told the present one, and whom to tell of progress; gives
            how many were and how many could not be opened.
    """

    names: tuple[str, ...]
    count: Callable[[], Mapping[int, int]]
    reseal: Callable[[int, Tell], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class SealingState:
    """A sealing key: its generations, and how many values are of each."""

    purpose: str
    generations: tuple[GenerationView, ...]
    values: Mapping[int, int]


@contextmanager
def keepers(folder: Path, system: str = "") -> Iterator[Mapping[str, Keeper]]:
    """The blocks of a node that seal, by the purpose of their key; `system` limits what of the registry is counted and
    sealed. Raises: NotANode."""
    with on_node(folder) as urls:
        yield wired(urls, system)


def wired(urls: DatabaseUrls, system: str = "") -> Mapping[str, Keeper]:
    """The same where Django is set up."""
    from yiwang.blocks.delivery import public as delivery
    from yiwang.blocks.exchange import public as exchange
    from yiwang.blocks.identity import public as identity
    from yiwang.blocks.registry import public as registry

    def fields() -> Mapping[int, int]:
        with registry.owner_connection(urls.owner) as connection:
            return registry.sealed_values(connection, system)

    def sealed(generation: int, tell: Tell) -> tuple[int, int]:
        with registry.owner_connection(urls.owner) as connection:
            done = registry.reseal_fields(connection, generation, system, tell)
        return done.values, done.broken

    return {
        identity.SEALING: Keeper(
            (identity.SEALING,), identity.sealed_secrets, lambda _, __: (identity.reseal_secrets(), 0)
        ),
        exchange.SEALING: Keeper(
            (exchange.SEALING,), exchange.sealed_passwords, lambda _, __: (exchange.reseal_passwords(), 0)
        ),
        delivery.TARGET_SEALING: Keeper(
            (delivery.TARGET_SEALING,), delivery.sealed_targets, lambda _, __: delivery.reseal_targets()
        ),
        delivery.QUARANTINE_SEALING: Keeper(
            (delivery.QUARANTINE_SEALING,), delivery.sealed_rows, lambda _, tell: delivery.reseal_rows(tell)
        ),
        registry.SEALING: Keeper((registry.SEALING, registry.FINDING), fields, sealed),
    }


def signing_keys(folder: Path) -> tuple[KeyRecord, ...]:
    """The keys that sign or signed evidence, the oldest first."""
    return FileKeyProvider(NodeFolder(folder).keys).describe(EVIDENCE)


def rotate_signing(folder: Path) -> KeyRecord:
    """A new key signs evidence from the next start of the gateways on; the old one counts for a day more."""
    return FileKeyProvider(NodeFolder(folder).keys).rotate(EVIDENCE)


def states(found: Mapping[str, Keeper]) -> tuple[SealingState, ...]:
    """Every sealing key with its generations."""
    from yiwang.blocks.sealing.public import generations

    return tuple(
        SealingState(purpose, generations(purpose), keeper.count()) for purpose, keeper in found.items()
    )


def rotate(found: Mapping[str, Keeper], purpose: str, now: datetime) -> int:
    """A new key seals from now on; gives its generation. Raises: KeyUnknown."""
    from yiwang.blocks.sealing.public import begin_generation

    keeper_of(found, purpose)
    return begin_generation(purpose, operator_name(), now)


def reseal(found: Mapping[str, Keeper], purpose: str, now: datetime, tell: Tell) -> tuple[int, int]:
    """Seal every value of older generations anew; gives how many were, and how many could not be opened.

    Broken off, it goes on where it is begun again. Raises: KeyUnknown, SealBroken, KeyRetired.
    """
    from yiwang.blocks.sealing.public import close_older

    keeper = keeper_of(found, purpose)
    return keeper.reseal(close_older(purpose, now), tell)


def retire(found: Mapping[str, Keeper], purpose: str, generation: int, now: datetime) -> None:
    """Destroy an old key for ever.

    Raises: KeyUnknown, GenerationUnknown, GenerationPresent, GenerationInUse.
    """
    from yiwang.blocks.sealing.public import retire_generation

    keeper = keeper_of(found, purpose)

    def destroy(number: int) -> None:
        for name in keeper.names:
            retire_sealing_key(key_name(name, number))

    retire_generation(purpose, generation, operator_name(), now, keeper.count, destroy)


def keeper_of(found: Mapping[str, Keeper], purpose: str) -> Keeper:
    """The block that seals by a key. Raises: KeyUnknown."""
    from yiwang.blocks.sealing.public import KeyUnknown

    keeper = found.get(purpose)
    if keeper is None:
        raise KeyUnknown(purpose=purpose, known=[EVIDENCE, *found])
    return keeper
