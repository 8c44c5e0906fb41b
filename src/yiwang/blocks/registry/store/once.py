"""One record from a form that is sent twice: the first takes its mark, the second is given what the first made."""

from __future__ import annotations

from datetime import datetime

from django.db import connection


def begun(mark: str, now: datetime) -> int | None:
    """Take a mark inside the transaction; the record that an earlier sending made, None when this is the first.

    A sending at the same moment waits here until the first is done; when that one fails, this one is the first.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_once (token, at) VALUES (%s, %s) ON CONFLICT (token) DO NOTHING RETURNING 1",
            [mark, now],
        )
        if cursor.fetchone() is not None:
            return None
        cursor.execute("SELECT record FROM registry_once WHERE token = %s", [mark])
        row = cursor.fetchone()
    return None if row is None or row[0] is None else int(row[0])


def made(mark: str, record: int) -> None:
    """Say what the form with this mark made."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_once SET record = %s WHERE token = %s", [record, mark])
