"""Who may do what in the database itself: jobs by party, targets and rows in quarantine by consumer."""

from django.db import migrations

OFFICER = "exchange_holds('data_officer', 'approver')"
PARTY = f"""
    exchange_holds('system', 'reviewer', 'auditor', 'operator')
    OR (exchange_agency() IN (consumer, provider) AND {OFFICER})
"""
RULES = {
    "delivery_target": f"exchange_holds('system') OR (agency = exchange_agency() AND {OFFICER})",
    "delivery_job": PARTY,
    "delivery_run": "EXISTS (SELECT FROM delivery_job j WHERE j.id = job_id)",
    "delivery_held_row": f"""
        exchange_holds('system')
        OR EXISTS (SELECT FROM delivery_job j WHERE j.id = job_id AND j.consumer = exchange_agency() AND {OFFICER})
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
    dependencies = [("delivery", "0001_initial"), ("exchange", "0002_rights")]

    operations = [rule(table, condition) for table, condition in RULES.items()]
