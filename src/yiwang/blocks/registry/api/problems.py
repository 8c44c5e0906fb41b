"""Errors as RFC 9457 problem documents: a stable code, the reason and the mend in both languages."""

from __future__ import annotations

from typing import Final

import msgspec

from yiwang.blocks.registry.api import errors as e
from yiwang.blocks.registry.domain import errors as r
from yiwang.dataplane.spreadsheets.errors import SpreadsheetError
from yiwang.dataplane.tables.errors import TableFileError
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.problems import problem_of

STATUS: Final[dict[type[YwError], int]] = {
    e.NotSignedIn: 401,
    e.SignInUnfinished: 403,
    e.ForeignOrigin: 403,
    e.AddressUnknown: 404,
    e.MethodRefused: 405,
    e.CallMalformed: 400,
    e.BodyTooLarge: 413,
    e.MediaTypeRefused: 415,
    e.IdempotencyKeyMissing: 400,
    e.FilterInAddress: 400,
    e.Unexpected: 500,
    r.SystemUnknown: 404,
    r.EntityUnknown: 404,
    r.RecordUnknown: 404,
    r.FieldUnknown: 422,
    r.ListBroken: 422,
    r.RecordInvalid: 422,
    r.RecordRefused: 403,
    r.ExportRefused: 403,
    r.FileRefused: 422,
    r.HeadsUnknown: 422,
    r.LoadNameWrong: 422,
    r.LoadUnknown: 404,
    r.LoadOfAnother: 403,
    r.LoadFileDiffers: 409,
    r.LoadDaysDiffer: 409,
    r.LoadOutdated: 409,
    r.LoadUnderWay: 409,
    TableFileError: 422,
    SpreadsheetError: 422,
    r.KeyTaken: 409,
    r.FusedElsewhere: 409,
    r.RepetitionDiffers: 409,
    r.RecordChanged: 412,
    YwError: 409,
}


def status_of(error: YwError) -> int:
    """The HTTP status of an error: its own, or that of its nearest base."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(error: YwError, request_id: str) -> bytes:
    """The problem document of an error; of a record that does not fit, what is wrong with each value."""
    members = problem_of(error, status_of(error), request_id)
    if isinstance(error, r.RecordInvalid):
        members["problems"] = [
            {"field": one.field, "detail": one.message_zh, "detail_en": one.message_en}
            for one in error.problems
        ]
    if isinstance(error, r.FileRefused):
        members["problems"] = [
            {"line": one.line, "field": one.field, "detail": one.message_zh, "detail_en": one.message_en}
            for one in error.problems
        ]
    return msgspec.json.encode(members)
