"""The walk over one log: every leaf, every head, the node table, acknowledgements, heads kept by others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise

from yiwang.blocks.journal.domain.audit.intervals import LARGEST, Read, Solved, solve
from yiwang.blocks.journal.domain.audit.kept import Kept, Witness
from yiwang.blocks.journal.domain.audit.report import Report
from yiwang.blocks.journal.domain.audit.rows import HeadRow, LeafRow, LogRows
from yiwang.blocks.journal.domain.audit.streams import Acks, Leaves, Nodes, Order
from yiwang.blocks.journal.domain.audit.trees import AuditTree, Completed
from yiwang.blocks.journal.domain.coding import HeadCoder, is_code
from yiwang.blocks.journal.domain.proofs import NODE_LEVEL
from yiwang.vocabulary.crypto import SUITES
from yiwang.vocabulary.evidence import (
    Head,
    Recovery,
    SignedHead,
    Trust,
    parse_head,
    parse_instant,
    parse_leaf,
    verify_head,
)
from yiwang.vocabulary.evidence.errors import EvidenceError
from yiwang.vocabulary.merkle import leaf_hash

Progress = Callable[[str, int], None]
"""Told now and then: the log and the leaves walked."""
EVERY = 5000
UNKNOWN = b"\0" * 32
HELD = 1 << 16
UNSIGNED_SECONDS = 60.0
"""How old a head may be that nobody can check: a writer signs within a fraction of a second."""


class LogWalk:
    """One pass over a log in bounded memory: an interval, the tree's peaks, and what follows a loss are held."""

    def __init__(
        self,
        rows: LogRows,
        trust: Trust,
        retained: Sequence[Witness],
        progress: Progress,
        *,
        coder: HeadCoder | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`retained` are heads that others kept; those of other logs are passed over.

        `coder` compares the codes of heads that were stored without a signature; without it they are taken as they stand,
        and only those that a signed head follows count.
        """
        self.report = Report(rows.name)
        self._rows = rows
        self._trust = trust
        self._suite = SUITES[rows.suite]
        self._progress = progress
        self._tree = AuditTree(self._suite)
        self._leaves = Leaves(self._read(rows.leaves()))
        self._nodes = Nodes(rows.nodes())
        self._acks = Acks(rows.acks())
        self._order = Order()
        self._coder = coder
        self._clock = clock
        self._signed = 0
        self._kept = Kept(retained, rows.node, self._fault, self.report)
        self._recoveries: dict[int, Recovery] = {}
        self._moved: set[int] = set()
        self._last: Head | None = None
        self._chain: str | None = None
        self._chain_broken = False
        self._lost: _Loss | None = None

    def run(self) -> Report:
        """Walk to the end; gives the report."""
        for row in self._rows.heads():
            self._head(row)
        self._end()
        return self.report

    def _head(self, row: HeadRow) -> None:
        report = self.report
        report.heads += 1
        try:
            head = parse_head(row.signed.head)
        except EvidenceError:
            report.damage("head-malformed", size=row.size)
            self._chain_broken = True
            return
        coded = is_code(row.signed.signature)
        wrong = "" if coded and self._coder is None else self._fault(head, row.signed)
        digest = self._suite.digest(row.signed.head.encode()).hex()
        if wrong or (head.size, head.epoch, head.log) != (row.size, row.epoch, report.log):
            report.damage("head-forged", size=row.size, reason=wrong or "columns-differ")
            self._chain, self._chain_broken = digest, True
            return
        if head.previous != self._chain and not self._chain_broken:
            report.damage("head-deleted", start=self._last.size if self._last else 0, stop=head.size)
        self._chain, self._chain_broken = digest, False
        self._kept.compare(
            head, row.signed, self._last, self._tree if self._lost is None else None, self._leaves
        )
        if head.size > self._tree.size:
            self._interval(head)
        self._epoch(head)
        self._last = head
        report.size, report.epoch = head.size, head.epoch
        if not coded:
            self._signed = head.size

    def _fault(self, head: Head, signed: SignedHead) -> str:
        """What is wrong with what stands under a head: empty where it is a signature, or the node's code."""
        if is_code(signed.signature):
            right = self._coder is not None and self._coder.is_right(
                signed.head, signed.signature, head.suite
            )
            return "" if right else "head-code-wrong"
        wrong = verify_head(head, signed.signature, self._trust)
        return wrong[0].code if wrong else ""

    def _interval(self, head: Head) -> None:
        """Take the leaves up to the head into the tree and compare its root."""
        start, report = self._tree.size, self.report
        rows = self._leaves.take_below(head.size)
        acks = self._acks.below(head.size)
        if len(rows) < head.size - start:
            present = {row.index - self._leaves.shift: row.computed for row in rows}
            for index in [one for one in range(start, head.size) if one not in present][:1000]:
                report.damage("leaf-deleted", index=index)
            hashes = [present.get(one) or acks.get(one) or UNKNOWN for one in range(start, head.size)]
            self._take(hashes, head, start, found=self._tree.root_with(hashes).hex() == head.root)
            return
        after = self._leaves.peek()
        solved = solve(self._tree, rows, bytes.fromhex(head.root), acks, [after] if after else [])
        if solved is None:
            if self._lost is None:
                report.damage("interval-changed", start=start, stop=head.size)
            self._take([row.computed for row in rows], head, start, found=False)
            return
        self._name(solved, start)
        if solved.crossed:
            report.damage("leaves-swapped", index=head.size - 1, other=head.size)
            self._leaves.exchange(rows[-1])
        for index, told in acks.items():
            if solved.hashes[index - start] != told:
                report.damage("ack-differs", index=index)
        self._take(solved.hashes, head, start, found=True)

    def _name(self, solved: Solved, start: int) -> None:
        report, shift = self.report, self._leaves.shift
        for at in solved.changed:
            report.damage("leaf-changed", index=start + at)
        for at in solved.restored:
            report.damage("leaf-hash-changed", index=start + at)
        for one, other in pairwise(solved.moved):
            report.damage("leaves-swapped", index=start + one, other=start + other)
        if solved.inserted is not None:
            report.damage("leaf-inserted", index=start + solved.inserted + shift)
            self._leaves.take()
            self._leaves.shift += 1

    def _take(self, hashes: list[bytes], head: Head, start: int, *, found: bool) -> None:
        """Add an interval's leaves; `found`: they give the root of the head."""
        if self._lost is not None:
            if found or self._exchange(hashes, head):
                self._regain(start)
                if not found:
                    return
            else:
                self._lost.add(hashes)
        elif not found:
            self._lost = _Loss(start, head.size, self._tree.copy(), hashes)
        stand_in: dict[int, bytes] = {}
        if self._lost is not None:
            stand_in = self._nodes.roots(self._lost.start >> NODE_LEVEL, head.size >> NODE_LEVEL)
        self._check_nodes(self._tree.add(hashes, stand_in))

    def _exchange(self, hashes: list[bytes], head: Head) -> bool:
        """Whether two leaves out of order, changed back, give the head: then the tree is whole again."""
        lost = self._lost
        if lost is None or not lost.whole:
            return False
        every = [*lost.hashes, *hashes]
        suspects = [one - lost.start for one in sorted(self._moved) if 0 <= one - lost.start < len(every)]
        for one, other in combinations(suspects[:8], 2):
            tried = list(every)
            tried[one], tried[other] = tried[other], tried[one]
            if lost.tree.root_with(tried).hex() == head.root:
                self.report.damage("leaves-swapped", index=lost.start + one, other=lost.start + other)
                self._tree = lost.tree
                self._tree.add(tried, {})
                return True
        return False

    def _regain(self, start: int) -> None:
        if self._lost is not None and start > self._lost.stop and not self._lost.whole:
            self.report.note("not-singly-checked", start=self._lost.stop, stop=start)
        self._lost = None

    def _check_nodes(self, completed: Completed) -> None:
        for level, index, value in completed:
            row = self._nodes.take(level, index)
            if row is None:
                if (index + 1) << level <= self._rows.noded:
                    self.report.damage("node-changed", level=level, index=index)
            elif row.hash != value and self._lost is None:
                self.report.damage("node-changed", level=level, index=index)

    def _read(self, rows: Iterator[LeafRow]) -> Iterator[Read]:
        """Leaves with their hashes; what shows in the text alone is said here."""
        for row in rows:
            if row.index % EVERY == 0:
                self._progress(self.report.log, row.index)
            time = ""
            try:
                leaf = parse_leaf(row.text)
                time = leaf.time
                if (leaf.log, leaf.node) != (self.report.log, self._rows.node):
                    self.report.damage("leaf-foreign", index=row.index)
                elif leaf.kind == "recovery":
                    self._recoveries[row.index] = Recovery.from_detail(leaf.detail)
                self._out_of_order(self._order.see(row.index, time))
            except EvidenceError:
                self.report.damage("leaf-changed", index=row.index)
            yield Read(row.index, leaf_hash(self._suite, row.text.encode()), bytes(row.stored), time)

    def _out_of_order(self, found: tuple[int, ...]) -> None:
        self._moved.update(found)
        if len(found) == 1:
            self.report.damage("leaf-moved", index=found[0])
        elif found:
            self.report.damage("leaves-swapped", index=found[0], other=found[1])

    def _epoch(self, head: Head) -> None:
        last = self._last
        old, size, root = (
            (last.epoch, last.size, last.root) if last else (1, 0, self._suite.digest(b"").hex())
        )
        if head.epoch == old:
            return
        told = self._recoveries.get(size)
        if told is None or (told.old_size, told.old_root) != (size, root):
            self.report.damage("recovery-missing", old=old, new=head.epoch)
            return
        known = told.last_known_size if told.last_known_size is not None else size
        self.report.note("recovery", epoch=head.epoch, index=size, known=known)

    def _end(self) -> None:
        report = self.report
        left = self._leaves.peek()
        if left is not None:
            report.damage("leaves-beyond-head", index=left.index)
        while self._leaves.peek() is not None:
            self._leaves.take()
        self._out_of_order(self._order.end())
        if self._lost is not None and self._lost.stop < report.size:
            report.note("not-singly-checked", start=self._lost.stop, stop=report.size)
        self._kept.end()
        self._unsigned()
        beyond = self._acks.last()
        reach = [(row.index + 1) << row.level for row in self._nodes.rest()]
        witnesses = (
            ("the sums", self._rows.rolled),
            ("the node table", max([self._rows.noded, *reach])),
            ("an acknowledgement", beyond + 1 if beyond is not None else 0),
        )
        for name, known in witnesses:
            if known > report.size:
                report.damage("log-shortened", size=report.size, known=known, source=name)
        for row in self._nodes.odd:
            report.damage("node-changed", level=row.level, index=row.index)

    def _unsigned(self) -> None:
        """Heads at the end that no signed one follows: for a moment while the node writes, or since it was killed."""
        report, last = self.report, self._last
        if last is None or report.size <= self._signed:
            return
        if self._coder is None and self._clock() - parse_instant(last.time).timestamp() > UNSIGNED_SECONDS:
            report.damage("leaves-beyond-head", index=self._signed)
        else:
            report.note("head-not-signed-yet", start=self._signed, stop=report.size)


class _Loss:
    """From where on the tree is not sure, with what is needed to try to mend it."""

    def __init__(self, start: int, stop: int, tree: AuditTree, hashes: list[bytes]) -> None:
        self.start = start
        self.stop = stop
        self.tree = tree
        self.hashes = list(hashes)
        self.whole = len(hashes) <= LARGEST

    def add(self, hashes: list[bytes]) -> None:
        """Hold what follows, up to a limit."""
        if self.whole and len(self.hashes) + len(hashes) <= HELD:
            self.hashes += hashes
        else:
            self.whole = False
            self.hashes.clear()
