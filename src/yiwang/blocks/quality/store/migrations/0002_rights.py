"""Who may do what in the database itself: rules and runs by provider, tickets by party, a story that only grows."""

from django.db import migrations

OFFICER = "exchange_holds('data_officer', 'approver')"
RULES = {
    "quality_watched": f"""
        exchange_holds('system', 'reviewer', 'auditor', 'operator')
        OR (agency = exchange_agency() AND {OFFICER})
    """,
    "quality_run": f"""
        exchange_holds('system', 'reviewer', 'auditor', 'operator')
        OR (agency = exchange_agency() AND {OFFICER})
    """,
    "quality_ticket": f"""
        exchange_holds('system', 'reviewer', 'auditor')
        OR (exchange_agency() IN (agency, provider) AND {OFFICER})
    """,
    # a child is seen with its parent, whose own policy decides
    "quality_step": "EXISTS (SELECT FROM quality_ticket t WHERE t.id = ticket_id)",
}
LEDGER = """
CREATE TRIGGER quality_step_is_kept BEFORE UPDATE OR DELETE ON quality_step
  FOR EACH ROW EXECUTE FUNCTION exchange_ledger_is_kept();
"""


def rule(table: str, condition: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f" CREATE POLICY {table}_by_actor ON {table} USING ({condition}) WITH CHECK ({condition});",
        f"DROP POLICY {table}_by_actor ON {table};"
        f" ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )


class Migration(migrations.Migration):
    dependencies = [("quality", "0001_initial"), ("exchange", "0002_rights")]

    operations = [
        *(rule(table, condition) for table, condition in RULES.items()),
        migrations.RunSQL(LEDGER, "DROP TRIGGER quality_step_is_kept ON quality_step;"),
    ]
