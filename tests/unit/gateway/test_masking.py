"""What a masked value still shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.dataplane.masking import MASKS, MaskUnknown, mask


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("id_number", "11010519491231002X", "110105********002X"),
        ("id_number", "1101051949", "**********"),
        ("name", "王敏", "王*"),
        ("name", "欧阳修远", "欧***"),
        ("name", "王", "王*"),
        ("name", "Li Ming", "L* M***"),
        ("phone", "13812345678", "138****5678"),
        ("phone", "0531-86601234", "0531-8660****"),
        ("phone", "110", "***"),
        ("address", "云泽省澜州市云港区中山路 18 号 3 单元", "云泽省澜州市云港区****"),
        ("address", "somewhere", "****"),
        ("email", "chen.chen@example.cn", "c***@example.cn"),
        ("email", "nothing", "****"),
        ("bank_account", "6222020200112345678", "***************5678"),
        ("year_only", "1949-12-31", "1949"),
        ("year_only", "19491231", "1949"),
        ("year_only", "unknown", "****"),
        ("hidden", "anything", "****"),
        ("last_four", "123456", "**3456"),
    ],
)
def test_a_mask_shows_the_customary_part(kind: str, value: str, shown: str) -> None:
    assert mask(kind)(value) == shown


@given(st.sampled_from(sorted(MASKS)), st.text(max_size=60))
def test_a_mask_never_fails_and_never_shows_the_whole_of_a_value(kind: str, value: str) -> None:
    shown = mask(kind)(value)
    assert isinstance(shown, str)
    hides = any(character not in "* " for character in value)
    if kind in ("hidden", "id_number", "last_four", "bank_account") and hides and len(value) > 0:
        assert shown != value or "*" in value


def test_an_unknown_mask_is_an_error_and_not_no_mask() -> None:
    with pytest.raises(MaskUnknown):
        mask("none")
