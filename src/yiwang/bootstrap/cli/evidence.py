"""`yw evidence`: verify a bundle, export trusted keys, audit the journal."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yiwang.bootstrap.node import NodeFolder
from yiwang.bootstrap.starting import set_up_django
from yiwang.vocabulary.errors import YwError

if TYPE_CHECKING:
    from yiwang.blocks.journal.public import HeadCoder, Report, Witness
    from yiwang.vocabulary.evidence import Trust

DATA = click.option(
    "--data", "folder", type=click.Path(path_type=Path), default=Path(".yiwang"), show_default=True,
    help="the node's folder",
)  # fmt: skip


class HeadsUnreadable(YwError):
    """The file given with --heads holds no heads."""

    code = "heads-file-unreadable"
    message_zh = "{file} 不是树头文件：{reason}。"
    message_en = "{file} is not a file of tree heads: {reason}."
    mend_zh = '应为 JSON 数组或每行一个 JSON：{{"head": "…", "signature": "…"}}，如 /v1/heads 所给。'
    mend_en = (
        'Give a JSON list, or one JSON object a line: {{"head": "…", "signature": "…"}}, as /v1/heads does.'
    )


class NoTrust(YwError):
    """Nothing to verify signatures by was given."""

    code = "trust-missing"
    message_zh = "没有可用来核对签名的密钥：{folder} 中没有节点密钥，也没有给出 --trust。"
    message_en = "There are no keys to verify signatures by: none in {folder}, and no --trust was given."
    mend_zh = "用 --trust 给出 ./yw evidence trust 导出的文件，或用 --data 指出节点目录。"
    mend_en = "Give the file that ./yw evidence trust exports with --trust, or the node's folder with --data."


class DatabaseUnreadable(YwError):
    """The journal's database could not be read."""

    code = "journal-unreadable"
    permanent = False
    message_zh = "读不到存证数据库：{reason}。"
    message_en = "The journal's database cannot be read: {reason}."
    mend_zh = "检查 --database 或 --data，以及账号对 journal_ 各表的读取权限。"
    mend_en = "Check --database or --data, and that the account may read the journal_ tables."


@click.group()
def command() -> None:
    """Verify evidence, export the keys it is verified by, audit the journal."""


@command.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def verify(arguments: tuple[str, ...]) -> None:
    """Verify an evidence bundle by pinned keys: `verify BUNDLE --trust FILE`, more with --help.

    Exit code: 0 valid, 1 not valid, 2 unusable input.
    """
    from yiwang.client import session_verifier, verifier

    sys.exit(verifier.main(list(arguments), session_verifier.verify))


@command.command()
@DATA
@click.option("--node", "name", default=None, help="the node's name, where the folder does not tell it")
def trust(folder: Path, name: str | None) -> None:
    """Print the trust file of a node: the public keys of its evidence, to be pinned by others."""
    click.echo(_trust_of(folder, name).to_json(), nl=False)


@command.command()
@DATA
@click.option("--log", default=None, help="audit this log only")
@click.option(
    "--heads", type=click.Path(path_type=Path, exists=True), multiple=True, help="heads that others kept"
)
@click.option(
    "--trust", "trust_file", type=click.Path(path_type=Path, exists=True), help="pinned keys [the folder's]"
)
@click.option("--database", "url", default=None, help="URL of the database [the node's]")
@click.option("--alone", is_flag=True, help="do not ask peers for the heads and leaves that they keep")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def audit(
    folder: Path,
    log: str | None,
    heads: tuple[Path, ...],
    trust_file: Path | None,
    url: str | None,
    alone: bool,
    as_json: bool,
) -> None:
    """Walk the whole journal and name every damage: by leaf, or by the interval between two heads.

    Heads and leaves that peers of the cascade keep are asked for; a peer that does not answer is told.

    Exit code: 0 whole, 1 damaged, 2 the audit could not be made.
    """
    from yiwang.vocabulary.evidence import parse_trust

    pinned = parse_trust(trust_file.read_bytes()) if trust_file else _trust_of(folder, None)
    if not pinned.keys:
        raise NoTrust(folder=str(folder))
    _use_django(folder, url)
    witnesses = _witnesses(folder, heads)
    from yiwang.bootstrap.witnesses import Heard, ask_peers, compare_leaves

    heard = Heard()
    if url is None and not alone and (folder / "node.json").exists():
        heard = ask_peers(folder, witnesses)
    for name, problem in heard.silent.items():
        click.echo(f"{name}: {problem.text(_language())} {problem.mend(_language())}", err=True)
    # where the trust was given as a file, the folder may be another node's
    coder = _coder_of(folder) if trust_file is None else None
    reports = _audited(folder, url, pinned, witnesses, log=log, coder=coder, show=not as_json)
    if heard.held:
        compare_leaves(folder, reports, heard.held)
    if as_json:
        silent = {
            name: {"code": one.code, "zh": one.text("zh"), "en": one.text("en")}
            for name, one in heard.silent.items()
        }
        click.echo(json.dumps({**_document(reports), "silent": silent}, ensure_ascii=False, indent=1))
    else:
        _print(reports)
    sys.exit(1 if any(report.damages for report in reports) else 0)


def _trust_of(folder: Path, name: str | None) -> Trust:
    from yiwang.bootstrap.identity import use_identity
    from yiwang.gateway.evidence.highwater import read_all
    from yiwang.vocabulary.crypto import FileKeyProvider
    from yiwang.vocabulary.evidence import parse_head, trust_of

    use_identity(folder)
    if not (folder / "keys").is_dir():
        raise NoTrust(folder=str(folder))
    known = [parse_head(signed.head).node for signed in read_all(folder / "journal").values()]
    node = name or next(iter(known), None) or os.environ.get("YW_NODE", "lanzhou")
    return trust_of(node, FileKeyProvider(folder / "keys").describe("evidence"))


def _coder_of(folder: Path) -> HeadCoder | None:
    """What compares the codes of heads, where the node's keys are at hand."""
    from yiwang.blocks.journal.public import HEADS, HeadCoder
    from yiwang.vocabulary.crypto import CryptoError, FileKeyProvider

    try:
        key = FileKeyProvider(folder / "keys").sealing_key(HEADS, existing=True)
    except (CryptoError, OSError):
        return None
    return HeadCoder(lambda: key)


def _use_django(folder: Path, url: str | None) -> None:
    """The journal's door needs Django's tables declared, though the audit reads by itself."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.bootstrap.settings")
    os.environ["YW_DATA"] = str(folder)  # what --data says wins, else another node's keys would sign
    if url:
        os.environ["YW_DATABASE_URL"] = url
    import logging

    logging.disable(logging.INFO)
    set_up_django()
    logging.disable(logging.NOTSET)


def _witnesses(folder: Path, files: tuple[Path, ...]) -> list[Witness]:
    """Heads of the high-water files and of the files given, read before the database is."""
    from yiwang.blocks.journal.public import Witness
    from yiwang.gateway.evidence.highwater import read_all
    from yiwang.vocabulary.evidence import SignedHead, parse_head

    found = [Witness("the high-water file", one) for one in read_all(folder / "journal").values()]
    for file in files:
        try:
            text = file.read_text(encoding="utf-8").strip()
            values = (
                json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines()]
            )
            for value in values:
                signed = SignedHead(str(value["head"]), str(value["signature"]))
                parse_head(signed.head)
                found.append(Witness("a retained head", signed))
        except (ValueError, KeyError, TypeError, UnicodeError, YwError) as problem:
            raise HeadsUnreadable(file=str(file), reason=str(problem)[:200]) from problem
    return found


def _audited(
    folder: Path,
    url: str | None,
    pinned: Trust,
    witnesses: list[Witness],
    *,
    log: str | None,
    coder: HeadCoder | None,
    show: bool,
) -> list[Report]:
    import psycopg

    from yiwang.blocks.journal.public import audit_database
    from yiwang.bootstrap.running import database_of

    def progress(name: str, leaves: int) -> None:
        if show and sys.stderr.isatty():
            click.echo(f"\r{name} {leaves:,}", nl=False, err=True)

    try:
        if url:
            return audit_database(url, pinned, witnesses, log=log, coder=coder, progress=progress)
        with database_of(NodeFolder(folder)) as urls:
            return audit_database(urls.app, pinned, witnesses, log=log, coder=coder, progress=progress)
    except psycopg.Error as problem:
        raise DatabaseUnreadable(reason=str(problem).strip().splitlines()[0]) from problem


def _document(reports: list[Report]) -> dict[str, object]:
    return {
        "whole": not any(report.damages for report in reports),
        "logs": [
            {
                "log": report.log,
                "size": report.size,
                "heads": report.heads,
                "epoch": report.epoch,
                **{
                    name: [
                        {"kind": one.kind, **one.facts, "zh": one.text("zh"), "en": one.text("en")}
                        for one in part
                    ]
                    for name, part in (("damages", report.damages), ("notes", report.notes))
                },
            }
            for report in reports
        ],
    }


def _language() -> str:
    return "zh" if os.environ.get("LANG", "").startswith("zh") else "en"


def _print(reports: list[Report]) -> None:
    language = _language()
    if sys.stderr.isatty():
        click.echo("\r", nl=False, err=True)
    for report in reports:
        told = "damaged" if report.damages else "whole"
        if language == "zh":
            told = "有损坏" if report.damages else "完好"
        click.echo(
            f"{report.log}: {told} — {report.size:,} leaves, {report.heads:,} heads, epoch {report.epoch}"
        )
        for found in report.damages:
            click.echo(f"  ✗ {found.text(language)}")
        for found in report.notes:
            click.echo(f"  · {found.text(language)}")
