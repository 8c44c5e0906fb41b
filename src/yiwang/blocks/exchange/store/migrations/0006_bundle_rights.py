"""Whose basket, bundles and kept texts they are, in the database itself."""

from django.db import migrations

RULES = {
    "exchange_basket_item": """exchange_holds('system') OR "user"::text = current_setting('yw.user', true)""",
    "exchange_bundle": """
        exchange_holds('system', 'reviewer', 'auditor')
        OR (consumer = exchange_agency() AND exchange_holds('data_officer', 'approver'))
    """,
    "exchange_phrase": "exchange_holds('system') OR agency = exchange_agency()",
}


def rule(table: str, condition: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f" CREATE POLICY {table}_by_actor ON {table} USING ({condition}) WITH CHECK ({condition});",
        f"DROP POLICY {table}_by_actor ON {table};"
        f" ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )


class Migration(migrations.Migration):
    dependencies = [("exchange", "0005_bundles")]

    operations = [rule(table, condition) for table, condition in RULES.items()]
