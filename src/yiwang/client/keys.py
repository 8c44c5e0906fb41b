"""The private key of a client application, read from a file."""

from __future__ import annotations

import stat
import warnings
from pathlib import Path

from yiwang.client.errors import KeyUnreadable
from yiwang.vocabulary.crypto import SigningKey, load_private


class KeyFileWarning(UserWarning):
    """The key file can be read by others than its owner."""


def read_key(path: str | Path, password: bytes | None = None) -> SigningKey:
    """The key in a PEM file; the suite is the key's own. Warns with `KeyFileWarning` when others may read the file.

    Raises:
        KeyUnreadable: the file cannot be read.
        CryptoError: it holds no usable key, or the password is missing or wrong.
    """
    file = Path(path)
    try:
        mode = file.stat().st_mode
        pem = file.read_bytes()
    except OSError as problem:
        raise KeyUnreadable(path=str(file), reason=problem.strerror or type(problem).__name__) from problem
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        warnings.warn(
            f"私钥文件可被他人读取，请执行 chmod 600 / others can reach this private key, run: chmod 600 {file}",
            KeyFileWarning,
            stacklevel=3,
        )
    return load_private(pem, password)
