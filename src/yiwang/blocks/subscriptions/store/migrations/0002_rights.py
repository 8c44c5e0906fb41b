"""Who may do what in the database itself: subscriptions by their two parties, events and rows by the platform alone."""

from django.db import migrations

PARTIES = """
  exchange_holds('system', 'auditor')
  OR (consumer = exchange_agency() AND exchange_holds('data_officer', 'approver'))
  OR (provider = exchange_agency() AND exchange_holds('data_officer', 'approver'))
"""
RULES = {
    "subscriptions_subscription": (
        PARTIES,
        "exchange_holds('system') OR (consumer = exchange_agency() AND exchange_holds('data_officer'))",
    ),
    # a webhook's address is the subscriber's own affair
    "subscriptions_hook": (
        "exchange_holds('system', 'auditor') OR EXISTS (SELECT FROM subscriptions_subscription s"
        " WHERE s.id = subscription_id AND s.consumer = exchange_agency())",
        "exchange_holds('system') OR (exchange_holds('data_officer') AND EXISTS (SELECT FROM"
        " subscriptions_subscription s WHERE s.id = subscription_id AND s.consumer = exchange_agency()))",
    ),
    "subscriptions_feed": (
        "exchange_holds('system', 'auditor') OR provider = exchange_agency() OR EXISTS (SELECT FROM"
        " subscriptions_subscription s WHERE s.feed_id = resource AND s.consumer = exchange_agency())",
        "exchange_holds('system') OR (provider = exchange_agency() AND exchange_holds('data_officer'))",
    ),
    "subscriptions_row": ("exchange_holds('system')", "exchange_holds('system')"),
    "subscriptions_event": ("exchange_holds('system')", "exchange_holds('system')"),
}
GRANT = """
DO $$
DECLARE
  one text;
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_gateway') THEN
    GRANT SELECT, INSERT ON subscriptions_feed, subscriptions_subscription TO yw_gateway;
    GRANT SELECT ON subscriptions_event TO yw_gateway;
    GRANT SELECT, INSERT, UPDATE, DELETE ON subscriptions_hook TO yw_gateway;
    GRANT UPDATE (due_at) ON subscriptions_feed TO yw_gateway;
    GRANT UPDATE (acked, sent, lost, acked_at, sent_at, evidence, state, reason, ended_at)
      ON subscriptions_subscription TO yw_gateway;
    FOREACH one IN ARRAY ARRAY['subscriptions_feed', 'subscriptions_subscription', 'subscriptions_event',
      'subscriptions_hook'] LOOP
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
  FOREACH one IN ARRAY ARRAY['subscriptions_feed', 'subscriptions_subscription', 'subscriptions_event',
    'subscriptions_hook'] LOOP
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
    dependencies = [("subscriptions", "0001_initial"), ("exchange", "0002_rights")]

    operations = [
        *(rule(table, *rules) for table, rules in RULES.items()),
        migrations.RunSQL(GRANT, UNDO),
    ]
