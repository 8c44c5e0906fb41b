"""A key is destroyed only when another seals and nothing is left that it alone opens."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from yiwang.blocks.sealing.domain.errors import GenerationInUse, GenerationPresent, GenerationUnknown
from yiwang.blocks.sealing.domain.generations import GenerationView, check_retirement

NOW = datetime(2026, 11, 20, tzinfo=UTC)
KNOWN = {number: GenerationView("registry", number, NOW, "operator") for number in (1, 2, 3)}


def test_an_old_key_without_values_goes() -> None:
    check_retirement("registry", 1, KNOWN, {2: 5, 3: 7})
    check_retirement("registry", 2, KNOWN, {1: 5})


def test_the_present_key_a_used_one_and_an_unknown_one_stay() -> None:
    with pytest.raises(GenerationPresent):
        check_retirement("registry", 3, KNOWN, {})
    with pytest.raises(GenerationInUse) as caught:
        check_retirement("registry", 2, KNOWN, {2: 41})
    assert "41" in caught.value.text("en")
    for number in (0, 4):
        with pytest.raises(GenerationUnknown):
            check_retirement("registry", number, KNOWN, {})
