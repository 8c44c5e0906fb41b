"""Texts of a session that cannot even be read."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError


class SessionTextMalformed(YwError):
    """A share, a header or a statement of a session is not of the prescribed form."""

    code = "session-malformed"
    message_zh = "会话的 {where} 格式不正确：{reason}。"
    message_en = "The session's {where} is malformed: {reason}."
    mend_zh = "请对照 docs/specs/sessions.md，或直接使用 yiwang.client 的会话。"
    mend_en = "Compare with docs/specs/sessions.md, or use the session of yiwang.client."
