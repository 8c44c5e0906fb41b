"""Spreadsheets out, and what one would change before it goes in."""

from __future__ import annotations

from dataclasses import dataclass

from yiwang.blocks.catalogue.domain import errors
from yiwang.blocks.catalogue.domain.census.writing import census_tables
from yiwang.blocks.catalogue.store.models import Upload
from yiwang.blocks.catalogue.store.planning import ImportPlan, plan_sheet, written
from yiwang.blocks.identity.public import APPROVER, DATA_OFFICER, Actor
from yiwang.dataplane.spreadsheets.writing import write_workbook


@dataclass(frozen=True)
class KeptUpload:
    """A sheet that waits for the word, and what it would do."""

    key: str
    name: str
    plan: ImportPlan


def export_sheet(actor: Actor, *, empty: bool = False) -> bytes:
    """The census workbook of the actor's agency as written last, drafts included; `empty`: the template alone.

    Raises: NotAllowed.
    """
    actor.require(DATA_OFFICER, APPROVER)
    entries = [] if empty else [(code, draft) for code, (_, draft) in written(actor.agency).items()]
    return write_workbook(census_tables(entries, actor.agency, actor.agency_name))


def plan_import(actor: Actor, data: bytes) -> ImportPlan:
    """What a census workbook would change. Raises: NotAllowed, SpreadsheetError."""
    actor.require(DATA_OFFICER)
    return plan_sheet(actor.agency, data)


def kept_upload(actor: Actor, key: str) -> KeptUpload:
    """The preview of a kept sheet. Raises: NotAllowed, UploadGone, SpreadsheetError."""
    actor.require(DATA_OFFICER)
    row = Upload.objects.filter(id=key, agency=actor.agency, by=actor.user_id).first()
    if row is None:
        raise errors.UploadGone()
    return KeptUpload(row.id, row.name, plan_sheet(actor.agency, bytes(row.content)))
