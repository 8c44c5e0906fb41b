"""What makes the run short and takes nothing from what a test proves: files in memory, tables emptied that hold rows."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.commands import flush
from django.db.backends.postgresql.operations import DatabaseOperations

MEMORY = Path("/dev/shm")  # a file system in memory; everything is made in a folder of our own there
ROOM = 5 * 1024**3
"""Bytes that must be free, in memory and for files in memory."""
STAYS = {"django_content_type", "auth_permission"}
"""Tables whose rows are the same after every migration: emptied, they would only be filled again."""

POSTGRES = {"fsync": "off", "full_page_writes": "off", "jit": "off", "max_wal_size": "512MB"}
"""Settings of the test server: its own durability is tested elsewhere, and no plan of a test is worth compiling."""


def files_in_memory() -> Path | None:
    """A folder in memory for all temporary files, also those of subprocesses, where there is room; else None.

    A migrated database is over a thousand files: copied, emptied and dropped in memory within a tenth of the time.
    """
    if "TMPDIR" in os.environ or not _room():
        return None
    folder = Path(tempfile.mkdtemp(prefix="yw-tests-", dir=MEMORY))
    folder.chmod(0o755)  # the embedded server runs as another account
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    return folder


def _room() -> bool:
    facts = Path("/proc/meminfo")
    if not (MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and facts.exists()):
        return False
    lines = facts.read_text(encoding="ascii").splitlines()
    available = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable")), 0)
    return min(available, shutil.disk_usage(MEMORY).free) >= ROOM


def empty_only_filled_tables() -> None:
    """Tests that commit are followed by `flush`, which truncates every table: one with no row need not be."""

    def sql_flush(
        operations: DatabaseOperations,
        style: Any,
        tables: list[str],
        *,
        reset_sequences: bool = False,
        allow_cascade: bool = False,
    ) -> list[str]:
        del style, reset_sequences, allow_cascade
        names = {table: operations.quote_name(table) for table in tables if table not in STAYS}
        if not names:
            return []
        asked = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM {name})" for table, name in names.items())
        with operations.connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(asked))
            filled = [names[table] for (table,) in cursor.fetchall()]
        # a table that refers to one of these holds rows that refer to it, or none
        return [f"TRUNCATE {', '.join(filled)} CASCADE"] if filled else []

    def emit_post_migrate_signal(*_: object, **__: object) -> None:
        """It would fill the tables that stay."""

    setattr(DatabaseOperations, "sql_flush", sql_flush)  # noqa: B010 - the types know it as it was
    setattr(flush, "emit_post_migrate_signal", emit_post_migrate_signal)  # noqa: B010
