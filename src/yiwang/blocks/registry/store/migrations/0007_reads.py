"""Who of another agency read what, and what a repeated call asked for."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

RIGHTS = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_app') THEN
    REVOKE UPDATE, DELETE, TRUNCATE ON registry_read FROM yw_app;
  END IF;
END $$
"""
"""What was read stays written down."""


class Migration(migrations.Migration):
    dependencies = [("registry", "0006_reading_remark_once")]

    operations = [
        migrations.AddField("once", "body", models.BinaryField(default=b"")),
        migrations.AlterField("once", "record", models.BigIntegerField()),
        migrations.AlterField("once", "at", models.DateTimeField(db_index=True)),
        migrations.CreateModel(
            name="Read",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("system", models.CharField(max_length=48)),
                ("entity", models.CharField(max_length=48)),
                (
                    "records",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("account", models.BigIntegerField()),
                ("name", models.CharField(max_length=100)),
                ("agency", models.CharField(max_length=18)),
                ("purpose", models.CharField(blank=True, max_length=200)),
                ("case", models.CharField(blank=True, max_length=100)),
                ("way", models.CharField(max_length=12)),
                ("at", models.DateTimeField()),
                ("event", models.CharField(max_length=40)),
            ],
            options={
                "db_table": "registry_read",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["records"], name="registry_read_records")
                ],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
