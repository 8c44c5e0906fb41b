"""A MariaDB server of a test's own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pymysql

from yiwang.bootstrap.embedded import free_port

SERVER = Path("/usr/sbin/mariadbd")


@dataclass(frozen=True)
class MariaDB:
    port: int
    socket: str

    def root(self) -> pymysql.Connection[pymysql.cursors.Cursor]:
        patience = threading.Event()
        for _ in range(200):
            with contextlib.suppress(pymysql.err.OperationalError):
                return pymysql.connect(
                    unix_socket=self.socket, user="root", charset="utf8mb4", autocommit=True
                )
            patience.wait(0.1)
        raise AssertionError("MariaDB did not start")


@contextlib.contextmanager
def running() -> Iterator[MariaDB]:
    """The server, on data of its own, while the context lasts."""
    # not below pytest's folder: another run of pytest shuts that to the server's account
    with (
        tempfile.TemporaryDirectory(prefix="yw-maria-", ignore_cleanup_errors=True) as made,
        _served(Path(made)) as server,
    ):
        yield server


@contextlib.contextmanager
def _served(folder: Path) -> Iterator[MariaDB]:
    assert SERVER.exists(), "no MariaDB server: ./yw test installs it, or says how"
    data, scratch = folder / "data", folder / "tmp"
    data.mkdir()
    scratch.mkdir()
    common = ["--no-defaults", f"--datadir={data}", f"--tmpdir={scratch}"]
    if os.geteuid() == 0:  # the server refuses to run as root
        folder.chmod(0o755)
        shutil.chown(data, "mysql", "mysql")
        shutil.chown(scratch, "mysql", "mysql")
        common.append("--user=mysql")
    subprocess.run(
        ["mariadb-install-db", *common, "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=True, capture_output=True,
    )  # fmt: skip
    number = free_port()
    process = subprocess.Popen(
        [str(SERVER), *common, f"--port={number}", "--bind-address=127.0.0.1", f"--socket={data}/s", f"--pid-file={data}/p",
         "--innodb-flush-log-at-trx-commit=0"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield MariaDB(number, f"{data}/s")
    finally:
        process.terminate()
        process.wait(30)
