"""Who may do what in the database itself: requests, grants, disputes and corrections by party; compiled rows for gateways."""

from django.db import migrations

OFFICER = "exchange_holds('data_officer', 'approver', 'auditor')"
OVERSIGHT = "exchange_holds('system', 'reviewer', 'auditor')"
RULES = {
    "cascade_asking": f"{OVERSIGHT} OR (exchange_agency() IN (consumer, provider) AND {OFFICER})",
    "cascade_grant": f"{OVERSIGHT} OR (consumer = exchange_agency() AND {OFFICER})",
    "cascade_dispute": f"{OVERSIGHT} OR (exchange_agency() IN (consumer, provider) AND {OFFICER})",
    "cascade_correction": f"exchange_holds('system') OR (consumer = exchange_agency() AND {OFFICER})",
}
GRANT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_gateway') THEN
    GRANT SELECT ON cascade_compiled, cascade_held TO yw_gateway;
  END IF;
END $$;
"""
KEPT = """
CREATE TRIGGER cascade_head_is_kept BEFORE UPDATE OR DELETE ON cascade_head
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
    dependencies = [("cascade", "0001_tables"), ("exchange", "0002_rights")]

    operations = [
        *(rule(table, condition) for table, condition in RULES.items()),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
        migrations.RunSQL(KEPT, "DROP TRIGGER cascade_head_is_kept ON cascade_head;"),
    ]
