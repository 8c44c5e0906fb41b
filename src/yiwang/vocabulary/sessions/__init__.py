"""Sessions: one signed handshake, then codes in place of signatures, and heads that both sides countersign.

docs/specs/sessions.md (YW-SES-1) is the full text.
"""

from yiwang.vocabulary.sessions.bundle import (
    SESSION_FORMAT,
    Countersignature,
    SessionBundle,
    parse_session_bundle,
    verify_session_bundle,
)
from yiwang.vocabulary.sessions.errors import SessionTextMalformed
from yiwang.vocabulary.sessions.keys import SessionKeys, derive
from yiwang.vocabulary.sessions.record import Entry, record_of, record_proof
from yiwang.vocabulary.sessions.statement import Statement, parse_statement
from yiwang.vocabulary.sessions.wire import (
    ANSWER_HEADER,
    HEAD_HEADER,
    MAC_OF,
    Countersigned,
    Countersigning,
    Exposure,
    Opened,
    Opening,
    answer_header,
    answer_text,
    head_header,
    nonce_of,
    number_of,
    read_answer_header,
    read_head_header,
    read_share,
    share_text,
)

__all__ = [
    "ANSWER_HEADER",
    "HEAD_HEADER",
    "MAC_OF",
    "SESSION_FORMAT",
    "Countersignature",
    "Countersigned",
    "Countersigning",
    "Entry",
    "Exposure",
    "Opened",
    "Opening",
    "SessionBundle",
    "SessionKeys",
    "SessionTextMalformed",
    "Statement",
    "answer_header",
    "answer_text",
    "derive",
    "head_header",
    "nonce_of",
    "number_of",
    "parse_session_bundle",
    "parse_statement",
    "read_answer_header",
    "read_head_header",
    "read_share",
    "record_of",
    "record_proof",
    "share_text",
    "verify_session_bundle",
]
