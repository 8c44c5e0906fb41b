"""`yw client`: call a resource from the command line, as an application of an agency."""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import NoReturn, TypedDict, TypeVar, Unpack

import click

from yiwang.bootstrap.cli.client_output import as_csv, as_table
from yiwang.client import (
    Answer,
    Checked,
    Client,
    Evidence,
    EvidenceInvalid,
    GatewayRefused,
    GatewayUnreachable,
    Options,
)
from yiwang.client.profiles import profile_file, read_profile, read_profiles
from yiwang.client.samples import signed_curl
from yiwang.client.where import parse_fields, parse_where
from yiwang.vocabulary.crypto import generate
from yiwang.vocabulary.errors import YwError

EXIT_WRONG, EXIT_REFUSED, EXIT_UNREACHABLE, EXIT_UNPROVEN = 2, 3, 4, 5
"""Exit codes beside 0: the call itself is wrong; the gateway refused; no answer; the evidence does not prove it."""

F = TypeVar("F", bound=Callable[..., object])


class Target(TypedDict):
    """The options of every verb that calls a gateway."""

    gateway: str | None
    key: str | None
    profile: str | None
    trust: str | None
    node: str | None
    timeout: float
    retries: int


def told(zh: str, en: str) -> str:
    """The text in the language of this call."""
    return en if click.get_current_context().find_root().meta.get("yw.lang") == "en" else zh


def fail(error: YwError) -> NoReturn:
    """Say what is wrong and what to do, and leave with the exit code of its kind."""
    language = told("zh", "en")
    click.echo(f"{told('错误', 'error')}: {error.text(language)}", err=True)
    click.echo(f"  → {error.mend(language)}", err=True)
    number = error.request_id if isinstance(error, GatewayRefused) else error.facts.get("request_id")
    click.echo(f"  [{error.code}]{f' {number}' if number else ''}", err=True)
    kinds: tuple[tuple[type[YwError], int], ...] = (
        (GatewayRefused, EXIT_REFUSED),
        (GatewayUnreachable, EXIT_UNREACHABLE),
        (EvidenceInvalid, EXIT_UNPROVEN),
    )
    sys.exit(next((code for kind, code in kinds if isinstance(error, kind)), EXIT_WRONG))


def _set_language(ctx: click.Context, _: click.Parameter, value: str) -> None:
    ctx.find_root().meta["yw.lang"] = value


def speaking(command: F) -> F:
    """The option `--lang`."""
    return click.option(
        "--lang", type=click.Choice(["zh", "en"]), default="zh", callback=_set_language, expose_value=False,
        is_eager=True, help="language of messages [zh]",
    )(command)  # fmt: skip


def calling(command: F) -> F:
    """The options of `Target`, and `--lang`."""
    options = (
        click.option("--gateway", metavar="URL", help="address of the gateway"),
        click.option(
            "--key", metavar="FILE", help="private key (PEM); its password, if any, in YW_KEY_PASSWORD"
        ),
        click.option("--profile", metavar="NAME", help="gateway, key and trust from profiles.toml"),
        click.option(
            "--trust", metavar="FILE", help="trust file of the node; else the first key seen is believed"
        ),
        click.option("--node", metavar="NAME", help="name of the node, where there is no trust file"),
        click.option("--timeout", type=float, default=30.0, show_default=True, metavar="SECONDS"),
        click.option("--retries", type=click.IntRange(0, 10), default=3, show_default=True),
        speaking,
    )
    for option in reversed(options):
        command = option(command)
    return command


@contextmanager
def opened(target: Target) -> Iterator[Client]:
    """The client that the options describe, errors told; an option wins over the profile."""
    try:
        gateway, key, trust, node = target["gateway"], target["key"], target["trust"], target["node"]
        if target["profile"] is not None:
            found = read_profile(target["profile"])
            gateway, key, node = gateway or found.gateway, key or str(found.key), node or found.node
            trust = trust or (None if found.trust is None else str(found.trust))
        if not gateway or not key:
            raise click.UsageError(
                told("请给出 --gateway 和 --key，或 --profile。", "Give --gateway and --key, or --profile.")
            )
        password = os.environ.get("YW_KEY_PASSWORD")
        options = Options(timeout=target["timeout"], retries=target["retries"])
        logging.getLogger("httpx").setLevel(logging.WARNING)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            client = Client(
                gateway,
                key,
                password=password.encode() if password else None,
                trust=trust,
                node=node,
                options=options,
            )
        for warning in caught:
            click.echo(str(warning.message), err=True)
        with client:
            yield client
    except YwError as error:
        fail(error)


@click.group()
def command() -> None:
    """Call resources of other departments: sign, query, verify, keep the evidence.

    Exit codes: 0 answered and proven, 2 the call is wrong, 3 refused by the gateway, 4 no answer, 5 not proven.
    """


@command.command()
@click.argument("code")
@click.option(
    "--where", multiple=True, metavar="FIELD[:in|prefix|gte|lte]=VALUE", help="condition; repeatable"
)
@click.option(
    "--field", "fields", multiple=True, metavar="F", help="field wanted; repeatable; default: all granted"
)
@click.option(
    "--purpose", required=True, metavar="P", help="item:<service item> or law:<law>#<article>[;case=<no.>]"
)
@click.option("--grant", metavar="G", help="grant, where several fit")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="rows at most, or rows a page with --all")
@click.option("--all", "every", is_flag=True, help="all pages")
@click.option(
    "--evidence", type=click.Path(dir_okay=False, path_type=Path), help="write the evidence bundle here"
)
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)
@calling
def query(
    code: str,
    where: tuple[str, ...],
    fields: tuple[str, ...],
    purpose: str,
    grant: str | None,
    limit: int | None,
    every: bool,
    evidence: Path | None,
    form: str,
    **target: Unpack[Target],
) -> None:
    """Ask for rows of the resource CODE.

    With --all each page has a bundle of its own: e.json, e.2.json, e.3.json …
    """
    with opened(target) as client:
        pages = client.query_pages(
            code,
            where=parse_where(where),
            fields=list(fields) or None,
            limit=limit,
            purpose=purpose,
            grant=grant,
        )
        first = next(pages)
        _print(chain([first], pages) if every else iter([first]), form, evidence)
        if first.next is not None and not every:
            click.echo(
                told("还有更多行：加 --all 全部取回。", "There are more rows: add --all for all of them."),
                err=True,
            )


def _print(pages: Iterator[Answer], form: str, evidence: Path | None) -> None:
    """Write page after page, so that a long answer need not fit into memory."""
    names: list[str] = []
    before = "["
    for number, answer in enumerate(pages, 1):
        if form == "json":
            for row in answer.rows:
                click.echo(f"{before}\n {json.dumps(row, ensure_ascii=False)}", nl=False)
                before = ","
        elif form == "csv":
            names = names or list(dict.fromkeys(name for row in answer.rows for name in row))
            click.echo(as_csv(answer.rows, names, header=number == 1), nl=False)
        elif answer.rows:
            click.echo(as_table(answer.rows, shutil.get_terminal_size().columns), nl=False)
        if number == 1 and not answer.rows:
            click.echo(told("没有符合条件的行。", "No row fits."), err=True)
        if number == 1 and answer.evidence.trust == "first-use":
            _say_first_use(answer)
        if evidence is not None:
            _save(
                answer.evidence,
                evidence if number == 1 else evidence.with_suffix(f".{number}{evidence.suffix}"),
            )
    if form == "json":
        click.echo("[]" if before == "[" else "\n]")


def _save(evidence: Evidence, path: Path) -> None:
    try:
        evidence.save(path)
    except OSError as problem:
        raise click.ClickException(
            told("存证文件 {} 写不了：{}", "The evidence file {} cannot be written: {}").format(
                path, problem.strerror
            )
        ) from problem
    click.echo(told("存证已写入 {}", "evidence written to {}").format(path), err=True)


def _say_first_use(answer: Answer | Checked) -> None:
    text = told(
        "提示：没有信任文件，节点公钥 {} 由网关自报；请向节点运维索取信任文件，用 --trust 指明。",
        "Note: without a trust file, the node's key {} is the gateway's own word; get the trust file from its operator.",
    )
    click.echo(text.format(answer.evidence.head.key), err=True)


@command.command()
@click.argument("code")
@click.option(
    "--subject", multiple=True, required=True, metavar="FIELD=VALUE", help="whom it is about; repeatable"
)
@click.option(
    "--claim", "claims", multiple=True, required=True, metavar="FIELD=VALUE", help="what to check; repeatable"
)
@click.option(
    "--purpose", required=True, metavar="P", help="item:<service item> or law:<law>#<article>[;case=<no.>]"
)
@click.option("--grant", metavar="G", help="grant, where several fit")
@click.option(
    "--evidence", type=click.Path(dir_okay=False, path_type=Path), help="write the evidence bundle here"
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@calling
def verify(
    code: str,
    subject: tuple[str, ...],
    claims: tuple[str, ...],
    purpose: str,
    grant: str | None,
    evidence: Path | None,
    form: str,
    **target: Unpack[Target],
) -> None:
    """Ask whether claims about a subject are true, without seeing its data (resource CODE)."""
    with opened(target) as client:
        checked = client.verify(
            code, subject=parse_fields(subject), claims=parse_fields(claims), purpose=purpose, grant=grant
        )
        words = {
            "match": told("一致", "match"),
            "mismatch": told("不一致", "mismatch"),
            "unknown": told("无法核对", "unknown"),
        }
        if form == "json":
            click.echo(json.dumps(checked.claims, ensure_ascii=False))
        else:
            shown = {name: words.get(outcome, outcome) for name, outcome in checked.claims.items()}
            click.echo(as_table([dict(shown)], shutil.get_terminal_size().columns), nl=False)
        if checked.evidence.trust == "first-use":
            _say_first_use(checked)
        if evidence is not None:
            _save(checked.evidence, evidence)


@command.command()
@click.argument("code")
@click.option("--where", multiple=True, metavar="FIELD[:op]=VALUE", help="condition; repeatable")
@click.option("--field", "fields", multiple=True, metavar="F", help="field wanted; repeatable")
@click.option(
    "--purpose", required=True, metavar="P", help="item:<service item> or law:<law>#<article>[;case=<no.>]"
)
@click.option("--grant", metavar="G", help="grant, where several fit")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="rows at most")
@calling
def sign(
    code: str,
    where: tuple[str, ...],
    fields: tuple[str, ...],
    purpose: str,
    grant: str | None,
    limit: int | None,
    **target: Unpack[Target],
) -> None:
    """Print a signed query as a curl command, to compare with your own program. It works once, for five minutes."""
    with opened(target) as client:
        sent = client.sign_query(
            code,
            where=parse_where(where),
            fields=list(fields) or None,
            limit=limit,
            purpose=purpose,
            grant=grant,
        )
        click.echo(signed_curl(client.gateway, sent), nl=False)
        click.echo(told("# 签名基串：", "# signature base:"), err=True)
        click.echo(sent.base.decode("ascii"), err=True)


@command.group()
def key() -> None:
    """Make and show keys of a client application."""


@key.command("new")
@click.option("--suite", type=click.Choice(["sm2-sm3", "ed25519"]), default="sm2-sm3", show_default=True)
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="file for the private key"
)
@speaking
def new_key(suite: str, out: Path) -> None:
    """Make a key pair: the private key goes to a file (mode 0600), the public one is printed, to be registered."""
    made = generate(suite)
    password = os.environ.get("YW_KEY_PASSWORD")
    try:
        number = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as problem:
        text = told("文件 {} 已存在或写不了：{}", "The file {} exists or cannot be written: {}")
        raise click.ClickException(text.format(out, problem.strerror)) from problem
    with os.fdopen(number, "wb") as file:
        file.write(made.to_pem(password.encode() if password else None))
    click.echo(f"kid {made.kid}")
    click.echo(made.public.to_pem().decode("ascii"), nl=False)
    click.echo(
        told("请数据专员在应用管理中登记以上公钥。", "Have your data officer register this public key."),
        err=True,
    )


@command.group()
def profile() -> None:
    """Named callers, kept in a file."""


@profile.command("list")
@speaking
def list_profiles() -> None:
    """List the profiles."""
    try:
        found = read_profiles()
    except YwError as error:
        fail(error)
    for name, one in sorted(found.items()):
        click.echo(f"{name}  {one.gateway}  {one.key}")
    if not found:
        click.echo(told("{} 里没有配置。", "There is no profile in {}.").format(profile_file()), err=True)
