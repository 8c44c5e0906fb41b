"""Rows by agency and person, said again in the database."""

from django.db import migrations

RULES = {
    "watch_alert": """
        exchange_holds('system', 'operator', 'auditor')
        OR (agency IN ('', exchange_agency()) AND exchange_holds(VARIADIC roles))
    """,
    "watch_source_state": """
        exchange_holds('system', 'operator', 'auditor')
        OR (agency = exchange_agency() AND exchange_holds('data_officer', 'approver'))
    """,
    "watch_preference": """
        exchange_holds('system') OR "user"::text = current_setting('yw.user', true)
    """,
    "watch_mail": """
        exchange_holds('system', 'operator') OR "user"::text = current_setting('yw.user', true)
    """,
}


def rule(table: str, condition: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f" CREATE POLICY {table}_by_actor ON {table} USING ({condition}) WITH CHECK ({condition});",
        f"DROP POLICY {table}_by_actor ON {table};"
        f" ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )


class Migration(migrations.Migration):
    dependencies = [("watch", "0001_initial"), ("exchange", "0002_rights")]

    operations = [rule(table, condition) for table, condition in RULES.items()]
