"""What the cockpit calls the values that figures over the journal are split by."""

from __future__ import annotations

import pytest
from django.utils import translation

from yiwang.blocks.registry.public import Dimension, Label
from yiwang.portal.cockpit.words import Naming

NAMES = Naming({}, {"item:1001": "最低生活保障对象认定"})


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("call_kind", "verify", "核验"),
        ("call_kind", "table", "库表交付"),
        ("outcome", "failed", "故障未应答"),
        ("refusal", "purpose-not-allowed", "用途不在授权内"),
        ("refusal", "a-code-of-a-later-release", "a-code-of-a-later-release"),
        ("refusal", None, "未被拒绝"),
        ("purpose", "item:1001", "最低生活保障对象认定"),
        ("purpose", "item:1002", "item:1002"),
        ("purpose", "law:decree-809", "《政务数据共享条例》（国务院令第809号）"),
        ("purpose", None, "未填"),
    ],
)
def test_values_of_calls_have_words(kind: str, value: str | None, said: str) -> None:
    with translation.override("zh-hans"):
        assert NAMES.of(Dimension(path=kind, title=Label(kind), kind=kind), value) == said
