"""Who may do what in the database itself: rows by agency, ledgers that only grow, compiled rows for gateways."""

from django.db import migrations, models

FUNCTIONS = """
CREATE FUNCTION exchange_holds(VARIADIC wanted text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT string_to_array(coalesce(current_setting('yw.roles', true), ''), ',') && wanted
$$;
CREATE FUNCTION exchange_agency() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT nullif(current_setting('yw.agency', true), '')
$$;
"""
UNDO_FUNCTIONS = """
DROP FUNCTION exchange_agency();
DROP FUNCTION exchange_holds(text[]);
"""
RULES = {
    "exchange_request": """
        exchange_holds('system')
        OR (consumer = exchange_agency() AND exchange_holds('data_officer', 'approver', 'auditor'))
        OR (submitted_at IS NOT NULL AND provider = exchange_agency()
            AND exchange_holds('data_officer', 'approver', 'auditor'))
        OR (submitted_at IS NOT NULL AND exchange_holds('reviewer', 'auditor'))
    """,
    "exchange_grant": """
        exchange_holds('system', 'reviewer', 'auditor')
        OR (exchange_agency() IN (consumer, provider) AND exchange_holds('data_officer', 'approver'))
    """,
    "exchange_source": """
        exchange_holds('system', 'operator')
        OR (agency = exchange_agency() AND exchange_holds('data_officer', 'approver'))
    """,
    "exchange_mount": """
        exchange_holds('system', 'operator')
        OR (agency = exchange_agency() AND exchange_holds('data_officer', 'approver'))
    """,
    # a child is seen with its parent, whose own policy decides
    "exchange_step": "EXISTS (SELECT FROM exchange_request r WHERE r.id = request_id)",
    "exchange_grant_step": "EXISTS (SELECT FROM exchange_grant g WHERE g.id = grant_id)",
}
LEDGERS = """
CREATE FUNCTION exchange_ledger_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME;
END $$;
CREATE TRIGGER exchange_step_is_kept BEFORE UPDATE OR DELETE ON exchange_step
  FOR EACH ROW EXECUTE FUNCTION exchange_ledger_is_kept();
CREATE TRIGGER exchange_grant_step_is_kept BEFORE UPDATE OR DELETE ON exchange_grant_step
  FOR EACH ROW EXECUTE FUNCTION exchange_ledger_is_kept();
"""
UNDO_LEDGERS = """
DROP TRIGGER exchange_step_is_kept ON exchange_step;
DROP TRIGGER exchange_grant_step_is_kept ON exchange_grant_step;
DROP FUNCTION exchange_ledger_is_kept();
"""
GRANT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_gateway') THEN
    GRANT SELECT ON exchange_compiled_grant, exchange_compiled_resource TO yw_gateway;
  END IF;
END $$;
"""


def rule(table: str, condition: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f" CREATE POLICY {table}_by_actor ON {table} USING ({condition}) WITH CHECK ({condition});",
        f"DROP POLICY {table}_by_actor ON {table};"
        f" ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_initial")]

    operations = [
        migrations.AddField("mount", "key_declared", models.BooleanField(default=False)),
        migrations.RunSQL(FUNCTIONS, UNDO_FUNCTIONS),
        *(rule(table, condition) for table, condition in RULES.items()),
        migrations.RunSQL(LEDGERS, UNDO_LEDGERS),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
    ]
