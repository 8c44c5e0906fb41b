"""The census on pages: scans, what they propose, and which table an entry stands on."""

import django.db.models.deletion
from django.db import migrations, models

RULES = {
    "exchange_scan": """
        exchange_holds('system')
        OR (agency = exchange_agency() AND exchange_holds('data_officer', 'approver'))
    """,
    "exchange_survey": """
        exchange_holds('system')
        OR (agency = exchange_agency() AND exchange_holds('data_officer', 'approver'))
    """,
    # seen with its scan, whose own policy decides
    "exchange_scan_table": "EXISTS (SELECT FROM exchange_scan s WHERE s.id = scan_id)",
}


def rule(table: str, condition: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f" CREATE POLICY {table}_by_actor ON {table} USING ({condition}) WITH CHECK ({condition});",
        f"DROP POLICY {table}_by_actor ON {table};"
        f" ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0003_sandbox_and_edge"),
    ]

    operations = [
        migrations.CreateModel(
            name="Scan",
            fields=[
                ("id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("agency", models.CharField(db_index=True, max_length=18)),
                ("agency_name", models.CharField(max_length=200)),
                ("place", models.CharField(max_length=200)),
                ("content", models.BinaryField(null=True)),
                ("state", models.CharField(db_index=True, default="waiting", max_length=16)),
                ("cancelling", models.BooleanField(default=False)),
                ("tables", models.TextField(blank=True)),
                ("rate", models.IntegerField(default=50)),
                ("done", models.IntegerField(default=0)),
                ("total", models.IntegerField(default=0)),
                ("at_table", models.CharField(blank=True, max_length=300)),
                ("attempts", models.IntegerField(default=0)),
                ("beat_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("by_username", models.CharField(max_length=150)),
                ("by_name", models.CharField(max_length=100)),
                ("finished_at", models.DateTimeField(null=True)),
                ("problem", models.JSONField(default=dict)),
                ("candidates", models.JSONField(default=list)),
                ("remarks", models.JSONField(default=list)),
                (
                    "source",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="scans",
                        to="exchange.source",
                    ),
                ),
            ],
            options={
                "db_table": "exchange_scan",
            },
        ),
        migrations.CreateModel(
            name="Survey",
            fields=[
                ("resource", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("agency", models.CharField(db_index=True, max_length=18)),
                ("place", models.CharField(max_length=200)),
                ("table", models.CharField(max_length=300)),
                ("held", models.JSONField()),
                ("drift", models.JSONField(default=list)),
                ("now", models.JSONField(null=True)),
                ("scan", models.CharField(blank=True, max_length=32)),
                ("found_at", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                (
                    "source",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="surveys",
                        to="exchange.source",
                    ),
                ),
            ],
            options={
                "db_table": "exchange_survey",
            },
        ),
        migrations.CreateModel(
            name="ScanTable",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.IntegerField()),
                ("table", models.CharField(max_length=300)),
                ("proposal", models.JSONField()),
                ("holdings", models.JSONField(default=list)),
                ("choice", models.JSONField(default=dict)),
                ("entry", models.CharField(blank=True, max_length=64)),
                (
                    "scan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="looked_at",
                        to="exchange.scan",
                    ),
                ),
            ],
            options={
                "db_table": "exchange_scan_table",
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("scan", "position"), name="exchange_scan_table_once")
                ],
            },
        ),
        *(rule(table, condition) for table, condition in RULES.items()),
    ]
