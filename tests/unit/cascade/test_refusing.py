"""What one node says when another refuses it: the cause and what to do, in both languages, once."""

from __future__ import annotations

import json
import re

import pytest

from tests.unit.cascade import saying
from yiwang.blocks.cascade.domain.errors import InvitationUnusable
from yiwang.blocks.cascade.domain.refusing import CAUSES, refused, refused_by
from yiwang.vocabulary.envelope import SignatureWrong
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.problems import problem_of

LEFT_AS_THEY_ARE = re.compile(r"gansu|\./yw cascade \w+|NTP|HTTP|\d{3} [a-z-]+")


def heard(problem: YwError, status: int = 403) -> YwError:
    return refused_by("gansu", status, json.dumps(problem_of(problem, status, "")).encode())


def reads_well(problem: YwError) -> None:
    saying.reads_well(problem, LEFT_AS_THEY_ARE)
    assert problem.text("en").count("refuses") == 1


@pytest.mark.parametrize("cause", sorted(CAUSES))
def test_every_cause_is_said_once_and_heard_as_it_was_said(cause: str) -> None:
    said = refused("gansu", cause)
    reads_well(said)
    found = heard(said)
    assert (found.text("zh"), found.mend("en")) == (said.text("zh"), said.mend("en"))
    assert found.facts["reason"] == cause


def test_an_unknown_key_says_what_to_do() -> None:
    found = heard(refused("gansu", "key"))
    assert (
        found.text("en") == "gansu refuses: the key that signed the request is unknown there, or out of date."
    )
    assert "./yw cascade card" in found.mend("zh")


def test_a_request_that_is_not_taken_for_a_peers_has_a_cause_too() -> None:
    assert heard(SignatureWrong(), 401).facts["reason"] == "signature"
    stale = json.dumps({"code": "signature-stale", "detail_en": "x."}).encode()
    assert refused_by("gansu", 401, stale).facts["reason"] == "clock"
    reads_well(refused_by("gansu", 401, stale))


def test_another_error_of_the_other_side_keeps_its_words_in_each_language() -> None:
    found = heard(InvitationUnusable())
    reads_well(found)
    assert "The invitation cannot be used" in found.text("en")
    assert "邀请码不能用" in found.text("zh")


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>", b"[]", b"null", b'{"code": 3}', b'{"code": "x"}', b'{"code": "x", "detail": 5}', b"\xff",
     b'{"code": "cascade-peer-refused", "reason": "new-one", "detail": "old words", "detail_en": "n refuses: y."}'],
)  # fmt: skip
def test_an_answer_that_says_nothing_useful_names_its_status(answer: bytes) -> None:
    found = refused_by("gansu", 502, answer)
    reads_well(found)
    assert "502" in found.text("zh")
