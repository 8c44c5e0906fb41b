"""Errors as RFC 9457 problem documents: a stable code, the reason and the mend in both languages."""

from __future__ import annotations

from typing import Final

import msgspec

from yiwang.blocks.files.domain import errors as f
from yiwang.blocks.journal.domain import errors as j
from yiwang.blocks.subscriptions.domain import errors as u
from yiwang.dataplane.filestore import errors as store
from yiwang.gateway import errors as e
from yiwang.gateway import refusals as r
from yiwang.gateway import source_errors as s
from yiwang.gateway.cascade import errors as cascade
from yiwang.gateway.edge import errors as edge
from yiwang.gateway.sandbox import errors as sandbox
from yiwang.gateway.sessions import errors as sessions
from yiwang.vocabulary.envelope import EnvelopeError
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.problems import problem_of
from yiwang.vocabulary.sessions import SessionTextMalformed

_STATUS: Final[dict[type[YwError], int]] = {
    EnvelopeError: 401,
    e.Unauthenticated: 401,
    e.BadCall: 400,
    e.RouteUnknown: 404,
    e.MethodNotAllowed: 405,
    e.BodyTooLarge: 413,
    e.BodyTooSlow: 408,
    e.BodyMalformed: 422,
    e.BodyTooDeep: 422,
    e.Unavailable: 503,
    e.Missing: 404,
    e.Unexpected: 500,
    r.Refusal: 403,
    r.ResourceNotFound: 404,
    r.ResourceWithdrawn: 404,
    r.ResourceSuspended: 503,
    r.ListTooLong: 422,
    r.RowsTooMany: 422,
    r.GrantAmbiguous: 422,
    r.ClientBusy: 429,
    r.BadValue: 422,
    j.JournalError: 503,
    j.NonceReplayed: 409,
    j.RequestBeforeFloor: 401,
    j.GrantChanged: 403,
    j.ClientChanged: 403,
    j.QuotaExhausted: 429,
    j.SubjectsExhausted: 429,
    j.AttemptsExhausted: 429,
    sandbox.SandboxNotOpen: 404,
    sandbox.SandboxPace: 429,
    sandbox.SimulationUnknown: 422,
    edge.EdgeRefused: 403,
    edge.EdgeHeaderWrong: 401,
    edge.EdgeTimeStale: 401,
    edge.EdgeSignatureWrong: 401,
    edge.EdgeSunset: 410,
    edge.EdgeServiceUnknown: 404,
    edge.EdgeNotByKey: 422,
    cascade.NotAPeer: 401,
    cascade.LeaseOver: 503,
    cascade.PeerSilent: 504,
    cascade.PeerUnproven: 502,
    SessionTextMalformed: 422,
    sessions.NumberUsed: 409,
    sessions.SessionExposed: 409,
    sessions.SessionsTooMany: 403,
    sessions.ShareWrong: 422,
    sessions.CountersignatureRefused: 409,
    sessions.CountersignatureWrong: 403,
    cascade.PeerTurnedAway: 502,
    s.SourceTrouble: 503,
    s.SourceSlow: 504,
    s.SourceChanged: 502,
    s.SourceGarbled: 502,
    s.SourceNotAllowed: 502,
    s.SourceDenied: 502,
    s.SourceFailed: 502,
    f.FilesError: 400,
    f.FileUnknown: 404,
    f.FilesNotOffered: 404,
    f.FileGone: 410,
    f.FileNotReady: 409,
    f.FileRefused: 403,
    f.NotTheProvider: 403,
    f.TusVersionWrong: 412,
    f.UploadTooLarge: 413,
    f.UploadPieceTooLarge: 413,
    f.UploadComplete: 403,
    f.OffsetWrong: 409,
    f.UploadTypeWrong: 415,
    f.ChecksumWrong: 460,
    f.UploadBusy: 423,
    f.UploadsOpen: 429,
    f.ChunkDamaged: 500,
    f.FileNameWrong: 422,
    f.MediaNotTaken: 422,
    f.RangeUnsatisfiable: 416,
    f.ConcatWrong: 422,
    f.ReceiptWrong: 422,
    u.SubscriptionError: 400,
    u.SubscriptionUnknown: 404,
    u.SubscriptionBeyond: 422,
    u.SubscriptionEnded: 410,
    u.SubscriptionPaused: 409,
    u.GrantUnfit: 403,
    u.CursorForeign: 422,
    u.EventsGone: 410,
    u.BadAsk: 422,
    store.FileStoreError: 503,
    store.StoreFull: 507,
}
_encode = msgspec.json.Encoder().encode


def status_of(error: YwError) -> int:
    """The HTTP status of an error: its own, or that of its nearest base."""
    for kind in type(error).__mro__:
        status = _STATUS.get(kind)
        if status is not None:
            return status
    return 500


def problem(error: YwError, request_id: str) -> dict[str, object]:
    """The problem document of an error as plain members."""
    return problem_of(error, status_of(error), request_id)


def problem_body(error: YwError, request_id: str) -> bytes:
    """The problem document as the bytes of an answer."""
    return _encode(problem(error, request_id))
