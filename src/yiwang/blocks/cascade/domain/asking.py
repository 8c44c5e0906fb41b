"""What is wrong with a request to another node, seen from here; its owner looks again."""

from __future__ import annotations

from collections.abc import Sequence

from yiwang.blocks.cascade.domain.bodies import EntryBody
from yiwang.vocabulary.delivering import CHANGES
from yiwang.vocabulary.forms import Problem

STATES: dict[str, tuple[str, str]] = {
    "sent": ("已送出", "on its way"),
    "submitted": ("待审查", "under formal review"),
    "returned": ("已退回", "returned"),
    "rejected": ("审查不通过", "rejected"),
    "deciding": ("待提供方答复", "with the provider"),
    "granted": ("已授权", "granted"),
    "refused": ("已拒绝", "refused"),
    "withdrawing": ("撤回中", "being withdrawn"),
    "withdrawn": ("已撤回", "withdrawn"),
}
UNDER_WAY: frozenset[str] = frozenset({"sent", "submitted", "returned", "deciding"})
"""While it can be withdrawn; `returned` can be changed and handed in again."""
AGAIN: frozenset[str] = frozenset({"granted", "rejected", "refused", "withdrawn"})
"""When it can be asked anew with the same words: a renewal, or a second try."""


def problems(
    entry: EntryBody, *, modes: Sequence[str], fields: Sequence[str], lookups: Sequence[str], purposes: int,
    reason: str, ways: Sequence[str] = (),
) -> tuple[Problem, ...]:  # fmt: skip
    """Everything that can be seen here, in the order of the form. `purposes` is how many were given, `ways` those of a table."""
    known = {item.name: item for item in entry.items if item.served}
    needs_items = set(modes) != {"file"}
    found: list[Problem] = []
    if entry.share_type == "none":
        found.append(Problem("modes", "这项资源不予共享。", "This resource is not shared."))
    elif not modes or set(modes) - set(entry.modes):
        found.append(Problem("modes", "选择这项资源提供的使用方式。", "Choose a way in which it is served."))
    if not known and needs_items:
        found.append(
            Problem("fields", "这项资源还没有接通，不能申请。", "This resource is not connected yet.")
        )
    if needs_items and (not fields or set(fields) - set(known)):
        found.append(Problem("fields", "选择要使用的数据项。", "Choose the items to use."))
    if set(modes) - {"file", "table"} and (not lookups or set(lookups) - set(known)):
        found.append(Problem("lookups", "选择按什么查询。", "Choose what to look up by."))
    if CHANGES in ways:
        found.append(
            Problem(
                "ways",
                "变更随变随送不能跨节点。请选整表、只取新增和变化，或逐行比对。",
                "Each change as it happens cannot be had from another node: choose whole, what is new, or compared.",
            )
        )
    if not purposes:
        found.append(Problem("purposes", "写明用途。", "State the purpose."))
    if len(reason.strip()) < 10:
        found.append(
            Problem("reason", "写明理由，至少 10 个字。", "Give the reason, in at least 10 characters.")
        )
    return tuple(found)
