"""`yw keys`: the node's keys, listed, replaced, their values sealed anew, old ones destroyed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from yiwang.bootstrap import keys

NAMES = ("evidence", "identity", "sources", "targets", "quarantine", "registry")
data_option = click.option(
    "--data", type=click.Path(path_type=Path), default=Path(".yiwang"), show_default=True,
    help="the node's folder",
)  # fmt: skip
language_option = click.option(
    "--lang", type=click.Choice(["zh", "en"]), help="language of the answer; else that of LANG"
)


@click.group()
def command() -> None:
    """The node's keys: evidence signs; the others seal."""


@command.command("list")
@data_option
@language_option
def list_command(data: Path, lang: str | None) -> None:
    """Show the keys, since when each is used, and how many values each sealing key opens."""
    zh = _zh(lang)
    with keys.keepers(data) as found:
        for record in keys.signing_keys(data):
            until = record.not_after.isoformat(timespec="minutes") if record.not_after is not None else "…"
            click.echo(
                f"{record.purpose}  {record.kid}  {record.not_before.isoformat(timespec='minutes')} – {until}"
            )
        for state in keys.states(found):
            for one in state.generations:
                held = state.values.get(one.generation, 0)
                what = (f"{held} 个值" if zh else f"{held} values") if one.retired_at is None else (
                    "已销毁" if zh else "destroyed"
                )  # fmt: skip
                since = one.begun_at.isoformat(timespec="minutes") if one.begun_at is not None else "…"
                click.echo(f"{state.purpose}  {one.generation}  {since}  {what}")


@command.command("rotate")
@click.argument("name", type=click.Choice(NAMES))
@data_option
@language_option
def rotate_command(name: str, data: Path, lang: str | None) -> None:
    """Replace the key NAME: a new one signs or seals from now on."""
    zh = _zh(lang)
    if name == keys.EVIDENCE:
        record = keys.rotate_signing(data)
        click.echo(f"{name}  {record.kid}")
        click.echo("请在一天内重启网关。" if zh else "Restart the gateways within a day.")
        return
    from django.utils import timezone

    with keys.keepers(data) as found:
        generation = keys.rotate(found, name, timezone.now())
    click.echo(f"{name}  {generation}")
    click.echo(f"下一步：yw keys reseal {name}" if zh else f"Next: yw keys reseal {name}")


@command.command("reseal")
@click.argument("name", type=click.Choice(NAMES[1:]))
@click.option("--system", default="", help="of the registry, one system; else all")
@data_option
@language_option
def reseal_command(name: str, system: str, data: Path, lang: str | None) -> None:
    """Seal the values of older keys anew, batch by batch; broken off, run it again. Exit code 1 where some stay."""
    zh = _zh(lang)
    from django.utils import timezone

    def tell(done: int) -> None:
        click.echo(f"  {done}", err=True)

    with keys.keepers(data, system) as found:
        done, broken = keys.reseal(found, name, timezone.now(), tell)
    click.echo(f"重新加密 {done} 个值。" if zh else f"{done} values sealed anew.")
    if broken:
        click.echo(
            f"{broken} 个值打不开，没有动。" if zh else f"{broken} values could not be opened and stay."
        )
        sys.exit(1)


@command.command("retire")
@click.argument("name", type=click.Choice(NAMES[1:]))
@click.argument("generation", type=int)
@data_option
@click.option("--yes", is_flag=True, help="do not ask")
@language_option
def retire_command(name: str, generation: int, data: Path, yes: bool, lang: str | None) -> None:
    """Destroy the key of a GENERATION that no value needs any more; backups made before need a copy of it."""
    zh = _zh(lang)
    if not yes:
        click.confirm(
            "密钥销毁后无法恢复。继续？" if zh else "A destroyed key cannot be brought back. Go on?",
            abort=True,
        )
    from django.utils import timezone

    with keys.keepers(data) as found:
        keys.retire(found, name, generation, timezone.now())
    click.echo(f"{name} {generation} 已销毁。" if zh else f"{name} {generation} destroyed.")


def _zh(lang: str | None) -> bool:
    return (lang or os.environ.get("LANG", "")).startswith("zh")
