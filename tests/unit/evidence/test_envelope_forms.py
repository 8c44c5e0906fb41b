from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.unit.evidence.exchanges import request_of
from tests.unit.evidence.test_envelope import Pairs, parse
from yiwang.vocabulary.envelope import (
    ContentDigestMalformed,
    EnvelopeError,
    HeaderMalformed,
    HeaderMissing,
    HeaderRepeated,
    NonceMalformed,
    PurposeMalformed,
    SignatureAlgorithmUnknown,
    SignatureComponentMissing,
    SignatureComponentOrder,
    SignatureComponentUnknown,
    SignatureInputMalformed,
    SignatureLabelUnknown,
    SignatureMissing,
    SignatureNotBase64,
    SignatureParameterMalformed,
    SignatureParameterMissing,
    SignatureParameterUnknown,
    TargetMalformed,
    header_source,
    parse_request,
)


def with_header(name: str, change: Callable[[str], str], suite_name: str = "ed25519") -> Pairs:
    pairs = list(request_of(suite_name).http_headers().items())
    changed = [(key, change(value)) if key == name else (key, value) for key, value in pairs]
    assert changed != pairs
    return changed


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ("Content-Digest", HeaderMissing),
        ("YW-Node", HeaderMissing),
        ("YW-Purpose", HeaderMissing),
        ("YW-Grant", HeaderMissing),
        ("Idempotency-Key", HeaderMissing),
        ("Signature-Input", SignatureMissing),
        ("Signature", SignatureMissing),
    ],
)
def test_a_header_that_is_missing_or_stands_twice_is_named(header: str, error: type[EnvelopeError]) -> None:
    sent = request_of("ed25519")
    pairs = list(sent.http_headers().items())
    with pytest.raises(error) as caught:
        parse(sent, [pair for pair in pairs if pair[0] != header])
    assert caught.value.facts["header"] == header
    with pytest.raises(HeaderRepeated) as repeated:
        parse(sent, [*pairs, (header.upper(), dict(pairs)[header])])
    assert repeated.value.facts["header"] == header


@pytest.mark.parametrize(
    ("method", "path", "query", "part"),
    [
        ("post", "/", "", "method"),
        ("POST\n", "/", "", "method"),
        ("", "/", "", "method"),
        ("GET", "", "", "path"),
        ("GET", "v1", "", "path"),
        ("GET", '/a"b', "", "path"),
        ("GET", "/a b", "", "path"),
        ("GET", "/a?b", "", "path"),
        ("GET", "/a\n", "", "path"),
        ("GET", "/汉", "", "path"),
        ("GET", "/" + "a" * 2048, "", "path"),
        ("GET", "/", "a b", "query"),
        ("GET", "/", "a#b", "query"),
        ("GET", "/", "a" * 4097, "query"),
    ],
)
def test_a_target_that_cannot_be_signed_is_refused(method: str, path: str, query: str, part: str) -> None:
    with pytest.raises(TargetMalformed) as caught:
        parse_request(method, path, query, header_source([]))
    assert caught.value.facts["part"] == part


def cut(pattern: str, put: str = "") -> Callable[[str], str]:
    return lambda value: re.sub(pattern, put, value, count=1)


SIGNATURE_INPUTS: list[tuple[str, Callable[[str], str], type[EnvelopeError], dict[str, object]]] = [
    ("another label", cut("^yw=", "sig1="), SignatureLabelUnknown, {"label": "sig1"}),
    ("a second label", lambda v: v + ', sig1=("@method")', SignatureLabelUnknown, {"label": "sig1"}),
    ("a label before", lambda v: 'sig1=("@method"), ' + v, SignatureLabelUnknown, {"label": "sig1"}),
    ("no label", cut("^yw=", ""), SignatureInputMalformed, {"at": 0}),
    ("upper-case label", cut("^yw=", "YW="), SignatureInputMalformed, {"at": 0}),
    ("no list", cut(r"\(.*?\)", ""), SignatureInputMalformed, {"at": 3}),
    ("an empty list", cut(r"\(.*?\)", "()"), SignatureComponentMissing, {"component": "@method"}),
    ("no closing bracket", cut(r"\);.*", ""), SignatureInputMalformed, {}),
    ("two spaces", cut('" "', '"  "'), SignatureInputMalformed, {}),
    ("no quotes", cut('"@path"', "@path"), SignatureInputMalformed, {}),
    ("no @query", cut('"@query" ', ""), SignatureComponentMissing, {"component": "@query"}),
    ("no purpose", cut('"yw-purpose" ', ""), SignatureComponentMissing, {"component": "yw-purpose"}),
    ("no grant", cut('"yw-grant" ', ""), SignatureComponentMissing, {"component": "yw-grant"}),
    ("no key", cut(' "idempotency-key"', ""), SignatureComponentMissing, {"component": "idempotency-key"}),
    (
        "unknown",
        cut('"@path"', '"@path" "@authority"'),
        SignatureComponentUnknown,
        {"component": "@authority"},
    ),
    ("a flag", cut('"@path"', '"@path";req'), SignatureComponentUnknown, {"component": "@path;req"}),
    ("another order", cut('"@method" "@path"', '"@path" "@method"'), SignatureComponentOrder, {}),
    ("named twice", cut('"@path"', '"@path" "@path"'), SignatureComponentOrder, {}),
    ("no created", cut(";created=[0-9]+", ""), SignatureParameterMissing, {"parameter": "created"}),
    ("no nonce", cut(';nonce="[^"]*"', ""), SignatureParameterMissing, {"parameter": "nonce"}),
    ("no keyid", cut(';keyid="[^"]*"', ""), SignatureParameterMissing, {"parameter": "keyid"}),
    ("no alg", cut(';alg="[^"]*"', ""), SignatureParameterMissing, {"parameter": "alg"}),
    ("expires", lambda v: v + ";expires=1", SignatureParameterUnknown, {"parameter": "expires"}),
    ("a tag", cut(";created", ';tag="x";created'), SignatureParameterUnknown, {"parameter": "tag"}),
    ("alg twice", lambda v: v + ';alg="ed25519"', SignatureParameterMalformed, {"parameter": "alg"}),
    (
        "created late",
        cut(r"(;created=\d+)(;.*)", r"\2\1"),
        SignatureParameterMalformed,
        {"parameter": "nonce"},
    ),
    (
        "created zero-padded",
        cut("created=", "created=0"),
        SignatureParameterMalformed,
        {"parameter": "created"},
    ),
    ("created a text", cut(r"created=(\d+)", r'created="\1"'), SignatureParameterMalformed, {}),
    ("created negative", cut("created=", "created=-"), SignatureParameterMalformed, {}),
    ("created a fraction", cut(";nonce", ".0;nonce"), SignatureParameterMalformed, {}),
    ("nonce short", cut('nonce="....', 'nonce="'), NonceMalformed, {"length": 18}),
    ("nonce long", cut('nonce="', 'nonce="' + "a" * 43), NonceMalformed, {"length": 65}),
    ("nonce of base64", cut('nonce="..', 'nonce="+/'), NonceMalformed, {"length": 22}),
    ("keyid upper", cut('keyid="....', 'keyid="ABCD'), SignatureParameterMalformed, {"parameter": "keyid"}),
    ("alg unknown", cut('alg="ed25519"', 'alg="rsa-pss"'), SignatureAlgorithmUnknown, {"alg": "rsa-pss"}),
    ("alg a token", cut('alg="ed25519"', "alg=ed25519"), SignatureParameterMalformed, {"parameter": "alg"}),
    ("rubbish after", lambda v: v + "x", SignatureInputMalformed, {}),
    ("a space after ;", cut(";nonce", "; nonce"), SignatureInputMalformed, {}),
    ("not ASCII", lambda v: v + "汉", SignatureInputMalformed, {"at": 0}),
    ("too long", lambda v: v + ";a" * 300, SignatureInputMalformed, {"at": 512}),
]


@pytest.mark.parametrize(
    ("change", "error", "facts"),
    [case[1:] for case in SIGNATURE_INPUTS],
    ids=[case[0] for case in SIGNATURE_INPUTS],
)
def test_a_signature_input_outside_the_profile_is_refused_by_name(
    change: Callable[[str], str], error: type[EnvelopeError], facts: dict[str, object]
) -> None:
    with pytest.raises(EnvelopeError) as caught:
        parse(request_of("ed25519"), with_header("Signature-Input", change))
    assert type(caught.value) is error
    assert {**caught.value.facts, **facts} == caught.value.facts
    assert caught.value.text("zh") != caught.value.text("en")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (cut("^yw=", "sig1="), SignatureLabelUnknown),
        (lambda v: v + ", sig1=:AAAA:", SignatureLabelUnknown),
        (cut("^yw=", ""), SignatureNotBase64),
        (cut("=:", "="), SignatureNotBase64),
        (cut(":$", ""), SignatureNotBase64),
        (cut("=:.", "=:_"), SignatureNotBase64),
        (cut("==:$", ":"), SignatureNotBase64),
        (cut("==:$", "=:"), SignatureNotBase64),
        (cut(".==:$", "B==:"), SignatureNotBase64),
        (cut("==:$", "==\n:"), SignatureNotBase64),
        (cut(":.*", "::"), SignatureNotBase64),
        (cut(":$", "A" * 100 + ":"), SignatureNotBase64),
    ],
)
def test_a_signature_that_is_not_canonical_base64_is_refused(
    change: Callable[[str], str], error: type[EnvelopeError]
) -> None:
    with pytest.raises(error):
        parse(request_of("ed25519"), with_header("Signature", change))


@pytest.mark.parametrize(
    ("header", "change", "error"),
    [
        ("Content-Digest", cut("sha-256", "sm3"), ContentDigestMalformed),
        ("Content-Digest", cut("sha-256", "md5"), ContentDigestMalformed),
        ("Content-Digest", cut("=:$", ":"), ContentDigestMalformed),
        ("Content-Digest", cut(".=:$", "B=:"), ContentDigestMalformed),
        ("Content-Digest", lambda v: v + ", " + v, ContentDigestMalformed),
        ("Content-Digest", cut("=:.", "=:-"), ContentDigestMalformed),
        ("YW-Node", lambda v: v.upper(), HeaderMalformed),
        ("YW-Node", lambda v: v * 10, HeaderMalformed),
        ("YW-Node", lambda v: "", HeaderMalformed),
        ("YW-Grant", lambda v: v + "/", HeaderMalformed),
        ("YW-Grant", lambda v: v + "\nx", HeaderMalformed),
        ("Idempotency-Key", lambda v: v * 5, HeaderMalformed),
        ("Idempotency-Key", lambda v: "汉", HeaderMalformed),
        ("YW-Purpose", lambda v: "item:汉", HeaderMalformed),
        ("YW-Purpose", lambda v: "anything", PurposeMalformed),
        ("YW-Purpose", lambda v: v.replace("%E5", "%e5"), PurposeMalformed),
    ],
)
def test_a_header_of_a_wrong_form_is_refused(
    header: str, change: Callable[[str], str], error: type[EnvelopeError]
) -> None:
    with pytest.raises(error):
        parse(request_of("ed25519"), with_header(header, change))
