"""The database roles can do what they need and cannot rewrite history."""

from __future__ import annotations

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db
KEPT = ("journal_leaf", "journal_head", "journal_node", "journal_ack")


def may(role: str, table: str, right: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, %s, %s)", [role, table, right])
        return bool(cursor.fetchone()[0])


@pytest.fixture(autouse=True)
def roles() -> None:
    """Make the roles as an installation does, then what the migration grants."""
    from importlib import import_module

    grant: str = import_module("yiwang.blocks.journal.store.migrations.0002_rights").GRANT
    with connection.cursor() as cursor:
        for role in ("yw_app", "yw_gateway"):
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE ROLE {role}")
        cursor.execute(grant)


@pytest.mark.parametrize("table", KEPT)
@pytest.mark.parametrize("role", ["yw_app", "yw_gateway"])
@pytest.mark.parametrize("right", ["UPDATE", "DELETE", "TRUNCATE"])
def test_nobody_rewrites_or_deletes_evidence(role: str, table: str, right: str) -> None:
    assert not may(role, table, right)


def test_the_application_reads_and_writes_to_the_outbox_only() -> None:
    assert may("yw_app", "journal_outbox", "INSERT")
    assert may("yw_app", "journal_leaf", "SELECT")
    for table in (*KEPT, "journal_nonce", "journal_usage", "journal_lease", "journal_log"):
        assert not may("yw_app", table, "INSERT")
    assert not may("yw_app", "journal_outbox", "DELETE")


def test_the_gateway_adds_evidence_and_takes_the_outbox() -> None:
    for table in (*KEPT, "journal_nonce", "journal_usage", "journal_idempotency", "journal_subject"):
        assert may("yw_gateway", table, "INSERT")
    assert may("yw_gateway", "journal_outbox", "DELETE")
    assert not may("yw_gateway", "journal_outbox", "INSERT")
