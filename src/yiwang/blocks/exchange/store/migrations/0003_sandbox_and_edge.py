"""Sandboxes, old clients at the edge, and what gateways read of both."""

from django.db import migrations, models

RULES = {
    "exchange_sandbox": """
        exchange_holds('system')
        OR (consumer = exchange_agency() AND exchange_holds('data_officer', 'approver'))
    """,
    "exchange_edge": """
        exchange_holds('system', 'operator', 'auditor')
        OR (consumer = exchange_agency() AND exchange_holds('data_officer', 'approver'))
    """,
}
GRANT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_gateway') THEN
    GRANT SELECT ON exchange_compiled_sandbox, exchange_compiled_edge TO yw_gateway;
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
    dependencies = [
        ("exchange", "0002_rights"),
    ]

    operations = [
        migrations.CreateModel(
            name="CompiledEdgeRow",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False)),
                ("dialect", models.TextField()),
                ("requester", models.TextField()),
                ("state", models.TextField()),
                ("doc", models.TextField()),
            ],
            options={
                "db_table": "exchange_compiled_edge",
                "indexes": [models.Index(fields=["dialect", "requester"], name="exchange_compiled_edge_by")],
            },
        ),
        migrations.CreateModel(
            name="CompiledSandboxRow",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False)),
                ("consumer", models.TextField()),
                ("resource", models.TextField()),
                ("state", models.TextField()),
                ("doc", models.TextField()),
            ],
            options={
                "db_table": "exchange_compiled_sandbox",
                "indexes": [
                    models.Index(fields=["consumer", "resource"], name="exchange_compiled_sandbox_by")
                ],
            },
        ),
        migrations.CreateModel(
            name="Edge",
            fields=[
                ("id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("dialect", models.CharField(max_length=16)),
                ("requester", models.CharField(max_length=128)),
                ("consumer", models.CharField(db_index=True, max_length=18)),
                ("consumer_name", models.CharField(max_length=200)),
                ("client", models.CharField(max_length=60)),
                ("sealed_secret", models.TextField()),
                ("sealed_key", models.TextField()),
                ("addresses", models.JSONField()),
                ("sunset_at", models.DateTimeField()),
                ("services", models.JSONField()),
                ("state", models.CharField(default="active", max_length=16)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(max_length=100)),
                ("changed_at", models.DateTimeField()),
                ("ended_reason", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "db_table": "exchange_edge",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "active")),
                        fields=("dialect", "requester"),
                        name="exchange_edge_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Sandbox",
            fields=[
                ("id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("resource", models.CharField(db_index=True, max_length=64)),
                ("consumer", models.CharField(db_index=True, max_length=18)),
                ("opened_at", models.DateTimeField()),
                ("opened_by", models.CharField(max_length=100)),
            ],
            options={
                "db_table": "exchange_sandbox",
                "constraints": [
                    models.UniqueConstraint(fields=("resource", "consumer"), name="exchange_sandbox_once")
                ],
            },
        ),
        *(rule(table, condition) for table, condition in RULES.items()),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
    ]
