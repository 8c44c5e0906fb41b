"""Says what is wrong with `Signature-Input` or `Signature` when it is not of the profile: the slow path."""

from __future__ import annotations

import re

from yiwang.vocabulary.envelope.errors import (
    EnvelopeError,
    NonceMalformed,
    SignatureAlgorithmUnknown,
    SignatureComponentMissing,
    SignatureComponentOrder,
    SignatureComponentUnknown,
    SignatureInputMalformed,
    SignatureLabelUnknown,
    SignatureNotBase64,
    SignatureParameterMalformed,
    SignatureParameterMissing,
    SignatureParameterUnknown,
)
from yiwang.vocabulary.envelope.profile import ALGORITHMS, COMPONENTS, LABEL, MAX_SIGNATURE_INPUT

_LABEL = re.compile(r"([a-z*][a-z0-9_.*-]{0,40})=")
_COMPONENT = re.compile(r'"([^"]{1,64})"((?:;[^ )]*)?)')
_PARAMETER = re.compile(r';([a-z*][a-z0-9_.*-]{0,40})=("[^"]*"|[^;,"]*)')
_PARAMETERS = ("created", "nonce", "keyid", "alg")
_FORMS = {
    "created": (re.compile(r"0|[1-9][0-9]{0,11}"), "Unix seconds as a plain integer"),
    "nonce": (re.compile(r'"[A-Za-z0-9_-]{22,64}"'), ""),
    "keyid": (re.compile(r'"[0-9a-f]{32}"'), "32 lower-case hexadecimal characters in quotes"),
    "alg": (re.compile(r'"[^"]*"'), "a name in quotes"),
}


def diagnose_signature_input(value: str) -> EnvelopeError:
    """The error for a `Signature-Input` that does not match the profile."""
    if len(value) > MAX_SIGNATURE_INPUT:
        return SignatureInputMalformed(at=MAX_SIGNATURE_INPUT, reason="too long")
    if not value.isascii() or not value.isprintable():
        return SignatureInputMalformed(at=0, reason="only visible ASCII is allowed")
    label = _LABEL.match(value)
    if label is None:
        return SignatureInputMalformed(at=0, reason="no label")
    if label[1] != LABEL:
        return SignatureLabelUnknown(label=label[1])
    at = label.end()
    if not value.startswith("(", at):
        return SignatureInputMalformed(at=at, reason="the list of components is missing")
    names: list[str] = []
    at += 1
    while not value.startswith(")", at):
        if names:
            if not value.startswith(" ", at):
                return SignatureInputMalformed(at=at, reason="components are separated by one space")
            at += 1
        component = _COMPONENT.match(value, at)
        if component is None:
            return SignatureInputMalformed(at=at, reason="a component is a name in quotes")
        if component[1] not in COMPONENTS or component[2]:
            return SignatureComponentUnknown(component=component[1] + component[2])
        names.append(component[1])
        at = component.end()
    return _components(names) or _parameters(value, at + 1)


def diagnose_signature(value: str) -> EnvelopeError:
    """The error for a `Signature` that does not match the profile."""
    label = _LABEL.match(value)
    if label is None:
        return SignatureNotBase64(reason="no label")
    if label[1] != LABEL:
        return SignatureLabelUnknown(label=label[1])
    more = re.search(r":\s*,\s*([^=\s]{1,40})", value)
    if more is not None:
        return SignatureLabelUnknown(label=more[1])
    if re.fullmatch(r":[^:]*:", value[label.end() :]) is None:
        return SignatureNotBase64(reason="the value stands between two colons")
    return SignatureNotBase64(reason="other characters than base64, or a wrong length")


def _components(names: list[str]) -> EnvelopeError | None:
    for name in COMPONENTS[:6]:
        if name not in names:
            return SignatureComponentMissing(component=name)
    expected = [name for name in COMPONENTS if name in names]
    if names != expected:
        return SignatureComponentOrder(expected=" ".join(expected))
    return None


def _parameters(value: str, at: int) -> EnvelopeError:
    seen: list[str] = []
    while at < len(value):
        more = re.compile(r"\s*,\s*([^=\s]{1,40})").match(value, at)
        if more is not None:
            return SignatureLabelUnknown(label=more[1])
        parameter = _PARAMETER.match(value, at)
        if parameter is None:
            return SignatureInputMalformed(at=at, reason="a parameter is ;name=value")
        name, text = parameter.groups()
        if name not in _FORMS:
            return SignatureParameterUnknown(parameter=name)
        if name in seen:
            return SignatureParameterMalformed(parameter=name, reason="it stands twice")
        form, meaning = _FORMS[name]
        if form.fullmatch(text) is None:
            if name == "nonce":
                return NonceMalformed(parameter=name, length=len(text.strip('"')))
            return SignatureParameterMalformed(parameter=name, reason=meaning)
        if name == "alg" and text.strip('"') not in ALGORITHMS:
            return SignatureAlgorithmUnknown(alg=text.strip('"')[:40])
        seen.append(name)
        at = parameter.end()
    for name in _PARAMETERS:
        if name not in seen:
            return SignatureParameterMissing(parameter=name)
    if tuple(seen) != _PARAMETERS:
        return SignatureParameterMalformed(parameter=seen[0], reason="the order is " + " ".join(_PARAMETERS))
    return SignatureInputMalformed(at=at, reason="not of the profile")
