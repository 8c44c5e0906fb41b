"""Applying on a node from the command line: its folder tells where the database is, who may do what there."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from yiwang.bootstrap.node import DatabaseUrls, NodeFolder, Ports, environment
from yiwang.bootstrap.running import database_of
from yiwang.bootstrap.starting import set_up_django
from yiwang.bootstrap.systems.stories import stories_as_owner

if TYPE_CHECKING:
    from yiwang.blocks.registry.public import Step, Watch

Say = Callable[[str], None]


def applied(
    folder: Path, package: Path, *, owner: str, confirmation: str, propose: bool, language: str, say: Say
) -> None:
    """Apply a package and tell what was done. Raises: YwError."""
    with on_node(folder) as urls:
        from django.utils import timezone

        from yiwang.blocks.registry.public import owner_connection
        from yiwang.bootstrap.systems.applying import ROLES, apply_folder

        with owner_connection(urls.owner) as connection:
            prepared = apply_folder(
                connection, package, ROLES, timezone.now(), owner=owner, by=operator_name(),
                confirmation=confirmation, propose=propose, watch=_told(language, say),
                stories=stories_as_owner(urls.owner),
            )  # fmt: skip
        title = prepared.system.title.text(language)
        if not propose:
            tell_listed(prepared.system.id, urls, language, say)
        if not prepared.changed:
            say(f"{title} {prepared.system.version} 已在用，没有变化。" if language == "zh"
                else f"{title} {prepared.system.version} is in force; nothing changes.")  # fmt: skip
        else:
            for line in prepared.plan.lines(language):
                say(line)
        if prepared.changed and propose:
            say(f"{title} {prepared.system.version} 等待启用。" if language == "zh"
                else f"{title} {prepared.system.version} waits to be applied.")  # fmt: skip
        elif prepared.changed:
            say(f"{title} {prepared.system.version} 已启用。" if language == "zh"
                else f"{title} {prepared.system.version} is in force.")  # fmt: skip


def resumed(folder: Path, system: str, *, language: str, say: Say) -> None:
    """Go on with an application that was broken off. Raises: YwError."""
    with on_node(folder) as urls:
        from yiwang.blocks.registry.public import owner_connection, resume_application

        with owner_connection(urls.owner) as connection:
            resume_application(connection, system, _told(language, say))
        tell_listed(system, urls, language, say)
    say(f"{system} 已启用。" if language == "zh" else f"{system} is in force.")


def undone(folder: Path, system: str, *, language: str, say: Say) -> None:
    """Take back an application that was broken off. Raises: YwError."""
    with on_node(folder) as urls:
        from yiwang.blocks.registry.public import owner_connection, undo_application

        with owner_connection(urls.owner) as connection:
            undo_application(connection, system)
    say(
        f"{system} 的这次启用已撤回。" if language == "zh" else f"The application of {system} was taken back."
    )


def tell_listed(system: str, urls: DatabaseUrls, language: str, say: Say) -> None:
    """Catalogue and exchange follow what is in force; running the command again mends what was broken off here."""
    from django.utils import timezone

    from yiwang.bootstrap.systems.cataloguing import tell

    told = tell(system, urls.share, timezone.now())
    zh = language == "zh"
    for entity, code in told.entries:
        say(f"  {entity}  {code}")
    say(f"  目录 {len(told.entries)} 条，挂接 {told.mounted} 项" if zh
        else f"  {len(told.entries)} catalogue entries, {told.mounted} mounted")  # fmt: skip
    if told.left_out:
        fields = "、".join(told.left_out) if zh else ", ".join(told.left_out)
        say(
            f"  加密字段不经挂接提供：{fields}"
            if zh
            else f"  encrypted fields do not leave by the mount: {fields}"
        )


@contextmanager
def on_node(folder: Path) -> Iterator[DatabaseUrls]:
    """The node's database with Django set up, as the application. Raises: NotANode."""
    node = NodeFolder(folder)
    with database_of(node) as urls:
        mode, name = os.environ.get("YW_MODE", "demo"), os.environ.get("YW_NODE", "lanzhou")
        os.environ |= environment(node, Ports.from_first(8000), urls, mode=mode, name=name)
        set_up_django()
        yield urls


def operator_name() -> str:
    """Who sits at the command line, for the ledger."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


def _told(language: str, say: Say) -> Watch:
    def watch(_position: int, step: Step, moment: str) -> None:
        if moment == "done":
            say(f"  {step.what.text(language)}")

    return watch
