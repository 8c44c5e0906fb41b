"""What the database roles may do here, the sequence of epochs, and storage that suits busy rows."""

from django.db import migrations

SEQUENCE = "CREATE SEQUENCE journal_epoch_seq AS bigint"
STORAGE = """
ALTER TABLE journal_usage SET (fillfactor = 50);
ALTER TABLE journal_lease SET (fillfactor = 50);
ALTER TABLE journal_watermark SET (fillfactor = 50);
"""
GRANT = """
DO $$
DECLARE
  every text := 'journal_log, journal_lease, journal_leaf, journal_head, journal_node, journal_nonce, journal_usage,
    journal_usage_subject, journal_idempotency, journal_subject, journal_ack, journal_outbox, journal_watermark,
    journal_rollup, journal_recent';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_app') THEN
    EXECUTE 'REVOKE ALL ON ' || every || ' FROM yw_app';
    EXECUTE 'GRANT SELECT ON ' || every || ' TO yw_app';
    GRANT INSERT ON journal_outbox TO yw_app;
    GRANT USAGE ON SEQUENCE journal_outbox_id_seq, journal_epoch_seq TO yw_app;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_gateway') THEN
    EXECUTE 'GRANT SELECT ON ' || every || ' TO yw_gateway';
    GRANT INSERT ON journal_log, journal_lease, journal_leaf, journal_head, journal_node, journal_nonce, journal_usage,
      journal_usage_subject, journal_idempotency, journal_subject, journal_ack, journal_watermark, journal_rollup,
      journal_recent TO yw_gateway;
    GRANT UPDATE ON journal_log, journal_lease, journal_usage, journal_usage_subject, journal_watermark,
      journal_rollup, journal_recent TO yw_gateway;
    GRANT DELETE ON journal_nonce, journal_usage_subject, journal_idempotency, journal_subject, journal_outbox
      TO yw_gateway;
    GRANT USAGE ON SEQUENCE journal_rollup_id_seq TO yw_gateway;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_tables")]

    operations = [
        migrations.RunSQL(SEQUENCE, "DROP SEQUENCE journal_epoch_seq"),
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
    ]
