"""Heads that others kept, against the log as it is now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from yiwang.blocks.journal.domain.audit.report import Report
from yiwang.blocks.journal.domain.audit.streams import Leaves
from yiwang.blocks.journal.domain.audit.trees import AuditTree
from yiwang.vocabulary.evidence import Head, SignedHead, parse_head
from yiwang.vocabulary.evidence.errors import EvidenceError


@dataclass(frozen=True, slots=True)
class Witness:
    """A head kept outside the log; `source` says by whom, in the middle of a sentence."""

    source: str
    signed: SignedHead


class Kept:
    """The retained heads of one log, used up as the walk passes their sizes."""

    def __init__(
        self,
        retained: Sequence[Witness],
        node: str,
        fault: Callable[[Head, SignedHead], str],
        report: Report,
    ) -> None:
        """Heads of other logs are passed over; those in which `fault` finds something are noted."""
        self._report = report
        self._known: dict[int, list[tuple[Head, Witness]]] = {}
        for one in retained:
            try:
                head = parse_head(one.signed.head)
            except EvidenceError:
                continue
            if (head.node, head.log) != (node, report.log):
                continue
            if fault(head, one.signed):
                report.note("retained-head-unusable", size=head.size)
            else:
                self._known.setdefault(head.size, []).append((head, one))

    def compare(
        self, head: Head, signed: SignedHead, last: Head | None, tree: AuditTree | None, leaves: Leaves
    ) -> None:
        """Those up to the size of `head`, which follows `last`; `tree` is that of `last`, None when it is not sure."""
        for size in sorted(one for one in self._known if one <= head.size):
            for known, witness in self._known.pop(size):
                if known.epoch < head.epoch and (last is None or known.size > last.size):
                    self._report.note("lost-in-restore", size=size)
                elif size == head.size and known.epoch == head.epoch:
                    if witness.signed.head != signed.head:
                        self._report.damage("head-differs", size=size)
                elif tree is not None:
                    self._between(known, head, tree, leaves)

    def _between(self, known: Head, head: Head, tree: AuditTree, leaves: Leaves) -> None:
        """A head that the log has not got: do the leaves that are there give its root?"""
        hashes = [row.computed for row in leaves.below(known.size)]
        if len(hashes) != known.size - tree.size or tree.root_with(hashes).hex() != known.root:
            self._report.damage("history-rewritten", start=tree.size, size=known.size)
        else:
            self._report.damage("head-deleted", start=tree.size, stop=head.size)

    def end(self) -> None:
        """Those past the last head."""
        for size in sorted(self._known):
            for known, witness in self._known[size]:
                if known.epoch < self._report.epoch:
                    self._report.note("lost-in-restore", size=size)
                else:
                    source = witness.source
                    self._report.damage("log-shortened", size=self._report.size, known=size, source=source)
