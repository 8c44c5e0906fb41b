from __future__ import annotations

import pytest

from tests.unit.crypto.reference_sm2 import spki_of
from yiwang.vocabulary.crypto import (
    SUITES,
    BadKey,
    UnknownSuite,
    WrongPassword,
    generate,
    kid_of,
    load_private,
    load_public,
)


@pytest.mark.parametrize("name", sorted(SUITES))
def test_a_key_is_written_and_read_again(name: str) -> None:
    key = generate(name)
    again = load_private(key.to_pem())
    assert again.kid == key.kid == kid_of(key.public.spki_der)
    assert again.public == key.public
    assert hash(again.public) == hash(key.public)
    assert load_public(key.public.to_pem()) == key.public
    assert load_public(key.public.spki_der).suite is SUITES[name]
    assert key.public.verify(b"a", again.sign(b"a"))


@pytest.mark.parametrize("name", sorted(SUITES))
def test_an_encrypted_key_needs_its_password(name: str) -> None:
    key = generate(name)
    pem = key.to_pem(b"correct horse")
    assert load_private(pem, b"correct horse").kid == key.kid
    for password in (None, b"wrong"):
        with pytest.raises(WrongPassword):
            load_private(pem, password)


@pytest.mark.parametrize("name", sorted(SUITES))
@pytest.mark.parametrize("password", [b"", b"a\0b", b"x" * 1001])
def test_a_password_that_libraries_take_differently_is_refused(name: str, password: bytes) -> None:
    with pytest.raises(BadKey):
        generate(name).to_pem(password)


def test_what_is_no_key_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    pem = generate("sm2-sm3").to_pem()
    broken = pem.replace(b"\n", b"", 1)
    cut = pem[: len(pem) // 2]
    public = generate("sm2-sm3").public.to_pem()
    for data in (b"", b"nonsense", broken, cut, public, pem * 200):
        with pytest.raises(BadKey):
            load_private(data)
    for data in (b"", b"nonsense", pem, public[:-30], public.replace(b"M", b"!")):
        with pytest.raises(BadKey):
            load_public(data)


def test_a_private_key_whose_halves_do_not_fit_is_refused() -> None:
    import base64

    from tests.unit.crypto.reference_sm2 import pem_of, public_point

    pem = pem_of(12345)
    der = base64.b64decode(b"".join(pem.splitlines()[1:-1]))
    other = b"".join(n.to_bytes(32, "big") for n in public_point(54321))
    kind = b"PRIVATE KEY"
    wrong = b"-----BEGIN " + kind + b"-----\n" + base64.encodebytes(der[:-64] + other)
    with pytest.raises(BadKey):
        load_private(wrong + b"-----END " + kind + b"-----\n")


def test_keys_of_other_kinds_are_refused() -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    other = generate_private_key(SECP256R1())
    with pytest.raises(BadKey):
        load_private(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(BadKey):
        load_public(other.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(UnknownSuite):
        generate("rsa")


def test_a_key_never_shows_its_secret() -> None:
    for name in SUITES:
        key = generate(name)
        assert repr(key) == f"<SigningKey {name} {key.kid}>"
        assert repr(key.public) == f"<PublicKey {name} {key.kid}>"


def test_the_key_id_is_that_of_the_encoded_public_key() -> None:
    assert load_public(spki_of(1)).kid == kid_of(spki_of(1))
    assert len(kid_of(b"")) == 32
