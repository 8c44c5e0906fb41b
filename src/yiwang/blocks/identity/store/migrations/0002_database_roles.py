"""What the database roles may do here: the gateway reads compiled clients, nobody rewrites the log of events."""

from django.db import migrations

GRANT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_gateway') THEN
    GRANT SELECT ON identity_compiled_client TO yw_gateway;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_app') THEN
    REVOKE UPDATE, DELETE, TRUNCATE ON identity_account_event FROM yw_app;
  END IF;
END $$;
"""
RULE = """
CREATE FUNCTION identity_account_event_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of identity_account_event are only added';
END $$;
CREATE TRIGGER identity_account_event_is_kept BEFORE UPDATE OR DELETE ON identity_account_event
  FOR EACH ROW EXECUTE FUNCTION identity_account_event_is_kept();
"""
UNDO = """
DROP TRIGGER identity_account_event_is_kept ON identity_account_event;
DROP FUNCTION identity_account_event_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial")]

    operations = [
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
        migrations.RunSQL(RULE, UNDO),
    ]
