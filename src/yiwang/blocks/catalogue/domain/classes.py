"""Classification 类 and 项 of 编制指南 §4: the node's list is data that the data bureau edits.

The two-digit codes follow the order of the guide, except that 306 stands for the provinces and the levels below,
as in codes in use; the national assignment is not published with the guide, which is why the list is data.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ResourceClass:
    """A 类 (one digit) or 项 (three digits: its 类 and two of its own)."""

    code: str
    zh: str
    en: str
    retired: bool = False
