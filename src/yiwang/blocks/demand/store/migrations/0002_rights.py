"""Who may do what in the database itself: drafts by agency, answers and contacts by party, a ledger that only grows."""

from django.db import migrations

OFFICER = "exchange_holds('data_officer', 'approver', 'auditor')"
ASKER = f"(n.agency = exchange_agency() OR exchange_agency() = ANY (n.askers)) AND {OFFICER}"
HOLDER = f"exchange_agency() = ANY (n.holders) AND {OFFICER}"
OVERSIGHT = "n.submitted_at IS NOT NULL AND exchange_holds('reviewer', 'auditor')"
RULES = {
    "demand_need": f"""
        exchange_holds('system')
        OR (agency = exchange_agency() AND {OFFICER})
        OR (submitted_at IS NOT NULL AND (
            exchange_holds('reviewer', 'auditor') OR (exchange_agency() IS NOT NULL AND {OFFICER})))
    """,
    "demand_contact": f"""
        exchange_holds('system') OR EXISTS (
            SELECT FROM demand_need n WHERE n.id = need_id AND (({ASKER}) OR ({HOLDER}) OR ({OVERSIGHT})))
    """,
    "demand_step": f"""
        exchange_holds('system') OR EXISTS (
            SELECT FROM demand_need n WHERE n.id = need_id AND (({ASKER}) OR ({OVERSIGHT})))
        OR (agency = exchange_agency() AND {OFFICER})
    """,
    "demand_candidate": f"""
        exchange_holds('system') OR EXISTS (
            SELECT FROM demand_need n WHERE n.id = need_id AND (({ASKER}) OR ({OVERSIGHT})))
        OR (agency = exchange_agency() AND {OFFICER})
    """,
}
LEDGER = """
CREATE TRIGGER demand_step_is_kept BEFORE UPDATE OR DELETE ON demand_step
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
    dependencies = [("demand", "0001_initial"), ("exchange", "0002_rights")]

    operations = [
        *(rule(table, condition) for table, condition in RULES.items()),
        migrations.RunSQL(LEDGER, "DROP TRIGGER demand_step_is_kept ON demand_step;"),
    ]
