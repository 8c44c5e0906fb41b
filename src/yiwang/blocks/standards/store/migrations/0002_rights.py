"""Drafts are seen, and standards written, by the data bureau alone; what is or was in force is for everybody."""

from django.db import migrations

TABLES = ("standards_element", "standards_code_list")


def rule(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f" CREATE POLICY {table}_by_actor ON {table}"
        " USING (state <> 'draft' OR exchange_holds('system', 'reviewer'))"
        " WITH CHECK (exchange_holds('system', 'reviewer'));",
        f"DROP POLICY {table}_by_actor ON {table};"
        f" ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )


class Migration(migrations.Migration):
    dependencies = [("standards", "0001_initial"), ("exchange", "0002_rights")]

    operations = [rule(table) for table in TABLES]
