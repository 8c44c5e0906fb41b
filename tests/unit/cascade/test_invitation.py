"""An invitation is read before anybody is asked; whatever is no invitation, or leads astray, is refused alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.cascade.domain.errors import InvitationUnusable
from yiwang.blocks.cascade.domain.invitation import Invited, read_invitation, write_invitation

KID = "ab" * 16
SECRET = "s" * 32


def invited(url: str) -> str:
    return write_invitation(Invited(url, "nation", KID, SECRET))


def test_what_was_written_is_read() -> None:
    assert read_invitation(f"  {invited('https://nation.example:8443')}\n") == Invited(
        "https://nation.example:8443", "nation", KID, SECRET
    )


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://nation.example", "http://", "http://a:b@nation.example", "http://nation.example?x=1",
        "http://nation.example#x", "http://169.254.169.254", "http://[fe80::1]", "http://0.0.0.0", "http://224.0.0.1",
        "http://nation.example:notaport", "http://[::1",
    ],
)  # fmt: skip
def test_an_address_that_leads_astray_is_refused(url: str) -> None:
    with pytest.raises(InvitationUnusable):
        read_invitation(invited(url))


@given(st.text(max_size=300))
def test_any_other_text_is_refused(text: str) -> None:
    for one in (text, f"yw-join.{text}"):
        with pytest.raises(InvitationUnusable):
            read_invitation(one)
