"""The gateway puts a signature in the place of the code that a head carried for a moment."""

from django.db import migrations

GRANT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_gateway') THEN
    GRANT UPDATE (signature) ON journal_head TO yw_gateway;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0006_session_states")]

    operations = [migrations.RunSQL(GRANT, migrations.RunSQL.noop)]
