"""`yw system`: begin, check and plan declared systems. What touches a database is added by the verbs of a node."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from yiwang.bootstrap.cli.system_files import (
    export_command,
    import_command,
    loads_command,
    take_back_command,
)
from yiwang.systems.checking.packages import check_package
from yiwang.systems.loading import Loaded, load_package, package_from_snapshot
from yiwang.systems.model.package import Package
from yiwang.systems.planning.compare import compatibility, plan
from yiwang.systems.planning.snapshots import digest_of, snapshot_of
from yiwang.systems.starting import new_package

language_option = click.option(
    "--lang", type=click.Choice(["zh", "en"]), help="language of the answer; else that of LANG"
)
folder_argument = click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
beside_option = click.option(
    "--beside", type=click.Path(path_type=Path, exists=True, file_okay=False), multiple=True,
    help="folder that holds packages this one may refer to; else the folder it lies in",
)  # fmt: skip


@click.group()
def command() -> None:
    """Declare a system: a folder of YAML becomes tables, catalogue entries, pages and interfaces."""


command.add_command(import_command)
command.add_command(export_command)
command.add_command(loads_command)
command.add_command(take_back_command)


@command.command("new")
@click.argument("name")
@click.option("--in", "folder", type=click.Path(path_type=Path), default=Path(), help="where; else here")
@language_option
def new(name: str, folder: Path, lang: str | None) -> None:
    """Write a small working package into a new folder NAME."""
    written = new_package(name, folder)
    for path in written:
        click.echo(str(path))
    following = f"yw system check {folder / name}"
    click.echo(f"下一步：{following}" if _zh(lang) else f"Next: {following}")


@command.command("check")
@folder_argument
@beside_option
@click.option("--json", "as_json", is_flag=True, help="faults as one JSON object")
@language_option
def check(folder: Path, beside: tuple[Path, ...], as_json: bool, lang: str | None) -> None:
    """Check the package in FOLDER; exit code 1 where it has faults."""
    loaded = load_package(folder)
    faults = check_package(loaded, neighbours(folder, beside))
    wrong = [one for one in faults if not one.warning]
    if as_json:
        click.echo(json.dumps({"package": loaded.name, "sound": not wrong, "faults": [one.as_json() for one in faults]},
                              ensure_ascii=False, indent=1))  # fmt: skip
    else:
        language = "zh" if _zh(lang) else "en"
        for one in faults:
            mark = {"zh": "警告 ", "en": "warning "}[language] if one.warning else ""
            click.echo(f"{mark}{one.text(language)}\n    {one.mend(language)}  [{one.code}]")
        click.echo(_summary(loaded, len(wrong), len(faults) - len(wrong), language))
    if wrong:
        sys.exit(1)


@command.command("plan")
@folder_argument
@beside_option
@click.option(
    "--against", type=click.Path(path_type=Path, exists=True),
    help="folder or snapshot (JSON) of the last release; else nothing is applied yet",
)  # fmt: skip
@click.option("--snapshot", "out", type=click.Path(path_type=Path), help="write the snapshot of FOLDER here")
@click.option("--json", "as_json", is_flag=True, help="the plan as one JSON object")
@language_option
def show_plan(
    folder: Path,
    beside: tuple[Path, ...],
    against: Path | None,
    out: Path | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """Say what would change if the package in FOLDER were applied; exit code 1 where it has faults."""
    loaded = load_package(folder)
    faults = [one for one in check_package(loaded, neighbours(folder, beside)) if not one.warning]
    if faults:
        loaded = Loaded(loaded.name, loaded.package, tuple(faults))
    after = loaded.require()
    before = _release(against) if against is not None else None
    made = plan(before, after)
    least = compatibility(before, after) if before is not None else None
    if out is not None:
        snapshot = snapshot_of(loaded)
        out.write_text(
            json.dumps({**snapshot, "digest": digest_of(snapshot)}, ensure_ascii=False), encoding="utf-8"
        )
    language = "zh" if _zh(lang) else "en"
    if as_json:
        answer = made.as_json()
        if least is not None:
            answer["compatibility"] = {
                "least": least.least,
                "sound": least.sound,
                "breaking": len(least.breaking),
            }
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    for line in made.lines(language):
        click.echo(line)
    if least is not None and not least.sound:
        click.echo(
            f"版本号应不低于 {least.least}"
            if language == "zh"
            else f"the version should be {least.least} at least"
        )


@command.command("apply")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
@click.option(
    "--data", "node", type=click.Path(path_type=Path), default=Path(".yiwang"), show_default=True,
    help="the node's folder",
)  # fmt: skip
@click.option(
    "--owner",
    default="",
    help="unified social credit code of the agency that answers for it; else as declared",
)
@click.option(
    "--confirm", "confirmation", default="", help="why changes that narrow are right; kept with the release"
)
@click.option("--propose", is_flag=True, help="only write the plan down, for the page of systems")
@click.option("--resume", metavar="SYSTEM", help="go on with an application that was broken off")
@click.option("--undo", metavar="SYSTEM", help="take back an application that was broken off")
@language_option
def apply(
    folder: Path | None, node: Path, owner: str, confirmation: str, propose: bool, resume: str | None,
    undo: str | None,
    lang: str | None,
) -> None:  # fmt: skip
    """Bring the package in FOLDER into force on a node: tables, catalogue entries, mounts, pages, interfaces."""
    if sum(one is not None for one in (folder, resume, undo)) != 1:
        raise click.UsageError("give FOLDER, or --resume SYSTEM, or --undo SYSTEM")
    from yiwang.bootstrap.systems.node import applied, resumed, undone

    language = "zh" if _zh(lang) else "en"
    if folder is not None:
        applied(
            node,
            folder,
            owner=owner,
            confirmation=confirmation,
            propose=propose,
            language=language,
            say=click.echo,
        )
    elif resume is not None:
        resumed(node, resume, language=language, say=click.echo)
    elif undo is not None:
        undone(node, undo, language=language, say=click.echo)


@command.command("role")
@click.argument("role", metavar="SYSTEM.ROLE")
@click.argument("username")
@click.option(
    "--data", "node", type=click.Path(path_type=Path), default=Path(".yiwang"), show_default=True,
    help="the node's folder",
)  # fmt: skip
@click.option("--as", "by", required=True, help="account of a system administrator in whose name it is done")
@click.option("--end", is_flag=True, help="take it back")
def role(role: str, username: str, node: Path, by: str, end: bool) -> None:
    """Give a person a role of a system, in the agency that the account belongs to."""
    system, dot, name = role.partition(".")
    if not dot:
        raise click.BadParameter("SYSTEM.ROLE is expected", param_hint="SYSTEM.ROLE")
    from yiwang.bootstrap.cli.exchange import acting_officer

    with acting_officer(node, by) as actor:
        from django.utils import timezone

        from yiwang.blocks.identity.public import actor_for
        from yiwang.blocks.registry import public as registry

        now = timezone.now()
        change = registry.end_role if end else registry.give_role
        change(actor, system, name, actor_for(username, now), now)
    click.echo(f"{username}: {role}{' -' if end else ''}")


def neighbours(folder: Path, beside: tuple[Path, ...]) -> dict[str, Package]:
    """The sound packages that lie in the given folders, or beside `folder`, by system id."""
    found: dict[str, Package] = {}
    for place in beside or (folder.resolve().parent,):
        for other in sorted(place.iterdir()):
            if other.resolve() != folder.resolve() and (other / "system.yaml").is_file():
                package = load_package(other).package
                if package is not None:
                    found[package.id] = package
    return found


def _release(path: Path) -> Package:
    if path.is_dir():
        return load_package(path).require()
    return package_from_snapshot(json.loads(path.read_text(encoding="utf-8"))).require()


def _summary(loaded: Loaded, wrong: int, warnings: int, language: str) -> str:
    name = loaded.package.system.title.text(language) if loaded.package else loaded.name
    if language == "zh":
        return f"{name}：{wrong} 处错误，{warnings} 处警告" if wrong or warnings else f"{name}：没有错误"
    return f"{name}: {wrong} faults, {warnings} warnings" if wrong or warnings else f"{name}: no faults"


def _zh(lang: str | None) -> bool:
    return (lang or os.environ.get("LANG", "")).startswith("zh")
