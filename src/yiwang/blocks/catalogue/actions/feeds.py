"""Following other catalogues: set up by operators, run by the worker in the name of a data officer."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from yiwang.blocks.catalogue.actions.importing import import_entries, import_sheet
from yiwang.blocks.catalogue.domain import errors
from yiwang.blocks.catalogue.domain.census.defects import Defect
from yiwang.blocks.catalogue.domain.feed import entries_of_feed
from yiwang.blocks.catalogue.store.feed_models import Feed
from yiwang.blocks.identity.public import DATA_OFFICER, OPERATOR, Actor, actor_for
from yiwang.blocks.journal.public import record_event
from yiwang.dataplane.connectors.hosts import AllowedHosts
from yiwang.dataplane.feeds.fetching import fetch_json
from yiwang.vocabulary.errors import YwError

MOST_KEPT = 500
"""Problems of a run that are kept."""
LEAST_HOURS, MOST_HOURS = 1, 24 * 31
RETRY = timedelta(hours=1)


@dataclass(frozen=True)
class FeedForm:
    """A feed as the operator writes it; without a `url` it is a folder of the node."""

    name: str
    officer: str
    url: str = ""
    hours: int = 24
    active: bool = True


@dataclass(frozen=True)
class FileOutcome:
    """One file of a folder: what it brought, or why it did not. `defects` are cells."""

    name: str
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    error: YwError | None = None
    defects: tuple[Defect, ...] = ()


@transaction.atomic
def add_feed(actor: Actor, form: FeedForm, now: datetime) -> int:
    """Follow another catalogue; its first run is due at once. Returns its number.

    Raises: NotAllowed, FeedInvalid, HostNotAllowed.
    """
    actor.require(OPERATOR)
    officer = _checked(form, now)
    row = Feed.objects.create(
        name=form.name.strip(), kind="url" if form.url else "folder", url=form.url.strip(), agency=officer.agency,
        agency_name=officer.agency_name, officer=form.officer.strip(), hours=form.hours, active=form.active,
        due_at=now,
    )  # fmt: skip
    if not form.url:
        drop_of(row.pk).mkdir(parents=True, exist_ok=True)
    record_event("feed-added", now, provider=officer.agency, detail={"feed": row.pk})
    return row.pk


@transaction.atomic
def edit_feed(actor: Actor, feed_id: int, form: FeedForm, now: datetime) -> None:
    """Change a feed; a folder stays a folder. Raises: NotAllowed, FeedUnknown, FeedInvalid, HostNotAllowed."""
    actor.require(OPERATOR)
    row = _feed(feed_id)
    if (row.kind == "url") != bool(form.url):
        raise errors.FeedInvalid(reason_zh="地址和文件夹不能互换", reason_en="an address stays one")
    officer = _checked(form, now, but=row.pk)
    row.name, row.url, row.officer = form.name.strip(), form.url.strip(), form.officer.strip()
    row.agency, row.agency_name, row.hours, row.active = (
        officer.agency,
        officer.agency_name,
        form.hours,
        form.active,
    )
    row.save()
    record_event("feed-changed", now, provider=officer.agency, detail={"feed": row.pk})


@transaction.atomic
def remove_feed(actor: Actor, feed_id: int, now: datetime) -> None:
    """Stop following; entries stay, and so do files in its folder. Raises: NotAllowed, FeedUnknown."""
    actor.require(OPERATOR)
    row = _feed(feed_id)
    record_event("feed-removed", now, provider=row.agency, detail={"feed": row.pk})
    row.delete()


@transaction.atomic
def run_feed_soon(actor: Actor, feed_id: int, now: datetime) -> None:
    """Have the worker run it within a minute. Raises: NotAllowed, FeedUnknown."""
    actor.require(OPERATOR)
    row = _feed(feed_id)
    row.due_at, row.active = now, True
    row.save(update_fields=["due_at", "active"])


def run_due_feeds(now: datetime) -> int:
    """Run the feeds that are due; each counts as run before it begins, so that no second worker repeats it."""
    ran = 0
    while True:
        with transaction.atomic():
            due = Feed.objects.select_for_update(skip_locked=True).filter(active=True, due_at__lte=now)
            row = due.order_by("due_at").first()
            if row is None:
                return ran
            row.due_at = now + timedelta(hours=row.hours)
            row.save(update_fields=["due_at"])
        _run(row, now)
        ran += 1


def follow_folder(actor: Actor, drop: Path, now: datetime) -> tuple[FileOutcome, ...]:
    """Take in every .xlsx of a folder; a file that was taken in moves to `done/`, one with wrong cells stays."""
    found = []
    for file in sorted(drop.glob("*.xlsx")):
        if file.name.startswith("~$") or file.is_symlink() or not file.is_file():
            continue  # the lock file of a spreadsheet program, or a link out of the folder
        try:
            done = import_sheet(actor, file.read_bytes(), now)
        except errors.SheetDefective as error:
            found.append(FileOutcome(file.name, error=error, defects=error.defects))
        except YwError as error:
            found.append(FileOutcome(file.name, error=error))
        else:
            found.append(FileOutcome(file.name, len(done.created), len(done.changed), done.unchanged))
            (drop / "done").mkdir(exist_ok=True)
            file.replace(drop / "done" / f"{now:%Y%m%dT%H%M%S%f}-{file.name}")
    return tuple(found)


def drop_of(feed_id: int) -> Path:
    """The folder of the node into which spreadsheets of a feed are dropped."""
    return Path(settings.YW_DATA) / "feeds" / str(feed_id)


def allowed_hosts() -> AllowedHosts:
    """Hosts that may be fetched from: the operator's list `YW_SOURCE_HOSTS`."""
    return AllowedHosts.parse(os.environ.get("YW_SOURCE_HOSTS", ""))


def _run(row: Feed, now: datetime) -> None:
    try:
        outcomes = _outcomes(row, now)
    except errors.SheetDefective as error:
        outcomes = (FileOutcome(row.name, error=error, defects=error.defects),)
    except YwError as error:
        outcomes = (FileOutcome(row.name, error=error),)
    wrong = [one for one in outcomes if one.error is not None]
    problems = [problem for one in wrong for problem in _problems(one)]
    values: dict[str, object] = {
        "ran_at": now, "state": "done" if not wrong else "partly" if len(wrong) < len(outcomes) else "failed",
        "created": sum(one.created for one in outcomes), "changed": sum(one.changed for one in outcomes),
        "unchanged": sum(one.unchanged for one in outcomes), "problems": problems[:MOST_KEPT],
    }  # fmt: skip
    if any(one.error is not None and not one.error.permanent for one in wrong):
        values["due_at"] = now + min(RETRY, timedelta(hours=row.hours))
    Feed.objects.filter(pk=row.pk).update(**values)


def _outcomes(row: Feed, now: datetime) -> tuple[FileOutcome, ...]:
    officer = _officer(row.officer, now)
    if officer.agency != row.agency:
        raise errors.FeedInvalid(reason_zh="数据专员已调离", reason_en="the data officer has moved")
    if row.kind == "folder":
        drop = drop_of(row.pk)
        drop.mkdir(parents=True, exist_ok=True)
        return follow_folder(officer, drop, now)
    document = fetch_json(row.url, allowed_hosts())
    done = import_entries(officer, f"feed:{row.pk}", entries_of_feed(document), now)
    return (FileOutcome(row.name, len(done.created), len(done.changed), done.unchanged),)


def _problems(one: FileOutcome) -> list[dict[str, str]]:
    if one.defects:
        return [
            {
                "where": f"{one.name} {defect.sheet}!{defect.cell}", "zh": defect.zh, "en": defect.en,
                "mend_zh": defect.mend_zh, "mend_en": defect.mend_en,
            }
            for defect in one.defects
        ]  # fmt: skip
    error = one.error
    if error is None:
        return []
    return [
        {
            "where": one.name, "zh": error.text("zh"), "en": error.text("en"), "mend_zh": error.mend("zh"),
            "mend_en": error.mend("en"),
        }
    ]  # fmt: skip


def _checked(form: FeedForm, now: datetime, but: int | None = None) -> Actor:
    if not form.name.strip() or len(form.name.strip()) > 100:
        raise errors.FeedInvalid(reason_zh="请填写名称", reason_en="give it a name")
    if not LEAST_HOURS <= form.hours <= MOST_HOURS:
        raise errors.FeedInvalid(
            reason_zh=f"间隔应在 {LEAST_HOURS} 到 {MOST_HOURS} 小时之间",
            reason_en=f"hours are between {LEAST_HOURS} and {MOST_HOURS}",
        )
    if Feed.objects.filter(name=form.name.strip()).exclude(pk=but or 0).exists():
        raise errors.FeedInvalid(reason_zh="名称已被使用", reason_en="the name is taken")
    if form.url:
        _check_address(form.url.strip())
    return _officer(form.officer.strip(), now)


def _check_address(url: str) -> None:
    """An http(s) address on a listed host, without an account in it. Raises: FeedInvalid, HostNotAllowed."""
    parts = urlsplit(url)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.username is not None
        or len(url) > 500
    ):
        raise errors.FeedInvalid(
            reason_zh="地址应以 http:// 或 https:// 开头，且不含账号",
            reason_en="give an http address without an account",
        )
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise errors.FeedInvalid(reason_zh="端口不是数字", reason_en="the port is no number") from error
    allowed_hosts().pin(parts.hostname, port)


def _officer(username: str, now: datetime) -> Actor:
    try:
        officer = actor_for(username, now)
    except YwError as error:
        raise errors.FeedInvalid(reason_zh="没有这个账号", reason_en="there is no such account") from error
    if not (officer.agency and officer.has(DATA_OFFICER)):
        raise errors.FeedInvalid(reason_zh="该账号不是数据专员", reason_en="the account is no data officer")
    return officer


def _feed(feed_id: int) -> Feed:
    row = Feed.objects.select_for_update().filter(pk=feed_id).first()
    if row is None:
        raise errors.FeedUnknown(feed=feed_id)
    return row
