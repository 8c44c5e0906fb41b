"""The `openssl` program and our binding understand each other, both ways."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from yiwang.vocabulary.crypto import SM2_SM3, generate, load_private, load_public

SM2_OPTIONS = ["-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"]
MESSAGE = "周航 asks 王敏".encode() * 40


def openssl(*arguments: str | Path, accept: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[bytes]:
    result = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=False, timeout=30)
    assert result.returncode in accept, result.stderr.decode()
    return result


@pytest.fixture
def message(tmp_path: Path) -> Path:
    path = tmp_path / "message"
    path.write_bytes(MESSAGE)
    return path


@pytest.fixture(params=["genpkey", "ecparam", "encrypted"])
def their_key(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, bytes | None]:
    path = tmp_path / "theirs.pem"
    sm2 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:sm2"]
    if request.param == "genpkey":
        openssl("genpkey", *sm2, "-out", path)
    elif request.param == "ecparam":
        openssl("ecparam", "-name", "SM2", "-genkey", "-out", path)
    else:
        openssl("genpkey", *sm2, "-aes-256-cbc", "-pass", "pass:secret", "-out", path)
        return path, b"secret"
    return path, None


def test_their_keys_are_read_and_their_signatures_verify(
    their_key: tuple[Path, bytes | None], message: Path, tmp_path: Path
) -> None:
    path, password = their_key
    signature = tmp_path / "signature"
    secret: list[str | Path] = [] if password is None else ["-passin", "pass:secret"]
    openssl("pkeyutl", "-sign", *secret, "-inkey", path, "-in", message, "-out", signature, *SM2_OPTIONS)
    key = load_private(path.read_bytes(), password)
    assert key.suite.name == SM2_SM3
    assert key.public.verify(MESSAGE, signature.read_bytes())
    assert not key.public.verify(MESSAGE + b"\n", signature.read_bytes())
    public = openssl("pkey", *secret, "-in", path, "-pubout").stdout
    assert load_public(public) == key.public
    der = openssl("pkey", *secret, "-in", path, "-pubout", "-outform", "DER").stdout
    assert der == key.public.spki_der


@pytest.mark.parametrize("password", [None, b"secret"])
def test_our_keys_and_signatures_are_theirs_too(
    password: bytes | None, message: Path, tmp_path: Path
) -> None:
    key = generate(SM2_SM3)
    private, public, signature = tmp_path / "ours.pem", tmp_path / "public.pem", tmp_path / "signature"
    private.write_bytes(key.to_pem(password))
    public.write_bytes(key.public.to_pem())
    secret: list[str | Path] = [] if password is None else ["-passin", "pass:secret"]
    assert openssl("pkey", *secret, "-in", private, "-pubout").stdout == key.public.to_pem()
    check: list[str | Path] = [
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        public,
        "-in",
        message,
        "-sigfile",
        signature,
    ]
    signature.write_bytes(key.sign(MESSAGE))
    assert b"Verified Successfully" in openssl(*check, *SM2_OPTIONS).stdout
    signature.write_bytes(key.sign(MESSAGE + b"x"))
    openssl(*check, *SM2_OPTIONS, accept=(1,))
    openssl("pkeyutl", "-sign", *secret, "-inkey", private, "-in", message, "-out", signature, *SM2_OPTIONS)
    assert key.public.verify(MESSAGE, signature.read_bytes())


def test_ed25519_goes_both_ways_as_well(message: Path, tmp_path: Path) -> None:
    theirs, signature, public = tmp_path / "theirs.pem", tmp_path / "signature", tmp_path / "public.pem"
    openssl("genpkey", "-algorithm", "ed25519", "-out", theirs)
    openssl("pkeyutl", "-sign", "-rawin", "-inkey", theirs, "-in", message, "-out", signature)
    key = load_private(theirs.read_bytes())
    assert key.public.verify(MESSAGE, signature.read_bytes())
    ours = generate("ed25519")
    signature.write_bytes(ours.sign(MESSAGE))
    public.write_bytes(ours.public.to_pem())
    openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", public, "-in", message, "-sigfile", signature)
