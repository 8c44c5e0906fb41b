"""The proof as a drawing: from the leaf at the bottom, sibling by sibling, to the root and the signature on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from yiwang.vocabulary.crypto import suite
from yiwang.vocabulary.merkle import leaf_hash, node_hash

WIDTH, ROW, BOX_WIDTH, BOX_HEIGHT = 560, 60, 136, 30
MIDDLE = WIDTH // 2
SIDE = 190
"""How far left or right of the middle a sibling stands."""


def short(digest: str) -> str:
    """9f3c12…a071"""
    return f"{digest[:6]}…{digest[-4:]}" if len(digest) > 12 else digest


@dataclass(frozen=True)
class Step:
    """One step: the sibling on its side, and the hash that both make."""

    number: int
    side: Literal["left", "right"]
    sibling: str
    result: str
    y: int

    @property
    def sibling_short(self) -> str:
        """The sibling, shortened."""
        return short(self.sibling)

    @property
    def result_short(self) -> str:
        """The hash of both, shortened."""
        return short(self.result)

    @property
    def x(self) -> int:
        """Middle of the sibling's box."""
        return MIDDLE - SIDE if self.side == "left" else MIDDLE + SIDE

    @property
    def box_x(self) -> int:
        """Left edge of the sibling's box."""
        return self.x - BOX_WIDTH // 2

    @property
    def top(self) -> int:
        """Upper edge of the boxes of this row."""
        return self.y - BOX_HEIGHT // 2

    @property
    def up(self) -> int:
        """Middle of the row above, where the hash of both stands."""
        return self.y - ROW

    @property
    def join(self) -> int:
        """Where the two meet, half-way up."""
        return self.y - ROW // 2


@dataclass(frozen=True)
class MerklePath:
    """The whole path. `fits`: it ends at the root that the head names."""

    leaf: str
    root: str
    index: int
    size: int
    steps: tuple[Step, ...]
    fits: bool

    @property
    def leaf_short(self) -> str:
        """The leaf's hash, shortened."""
        return short(self.leaf)

    @property
    def root_short(self) -> str:
        """The root, shortened."""
        return short(self.root)

    @property
    def upwards(self) -> tuple[Step, ...]:
        """Steps from the root down, as the table of the page reads like the drawing."""
        return tuple(reversed(self.steps))

    @property
    def height(self) -> int:
        """Height of the drawing."""
        return (len(self.steps) + 2) * ROW + 20

    @property
    def leaf_y(self) -> int:
        """Middle of the leaf's row."""
        return self.height - ROW // 2 - 10

    @property
    def root_y(self) -> int:
        """Middle of the root's row."""
        return self.leaf_y - len(self.steps) * ROW

    @property
    def head_y(self) -> int:
        """Middle of the signature's row."""
        return self.root_y - ROW

    @property
    def leaf_top(self) -> int:
        """Upper edge of the leaf's box."""
        return self.leaf_y - BOX_HEIGHT // 2

    @property
    def leaf_note(self) -> int:
        """Line of the words under the leaf."""
        return self.leaf_y + BOX_HEIGHT - 4

    @property
    def root_top(self) -> int:
        """Upper edge of the root's box."""
        return self.root_y - BOX_HEIGHT // 2

    @property
    def head_top(self) -> int:
        """Upper edge of the signature's box."""
        return self.head_y - BOX_HEIGHT // 2


def merkle_path(
    suite_name: str, leaf_text: str, index: int, size: int, proof: Sequence[str], root: str
) -> MerklePath:
    """Follow an inclusion proof (RFC 9162 §2.1.3.2), keeping what each step makes."""
    chosen = suite(suite_name)
    value = leaf_hash(chosen, leaf_text.encode("utf-8"))
    leaf, at, last = value.hex(), index, size - 1
    height = (len(proof) + 2) * ROW + 20
    steps: list[Step] = []
    whole = 0 <= index < size
    for number, text in enumerate(proof, 1):
        whole = whole and last != 0
        sibling = bytes.fromhex(text)
        left = bool(at & 1) or at == last
        value = node_hash(chosen, sibling, value) if left else node_hash(chosen, value, sibling)
        if left:
            while not at & 1 and at:
                at >>= 1
                last >>= 1
        at >>= 1
        last >>= 1
        y = height - ROW // 2 - 10 - (number - 1) * ROW
        steps.append(Step(number, "left" if left else "right", text, value.hex(), y))
    return MerklePath(leaf, root, index, size, tuple(steps), whole and last == 0 and value.hex() == root)
