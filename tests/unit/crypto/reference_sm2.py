"""SM2 in plain integers, after GB/T 32918: an independent check of the binding, and repeatable signatures for vectors.

It is slow and leaks its secrets through time: test-only.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from yiwang.vocabulary.crypto.keys import PublicKey, SigningKey
from yiwang.vocabulary.crypto.loading import load_private, load_public

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123

Point = tuple[int, int] | None


def add(p: Point, q: Point) -> Point:
    if p is None:
        return q
    if q is None:
        return p
    if p[0] == q[0]:
        if (p[1] + q[1]) % P == 0:
            return None
        slope = (3 * p[0] * p[0] + A) * pow(2 * p[1], -1, P) % P
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P) % P
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def times(k: int, point: Point) -> Point:
    result: Point = None
    while k:
        if k & 1:
            result = add(result, point)
        point = add(point, point)
        k >>= 1
    return result


@cache
def public_point(d: int) -> tuple[int, int]:
    point = times(d, (GX, GY))
    assert point is not None
    return point


def z_of(x: int, y: int) -> bytes:
    numbers = b"".join(n.to_bytes(32, "big") for n in (A, B, GX, GY, x, y))
    return hashlib.new("sm3", b"\x00\x80" + b"1234567812345678" + numbers).digest()


def sign_digest(d: int, e: int, k: int) -> tuple[int, int]:
    point = times(k, (GX, GY))
    assert point is not None
    r = (e + point[0]) % N
    s = pow(1 + d, -1, N) * (k - r * d) % N
    assert r
    assert s
    assert r + k != N
    return r, s


def verify_digest(x: int, y: int, e: int, r: int, s: int) -> bool:
    t = (r + s) % N
    point = add(times(s, (GX, GY)), times(t, (x, y)))
    return t != 0 and point is not None and (e + point[0]) % N == r


def der(r: int, s: int) -> bytes:
    body = b""
    for number in (r, s):
        data = number.to_bytes(number.bit_length() // 8 + 1, "big")
        body += bytes([2, len(data)]) + data
    return bytes([0x30, len(body)]) + body


def spki_of(d: int) -> bytes:
    x, y = public_point(d)
    prefix = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
    return prefix + x.to_bytes(32, "big") + y.to_bytes(32, "big")


def pem_of(d: int) -> bytes:
    """PKCS#8 of a private number."""
    x, y = public_point(d)
    data = bytes.fromhex("308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420")
    data += (
        d.to_bytes(32, "big") + bytes.fromhex("a14403420004") + x.to_bytes(32, "big") + y.to_bytes(32, "big")
    )
    kind = b"PRIVATE KEY"
    return b"-----BEGIN " + kind + b"-----\n" + base64.encodebytes(data) + b"-----END " + kind + b"-----\n"


class RepeatableSm2Key(SigningKey):
    """Signs the same bytes the same way each time, so that vectors can be made again. test-only."""

    def __init__(self, d: int) -> None:
        super().__init__(load_public(spki_of(d)))
        self._d = d

    def sign(self, data: bytes) -> bytes:
        digest = hashlib.new("sm3", z_of(*public_point(self._d)) + data).digest()
        k = int.from_bytes(hashlib.sha512(self._d.to_bytes(32, "big") + digest).digest(), "big") % (N - 1) + 1
        return der(*sign_digest(self._d, int.from_bytes(digest, "big"), k))

    def to_pem(self, password: bytes | None = None) -> bytes:
        assert password is None
        return pem_of(self._d)


def public_key(d: int) -> PublicKey:
    return load_public(spki_of(d))


def binding_key(d: int) -> SigningKey:
    """The same key held by libcrypto."""
    return load_private(pem_of(d))
