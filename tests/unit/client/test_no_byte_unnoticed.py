"""No character inside any string of a bundle can change unnoticed by the one-file verifier."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.client.bundles import SUITE_NAMES, by_binding, made
from yiwang.client import verifier


def changed(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, str]]:
    """The text with one character inside a string, or one digit outside, changed, for each of them."""
    inside = False
    for at, char in enumerate(text):
        if char == '"' and text[at - 1] != "\\":
            inside = not inside
        elif (inside or char.isdigit()) and start <= at < (end or len(text)):
            other = char.swapcase() if at % 2 and char.isalpha() and char.isascii() else chr(ord(char) ^ 1)
            if other not in ('"', "\\"):
                yield at, text[:at] + other + text[at + 1 :]


@pytest.mark.parametrize("suite", SUITE_NAMES)
def test_no_character_inside_any_string_can_change_unnoticed(
    suite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle, trust = made(suite)
    text = bundle.to_json().decode()
    monkeypatch.setattr(verifier._Judge, "signed", by_binding)
    assert verifier.verify(text.encode(), trust).exit_code == 0
    unnoticed = [
        text[max(0, at - 20) : at + 5]
        for at, other in changed(text)
        if verifier.verify(other.encode(), trust).exit_code == 0
    ]
    assert unnoticed == []


@pytest.mark.parametrize("suite", SUITE_NAMES)
@pytest.mark.parametrize("member", ["signature", "request.signature"])
def test_no_character_of_a_signature_can_change_unnoticed_by_openssl(suite: str, member: str) -> None:
    bundle, trust = made(suite)
    text = bundle.to_json().decode()
    value = bundle.signature if member == "signature" else bundle.request.signature
    start = text.rindex(f'"{value}"') + 1
    # the other signature is true all the time, so it is asked about once
    unnoticed = []
    for at, other in list(changed(text, start, start + len(value)))[::3]:
        report = verifier.verify(other.encode(), trust)
        if report.exit_code == 0:
            unnoticed.append(at)
    assert unnoticed == []
