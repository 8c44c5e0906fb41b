"""The event journal between two nodes: what is damaged, out of order or not signed is refused as a whole."""

from __future__ import annotations

import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.cascade.domain.card import (
    Card,
    CardKey,
    SignedCard,
    check_join,
    first_card,
    next_card,
    sign_card,
)
from yiwang.blocks.cascade.domain.errors import (
    CardMalformed,
    FingerprintDiffers,
    JournalForked,
    LevelWrong,
    PageRefused,
    ZoneDiffers,
)
from yiwang.blocks.cascade.domain.events import START, Event, Run, prove_run, read_seal, seal_run
from yiwang.blocks.cascade.domain.leases import owned, prove_lease, sign_lease
from yiwang.vocabulary.crypto import ED25519, SigningKey, generate

KEY, OTHER = generate(ED25519), generate(ED25519)
NOW = int(time.time())


def card(key: SigningKey = KEY, *more: SigningKey, **changed: object) -> Card:
    import base64

    keys = tuple(
        CardKey("cascade", one.kid, "ed25519", base64.b64encode(one.public.spki_der).decode(), NOW - 100)
        for one in (key, *more)
    )
    made = Card(
        node="gansu", title="甘肃", level="province", zone="extranet", url="http://a.example", gateway="http://a.example",
        keys=keys, sequence=1, issued=NOW,
    )  # fmt: skip
    return msgspec.structs.replace(made, **changed)


def texts(count: int, start: int = 1) -> list[str]:
    return [
        Event(
            body={"n": n}, id=f"gansu-{n}", kind="statistics", origin="gansu", subject=str(n),
            time="2026-11-29T00:00:00Z",
        ).text()
        for n in range(start, start + count)
    ]  # fmt: skip


def run(first: int = 1, previous: str = START, count: int = 3, key: SigningKey = KEY) -> Run:
    return seal_run(
        key,
        source="gansu",
        target="lanzhou",
        first=first,
        previous=previous,
        texts=texts(count, first),
        time=NOW,
    )


def taken(one: Run, got: int = 0, previous: str = START) -> object:
    return prove_run(one, card=card(), here="lanzhou", got=got, previous=previous)


def test_a_sealed_run_is_taken_in_sequence_and_a_repeated_one_ignored() -> None:
    first = run()
    proven = prove_run(first, card=card(), here="lanzhou", got=0, previous=START)
    assert proven is not None
    assert [one.subject for one in proven.events] == ["1", "2", "3"]
    assert taken(first, got=3, previous=proven.seal.hash) is None
    second = run(4, proven.seal.hash)
    assert taken(second, got=3, previous=proven.seal.hash) is not None


def test_a_run_that_comes_too_early_is_refused() -> None:
    with pytest.raises(PageRefused, match="1 is next"):
        taken(run(4, read_seal(run().seal).hash))


def test_a_signed_history_that_does_not_continue_the_known_one_is_a_fork() -> None:
    with pytest.raises(JournalForked):
        taken(run(4, "1" * 64), got=3, previous="2" * 64)


def test_a_run_for_another_node_or_by_another_key_is_refused() -> None:
    with pytest.raises(PageRefused):
        prove_run(run(), card=card(), here="tianshui", got=0, previous=START)
    with pytest.raises(PageRefused, match="not pinned"):
        taken(run(key=OTHER))


def test_a_shortened_or_reordered_run_is_refused() -> None:
    made = run()
    for events in (made.events[:2], made.events[::-1], (*made.events, made.events[0])):
        with pytest.raises(PageRefused):
            taken(Run(made.seal, made.signature, tuple(events)))


@given(st.integers(0, 10_000), st.integers(0, 7), st.sampled_from(["seal", "signature", "events"]))
def test_a_flipped_bit_anywhere_is_refused(place: int, bit: int, part: str) -> None:
    made = run()
    text = made.events[1] if part == "events" else getattr(made, part)
    at = place % len(text)
    flipped = text[:at] + chr(ord(text[at]) ^ (1 << bit)) + text[at + 1 :]
    events = (made.events[0], flipped, made.events[2]) if part == "events" else made.events
    damaged = Run(
        flipped if part == "seal" else made.seal, flipped if part == "signature" else made.signature, events
    )
    if part == "signature" and flipped.lower() == text:
        return  # hexadecimal in capitals is the same signature
    with pytest.raises(PageRefused):
        taken(damaged)


def test_a_card_is_believed_by_its_fingerprint_and_later_by_a_pinned_key() -> None:
    signed = sign_card(card(), KEY)
    known = first_card(signed, KEY.kid)
    with pytest.raises(FingerprintDiffers):
        first_card(signed, OTHER.kid)
    later = card(KEY, OTHER, sequence=2)
    assert next_card(sign_card(later, KEY), known).key(OTHER.kid) is not None
    with pytest.raises(CardMalformed, match="not pinned"):
        next_card(sign_card(later, OTHER), known)
    with pytest.raises(CardMalformed, match="not later"):
        next_card(signed, known)
    with pytest.raises(CardMalformed, match="fixed"):
        next_card(sign_card(card(zone="internet", sequence=3), KEY), known)
    with pytest.raises(CardMalformed):
        first_card(SignedCard(signed.card.replace("甘肃", "甘素"), signed.kid, signed.signature), KEY.kid)


def test_zone_and_level_decide_who_may_join_whom() -> None:
    nation = card(node="nation", level="nation")
    check_join(nation, card())
    with pytest.raises(ZoneDiffers):
        check_join(nation, card(zone="internet"))
    with pytest.raises(LevelWrong):
        check_join(card(), card(node="other"))


def test_a_lease_answers_its_own_request_and_is_never_longer_than_what_is_left_above() -> None:
    owners = owned("gansu", {"nation": 1000.0, "gone": 899.0}, 970.0)
    assert owners == {"gansu": 60, "nation": 30}
    signed = sign_lease(KEY, source="gansu", target="lanzhou", through=7, owners=owners, request="a" * 64)
    lease = prove_lease(signed, card=card(), here="lanzhou", request="a" * 64, now=NOW)
    assert lease.owners == owners
    with pytest.raises(PageRefused, match="another request"):
        prove_lease(signed, card=card(), here="lanzhou", request="b" * 64, now=NOW)
    with pytest.raises(PageRefused):
        prove_lease(
            msgspec.structs.replace(signed, lease=signed.lease.replace('"nation":30', '"nation":60')),
            card=card(), here="lanzhou", request="a" * 64, now=NOW,
        )  # fmt: skip
