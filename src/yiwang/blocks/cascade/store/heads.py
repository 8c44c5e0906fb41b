"""Tree heads between nodes: ours as they are given, those of others as they are kept and compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from yiwang.blocks.cascade.domain.card import Card
from yiwang.blocks.cascade.domain.heads import judge
from yiwang.blocks.cascade.domain.pages import Damage, LogPart
from yiwang.blocks.cascade.store.alarms import raise_alarm
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.models import KnownHead, Looked
from yiwang.blocks.journal.public import Finding, check_window, compare_held, consistency, heads
from yiwang.vocabulary.evidence import SignedHead, parse_head


def own_logs(
    kept: Mapping[str, int], leaves: Sequence[tuple[str, int, str]], holder: str, now: datetime
) -> tuple[tuple[LogPart, ...], tuple[str, ...]]:
    """Our logs for a peer that keeps heads of these sizes, with what a look at the next stretch of each finds.

    `leaves` (log, index, hash) are what the peer `holder` holds of them. Also the names of logs that it knows and we
    do not have.
    """
    parts: list[LogPart] = []
    for latest in heads():
        head = parse_head(latest.head)
        log = head.log
        held = {index: hashed for its, index, hashed in leaves if its == log}
        damages = (*_look(log, now), *_differing(log, held, holder, now))
        old = kept.get(log, 0)
        first, proof = _continued(log, old, head.size) if old else (None, None)
        parts.append(LogPart(log, latest, first, proof, damages))
    return tuple(parts), tuple(sorted(set(kept) - {part.log for part in parts}))


def kept_sizes(of: str) -> dict[str, int]:
    """The size of the latest head kept of each log of a node."""
    rows = KnownHead.objects.filter(node=of).order_by("log", "-size").distinct("log")
    return dict(rows.values_list("log", "size"))


def kept_heads(of: str) -> tuple[SignedHead, ...]:
    """Every head kept of a node's logs."""
    rows = KnownHead.objects.filter(node=of).order_by("log", "size")
    return tuple(SignedHead(head, signature) for head, signature in rows.values_list("head", "signature"))


def compare(
    card: Card, parts: Sequence[LogPart], gone: Sequence[str], now: datetime
) -> list[tuple[str, Damage]]:
    """Keep a peer's heads, or raise the alarm where they do not continue those kept before. As the platform.

    Returns what is damaged, by log.
    """
    told: list[tuple[str, Damage]] = []
    for part in parts:
        last = KnownHead.objects.filter(node=card.node, log=part.log).order_by("-size").first()
        known = SignedHead(last.head, last.signature) if last else None
        head, damages = judge(card, part, known)
        for one in (*damages, *part.damages):
            _raise(card.node, part.log, one, now)
            told.append((part.log, one))
        if head is not None and not damages and (last is None or head.size > last.size):
            KnownHead.objects.get_or_create(
                node=card.node, log=part.log, size=head.size,
                defaults={"head": part.latest.head, "signature": part.latest.signature, "at": now},
            )  # fmt: skip
    for log in gone:
        size = kept_sizes(card.node).get(log, 0)
        zh, en = (
            f"日志整个不见了，这里保留的树头表明曾有 {size} 条。",
            f"The log is gone; a head kept here shows {size} leaves.",
        )
        _raise(card.node, log, Damage("log-missing", zh, en, 0, size), now)
    return told


def _raise(of: str, log: str, one: Damage, now: datetime) -> None:
    raise_alarm(of, log, one.kind, now, zh=one.zh, en=one.en, start=one.start, stop=one.stop, index=one.index)


def _continued(log: str, old: int, new: int) -> tuple[SignedHead | None, tuple[str, ...] | None]:
    """Our head of size `old` as it is now, and the proof from it to that of size `new`; None where it cannot be made.

    `new` is the head that is sent: the log grows meanwhile, and a proof to a later head would look like a fork.
    """
    try:
        found = consistency(log, old, new)
    except KeyError:
        return None, None
    return (found.first, tuple(found.proof)) if found is not None else (None, None)


def _look(log: str, now: datetime) -> tuple[Damage, ...]:
    """Look at the next stretch of one of our logs; damage is an alarm here too."""
    row, _ = Looked.objects.get_or_create(log=log)
    following, found = check_window(log, row.next)
    if row.next and not found:  # the end is looked at each time: it is what has just been written
        found = check_window(log, 1 << 62)[1]
    Looked.objects.filter(pk=log).update(next=following)
    damages = tuple(map(_damage, found))
    for one in damages:
        _raise(node(), log, one, now)
    return damages


def _differing(log: str, held: Mapping[int, str], holder: str, now: datetime) -> tuple[Damage, ...]:
    damages = tuple(map(_damage, compare_held(log, held, holder))) if held else ()
    for one in damages:
        _raise(node(), log, one, now)
    return damages


def _damage(found: Finding) -> Damage:
    facts = {name: value for name, value in found.facts.items() if isinstance(value, int)}
    return Damage(
        found.kind,
        found.text("zh"),
        found.text("en"),
        facts.get("start"),
        facts.get("stop"),
        facts.get("index"),
    )
