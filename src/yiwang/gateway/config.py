"""What one gateway process is told by its environment; docs/reference/settings.md explains each variable."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from yiwang.gateway.errors import GatewayError

MAX_BODY = 1 << 20
"""Bytes of a body that are read at most."""
MAX_DEPTH = 16
"""Levels of JSON that are read at most."""
BODY_SECONDS = 10.0
"""Time within which a whole body must arrive."""
SIGNATURE_WINDOW = 300
"""Seconds by which the time of signing may differ from the server's."""


class SettingsWrong(GatewayError):
    """The gateway's settings are wrong; all mistakes are told at once."""

    code = "gateway-settings"
    message_zh = "网关的设置有误：{problems}。"
    message_en = "The gateway's settings are wrong: {problems}."
    mend_zh = "对照 docs/reference/settings.md 改正环境变量。"
    mend_en = "Correct the environment variables by docs/reference/settings.md."


@dataclass(frozen=True)
class Config:
    """Settings of one gateway process, which is the only writer of one log."""

    database_url: str
    node: str
    data: Path
    log: str = "gw1"
    host: str = "127.0.0.1"
    port: int = 8001
    zone: str = "extranet"
    mode: str = "production"
    suite: str = "sm2-sm3"
    verifiers: int = 1
    source_hosts: str = ""
    timezone: str = "Asia/Shanghai"
    max_concurrent_calls: int = 512
    calls_per_client: int = 128
    files: Path | None = None
    scanner: str = ""
    address: str | None = None
    """Where this one process is reached from outside, when several stand behind one address."""
    event_days: int = 7

    @property
    def files_folder(self) -> Path:
        """Where files lie; several gateways of a node share it."""
        return self.files or self.data / "files"

    @classmethod
    def from_environment(cls, given: Mapping[str, str] | None = None) -> Config:
        """Read and check everything. Raises: SettingsWrong with every mistake."""
        env = os.environ if given is None else given
        problems: list[str] = []

        def number(name: str, default: int, low: int, high: int) -> int:
            text = env.get(name, str(default))
            if text.isdigit() and low <= int(text) <= high:
                return int(text)
            problems.append(f"{name} ({low}–{high})")
            return default

        url = env.get("YW_GATEWAY_DATABASE_URL", "")
        if not url.startswith(("postgresql://", "postgres://")):
            problems.append("YW_GATEWAY_DATABASE_URL")
        node = env.get("YW_NODE", "lanzhou")
        if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,62}", node):
            problems.append("YW_NODE")
        log = env.get("YW_GATEWAY_LOG", "gw1")
        if not re.fullmatch(r"gw[1-9][0-9]{0,3}", log):
            problems.append("YW_GATEWAY_LOG (gw1, gw2, …)")
        suite = env.get("YW_EVIDENCE_SUITE", "sm2-sm3")
        if suite not in ("sm2-sm3", "ed25519"):
            problems.append("YW_EVIDENCE_SUITE (sm2-sm3, ed25519)")
        scanner = env.get("YW_FILES_SCANNER", "")
        if scanner and not re.fullmatch(r"unix:/.+|tcp:.+:[0-9]{1,5}", scanner):
            problems.append("YW_FILES_SCANNER (unix:/path, tcp:host:port)")
        address = env.get("YW_GATEWAY_ADDRESS", "").rstrip("/")
        if address and not re.fullmatch(r"https?://[^/?#\s]+(/[^?#\s]*)?", address):
            problems.append("YW_GATEWAY_ADDRESS (http(s)://host[:port])")
        files = env.get("YW_FILES", "")
        config = cls(
            database_url=url,
            node=node,
            data=Path(env.get("YW_DATA", ".yiwang")).resolve(),
            log=log,
            host=env.get("YW_GATEWAY_HOST", "127.0.0.1"),
            port=number("YW_GATEWAY_PORT", 8001, 1, 65535),
            zone=env.get("YW_ZONE", "extranet"),
            mode=env.get("YW_MODE", "production"),
            suite=suite,
            verifiers=number("YW_GATEWAY_VERIFIERS", max(1, (os.cpu_count() or 2) - 1), 1, 64),
            source_hosts=env.get("YW_SOURCE_HOSTS", ""),
            timezone=env.get("YW_TIMEZONE", "Asia/Shanghai"),
            max_concurrent_calls=number("YW_GATEWAY_MAX_CALLS", 512, 1, 65536),
            calls_per_client=number("YW_GATEWAY_CALLS_PER_CLIENT", 128, 1, 65536),
            files=Path(files).resolve() if files else None,
            scanner=scanner,
            address=address or None,
            event_days=number("YW_EVENT_DAYS", 7, 1, 3650),
        )
        if problems:
            raise SettingsWrong(problems=problems)
        return config
