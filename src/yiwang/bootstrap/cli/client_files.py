"""`yw client files|upload|download|withdraw`: whole files, with progress, resumed by running the same command again."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Unpack

import click

from yiwang.bootstrap.cli.client import EXIT_REFUSED, Target, calling, command, opened, told
from yiwang.bootstrap.cli.client_output import shown
from yiwang.client.files import Files
from yiwang.client.transfer import Progress, download, upload

_purpose = click.option(
    "--purpose", metavar="P", help="item:<service item> or law:<law>#<article>; a provider needs none"
)
_grant = click.option("--grant", metavar="G", help="grant, where several fit")


@command.command("files")
@click.argument("code")
@_purpose
@_grant
@calling
def list_files(code: str, purpose: str | None, grant: str | None, **target: Unpack[Target]) -> None:
    """List the files of the resource CODE, the newest first: id, bytes, state, name."""
    with opened(target) as client:
        found = False
        for one in Files(client).list(code, purpose=purpose, grant=grant):
            found = True
            state = (
                f"{one.state} {one.uploaded * 100 // max(one.length, 1)} %"
                if one.state == "arriving"
                else one.state
            )
            click.echo(f"{one.id}  {one.length:>14,}  {state}  {shown(one.name)}")
        if not found:
            click.echo(told("没有文件。", "There are no files."), err=True)


@command.command("upload")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", "code", required=True, metavar="CODE", help="resource of your own agency")
@click.option("--name", metavar="N", help="name under which it is delivered; default: its own")
@click.option("--media", metavar="TYPE", help="media type; default: by the ending of its name")
@click.option(
    "--wait", type=float, default=600.0, show_default=True, metavar="SECONDS", help="for the node's check"
)
@calling
def upload_file(
    file: Path, code: str, name: str | None, media: str | None, wait: float, **target: Unpack[Target]
) -> None:
    """Deliver FILE. Run it again after a break: it goes on where it stood. Prints its id, state and SHA-256."""
    with opened(target) as client:
        bar = _bar(file.name)
        sent = upload(client, file, to=code, name=name, media=media, progress=bar, wait=wait)
        _end()
        if sent.resumed_at:
            note(f"已从 {sent.resumed_at:,} 字节处续传。", f"Went on at {sent.resumed_at:,} bytes.")
        click.echo(f"{sent.id}  {sent.state}  {sent.sha256 or '-'}")
        if sent.state == "refused":
            note(f"没有通过检查：{sent.finding}", f"It did not pass its check: {sent.finding}")
            sys.exit(EXIT_REFUSED)
        if sent.state != "ready":
            note("正在检查，稍后用 yw client files 查看。", "It is being checked; see yw client files later.")


@command.command("download")
@click.argument("code")
@click.option("--file", "number", metavar="ID", help="id of the file; default: the newest")
@click.option(
    "--into", "folder", default=".", show_default=True, type=click.Path(file_okay=False, path_type=Path)
)
@click.option("--purpose", required=True, metavar="P", help="item:<service item> or law:<law>#<article>")
@_grant
@click.option(
    "--evidence", type=click.Path(dir_okay=False, path_type=Path), help="write the receipt's bundle here"
)
@calling
def download_file(
    code: str, number: str | None, folder: Path, purpose: str, grant: str | None, evidence: Path | None,
    **target: Unpack[Target],
) -> None:  # fmt: skip
    """Fetch a file of the resource CODE and confirm it. Run it again after a break: it goes on where it stood."""
    with opened(target) as client:
        if number is None:
            newest = next(Files(client).list(code, purpose=purpose, grant=grant), None)
            if newest is None:
                raise click.ClickException(told("没有文件。", "There are no files."))
            number = newest.id
        got = download(client, number, folder, purpose=purpose, grant=grant, progress=_bar(number))
        _end()
        if got.resumed_at:
            note(f"已从 {got.resumed_at:,} 字节处续传。", f"Went on at {got.resumed_at:,} bytes.")
        click.echo(f"{got.path}  {got.manifest.sha256}")
        if evidence is not None:
            got.receipt.save(evidence)


@command.command("withdraw")
@click.argument("number", metavar="ID")
@calling
def withdraw_file(number: str, **target: Unpack[Target]) -> None:
    """Give up an upload, or take back the file ID that your agency delivered."""
    with opened(target) as client:
        Files(client).withdraw(number)
        note(f"已撤回 {number}。", f"{number} was taken back.")


def note(zh: str, en: str) -> None:
    """Say something beside the output."""
    click.echo(told(zh, en), err=True)


def _bar(name: str) -> Progress | None:
    """A line on a terminal that says how far, how fast and how long; nothing where nobody looks."""
    if not sys.stderr.isatty():
        return None
    begun = time.monotonic()
    first: list[int] = []
    last = [0.0]

    def tell(done: int, length: int) -> None:
        now = time.monotonic()
        first.append(done) if not first else None
        if now - last[0] < 0.2 and done < length:
            return
        last[0] = now
        rate = (done - first[0]) / max(now - begun, 0.001)
        left = f"{(length - done) / rate:.0f} s" if rate and done < length else ""
        share = done * 100 // length if length else 100
        line = f"\r{shown(name)[:30]}  {share:3d} %  {done >> 20:,} / {length >> 20:,} MiB  {rate / (1 << 20):.1f} MiB/s  {left}"
        click.echo(line.ljust(78), nl=False, err=True)

    return tell


def _end() -> None:
    if sys.stderr.isatty():
        click.echo(err=True)
