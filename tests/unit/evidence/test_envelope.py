from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.evidence.exchanges import BODY, CREATED, NODE, PURPOSE, TIME, client_key, node_key, request_of
from yiwang.vocabulary.crypto import SUITES, generate
from yiwang.vocabulary.envelope import (
    ContentDigestMismatch,
    EnvelopeError,
    HeaderMalformed,
    NodeMismatch,
    NonceMalformed,
    OutgoingRequest,
    SignatureAlgorithmMismatch,
    SignatureStale,
    SignatureWrong,
    SignedRequest,
    TargetMalformed,
    header_source,
    new_nonce,
    parse_request,
    sign_request,
)

Pairs = list[tuple[str, str]]
both = pytest.mark.parametrize("name", sorted(SUITES))


def parse(request: OutgoingRequest, pairs: Pairs | None = None) -> SignedRequest:
    headers = list(request.http_headers().items()) if pairs is None else pairs
    return parse_request(request.method, request.path, request.query, header_source(headers))


@both
def test_what_the_client_signs_the_gateway_reads(name: str) -> None:
    sent = request_of(name)
    read = parse(sent)
    assert read.base == sent.base
    assert (read.method, read.path, read.query) == ("POST", "/v1/resources/306001003%2F12/query", "")
    assert (read.node, read.purpose, read.grant) == (NODE, PURPOSE, "G-2026-000001")
    assert read.idempotency_key == "01JD6V2M3X8Q0T5W9Z4B7C1E6F"
    assert (read.kid, read.suite.name, read.created) == (client_key(name).kid, name, CREATED)
    assert read.nonce == "AAECAwQFBgcICQoLDA0ODw"
    assert read.digest() == SUITES[name].digest(sent.base)
    read.check_signature(client_key(name).public)
    read.check_body(BODY)
    read.check_node(NODE)
    read.check_suite(name)


def test_the_signature_base_is_the_one_of_rfc_9421() -> None:
    kid = client_key("ed25519").kid
    assert request_of("ed25519").base.decode() == (
        '"@method": POST\n'
        '"@path": /v1/resources/306001003%2F12/query\n'
        '"@query": ?\n'
        '"content-digest": ' + request_of("ed25519").headers["content-digest"] + "\n"
        '"yw-node": lanzhou\n'
        '"yw-purpose": item:0115001000;case=%E5%85%B0%E6%B0%91%E6%95%91%E3%80%942026%E3%80%9512%E5%8F%B7\n'
        '"yw-grant": G-2026-000001\n'
        '"idempotency-key": 01JD6V2M3X8Q0T5W9Z4B7C1E6F\n'
        '"@signature-params": ("@method" "@path" "@query" "content-digest" "yw-node" "yw-purpose" "yw-grant" '
        f'"idempotency-key");created={CREATED};nonce="AAECAwQFBgcICQoLDA0ODw";keyid="{kid}";alg="ed25519"'
    )


@pytest.mark.parametrize("grant", [None, "G-1"])
@pytest.mark.parametrize("idempotency_key", [None, "k"])
def test_optional_headers_are_covered_exactly_when_they_stand(
    grant: str | None, idempotency_key: str | None
) -> None:
    key = client_key("ed25519")
    sent = sign_request(
        key,
        method="GET",
        path="/v1/heads/gw1/consistency",
        query="from=1&to=2",
        body=b"",
        node=NODE,
        purpose=PURPOSE,
        created=CREATED,
        grant=grant,
        idempotency_key=idempotency_key,
    )
    read = parse(sent)
    assert (read.grant, read.idempotency_key) == (grant, idempotency_key)
    assert ('"yw-grant"' in sent.signature_input) is (grant is not None)
    assert b'"@query": ?from=1&to=2\n' in read.base
    read.check_signature(key.public)


@both
def test_a_change_after_signing_is_found(name: str) -> None:
    sent = request_of(name)
    key = client_key(name).public
    for changed in (
        replace(sent, method="PUT"),
        replace(sent, path=sent.path.replace("12", "13")),
        replace(sent, query="a=1"),
        replace(sent, headers={**sent.headers, "yw-node": "other"}),
        replace(sent, headers={**sent.headers, "yw-grant": "G-2026-000002"}),
        replace(sent, signature_input=sent.signature_input.replace("created=1", "created=2")),
    ):
        with pytest.raises(SignatureWrong):
            parse(changed).check_signature(key)
    with pytest.raises(ContentDigestMismatch):
        parse(sent).check_body(BODY + b" ")
    with pytest.raises(SignatureWrong):
        parse(sent).check_signature(node_key(name).public)


def test_a_signature_that_is_no_signature_is_wrong_and_nothing_worse() -> None:
    for name in SUITES:
        sent = replace(request_of(name), signature="yw=:AAAAAAAAAAA=:")
        with pytest.raises(SignatureWrong):
            parse(sent).check_signature(client_key(name).public)


def test_the_algorithm_must_be_the_one_of_the_key() -> None:
    with pytest.raises(SignatureAlgorithmMismatch) as caught:
        parse(request_of("ed25519")).check_signature(client_key("sm2-sm3").public)
    assert caught.value.facts == {"alg": "ed25519", "suite": "sm2-sm3"}


def test_the_window_is_three_hundred_seconds_either_way() -> None:
    read = parse(request_of("ed25519"))
    signed_at = datetime.fromtimestamp(CREATED, UTC)
    read.check_window(signed_at + timedelta(seconds=300))
    read.check_window(signed_at - timedelta(seconds=300))
    for shift in (301, -301):
        with pytest.raises(SignatureStale) as caught:
            read.check_window(signed_at + timedelta(seconds=shift))
        assert caught.value.facts["created"] == "2026-11-21T08:00:00Z"
        assert str(caught.value.facts["server_time"]).startswith("2026-11-21T0")
        assert caught.value.permanent is False
    far = replace(
        request_of("ed25519"),
        signature_input=request_of("ed25519").signature_input.replace(str(CREATED), "999999999999"),
    )
    with pytest.raises(SignatureStale):
        parse(far).check_window(TIME)


def test_a_request_for_another_node_is_refused_with_both_names() -> None:
    with pytest.raises(NodeMismatch) as caught:
        parse(request_of("ed25519")).check_node("tianshui")
    assert caught.value.facts == {"addressed": "lanzhou", "node": "tianshui"}


def test_space_around_a_header_is_not_part_of_its_value() -> None:
    pairs = [(name, f" \t{value} ") for name, value in request_of("ed25519").http_headers().items()]
    assert parse(request_of("ed25519"), pairs).base == request_of("ed25519").base


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(request_of("ed25519").http_headers())), st.data())
def test_any_header_with_any_change_is_refused_or_changes_what_was_signed(
    header: str, data: st.DataObject
) -> None:
    sent = request_of("ed25519")
    value = sent.http_headers()[header]
    start = data.draw(st.integers(0, len(value)))
    end = data.draw(st.integers(start, len(value)))
    changed = value[:start] + data.draw(st.text(max_size=4)) + value[end:]
    pairs = list({**sent.http_headers(), header: changed}.items())
    try:
        read = parse(sent, pairs)
    except EnvelopeError:
        return
    original = parse(sent)
    same = (read.base, read.signature) == (original.base, original.signature)
    assert same is (changed.strip(" \t") == value)


def test_the_client_refuses_what_could_not_be_sent() -> None:
    key = generate("ed25519")

    def attempt(**changes: str) -> None:
        arguments = {"path": "/v1/x", "node": NODE, "nonce": new_nonce(), "grant": "G-1"} | changes
        sign_request(
            key,
            method="POST",
            path=arguments["path"],
            body=b"",
            node=arguments["node"],
            purpose=PURPOSE,
            created=CREATED,
            grant=arguments["grant"],
            nonce=arguments["nonce"],
        )

    attempt()
    with pytest.raises(TargetMalformed):
        attempt(path="/v1/资源")
    with pytest.raises(HeaderMalformed):
        attempt(node="兰州")
    with pytest.raises(HeaderMalformed):
        attempt(grant="G-1\r\nX: y")
    with pytest.raises(NonceMalformed):
        attempt(nonce="short")


def test_nonces_are_fresh_and_long_enough() -> None:
    assert len({new_nonce() for _ in range(100)}) == 100
    assert len(new_nonce()) == 24
