"""Who may do what in the database itself: files by provider and grant, deliveries by their two parties."""

from django.db import migrations

# a receiver sees what is ready on a resource that a grant of theirs opens by file, and what was delivered to them
SEEN = """
  exchange_holds('system', 'auditor')
  OR (provider = exchange_agency() AND exchange_holds('data_officer', 'approver'))
  OR (state IN ('ready', 'ended') AND NOT part AND exchange_holds('data_officer', 'approver') AND EXISTS (
      SELECT FROM exchange_grant g WHERE g.resource = files_file.resource AND g.consumer = exchange_agency()
        AND g.terms -> 'modes' ? 'file'
        AND (g.state = 'active' AND now() BETWEEN g.not_before AND g.not_after
             OR EXISTS (SELECT FROM files_delivery d WHERE d.file_id = files_file.id AND d."grant" = g.id))))
"""
RULES = {
    "files_file": (SEEN, "exchange_holds('system') OR (provider = exchange_agency() AND exchange_holds('data_officer'))"),
    "files_delivery": (
        """
        exchange_holds('system', 'auditor')
        OR (consumer = exchange_agency() AND exchange_holds('data_officer', 'approver'))
        OR (provider = exchange_agency() AND exchange_holds('data_officer', 'approver'))
        """,
        "exchange_holds('system')",
    ),
    "files_part": ("exchange_holds('system')", "exchange_holds('system')"),
    "files_chunk": ("exchange_holds('system')", "exchange_holds('system')"),
    "files_shelf": ("true", "exchange_holds('system') OR (agency = exchange_agency() AND exchange_holds('data_officer'))"),
}  # fmt: skip
GRANT = """
DO $$
DECLARE
  one text;
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_gateway') THEN
    GRANT SELECT ON files_shelf TO yw_gateway;
    GRANT SELECT, INSERT, UPDATE ON files_file, files_chunk, files_delivery TO yw_gateway;
    GRANT SELECT, INSERT, UPDATE, DELETE ON files_part TO yw_gateway;
    GRANT USAGE ON SEQUENCE files_part_id_seq, files_delivery_id_seq TO yw_gateway;
    FOREACH one IN ARRAY ARRAY['files_file', 'files_chunk', 'files_delivery', 'files_part'] LOOP
      EXECUTE format('CREATE POLICY %I ON %I TO yw_gateway USING (true) WITH CHECK (true)', one || '_gateway', one);
    END LOOP;
  END IF;
END $$;
"""
UNDO = """
DO $$
DECLARE
  one text;
BEGIN
  FOREACH one IN ARRAY ARRAY['files_file', 'files_chunk', 'files_delivery', 'files_part'] LOOP
    EXECUTE format('DROP POLICY IF EXISTS %I ON %I', one || '_gateway', one);
  END LOOP;
END $$;
"""


def rule(table: str, seen: str, changed: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f" CREATE POLICY {table}_seen ON {table} FOR SELECT USING ({seen});"
        f" CREATE POLICY {table}_changed ON {table} USING ({changed}) WITH CHECK ({changed});",
        f"DROP POLICY {table}_seen ON {table}; DROP POLICY {table}_changed ON {table};"
        f" ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial"), ("exchange", "0002_rights")]

    operations = [
        *(rule(table, *rules) for table, rules in RULES.items()),
        migrations.RunSQL(GRANT, UNDO),
    ]
