"""Addresses of webhooks, as far as their text tells."""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, urlsplit

from yiwang.blocks.subscriptions.domain.errors import HookAddressWrong

LONGEST: Final = 500


def hook_address(text: str, *, plain: bool = False) -> SplitResult:
    """The parts of an address; `plain`: an operator listed its host, where http is allowed too.

    Raises: HookAddressWrong.
    """
    if len(text) > LONGEST or not text.isascii() or not text.isprintable() or set(text) & set(' "<>\\^`{|}'):
        raise HookAddressWrong(
            reason_zh="有不允许的字符，或过长", reason_en="it has characters that cannot be, or is too long"
        )
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise HookAddressWrong(reason_zh="写法不对", reason_en="it is malformed") from None
    if parts.scheme != "https" and not (plain and parts.scheme == "http"):
        raise HookAddressWrong(reason_zh="不是 https", reason_en="it is not https")
    if not host or port == 0:
        raise HookAddressWrong(reason_zh="没有主机", reason_en="it has no host")
    if parts.username is not None or parts.password is not None or "#" in text:
        raise HookAddressWrong(reason_zh="带有账号或 #", reason_en="it holds an account or #")
    return parts


def shown_address(text: str) -> str:
    """The address as it may stand in a log or on a page of others: a token in its query stays out."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or "—"
        return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}/…"
    except ValueError:
        return "—"
