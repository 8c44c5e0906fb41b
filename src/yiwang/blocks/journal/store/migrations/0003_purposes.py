"""Answered calls by purpose, and the day first in what the pages of usage add up."""

from django.db import migrations, models

GRANT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_app') THEN
    REVOKE ALL ON journal_purpose FROM yw_app;
    GRANT SELECT ON journal_purpose TO yw_app;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_gateway') THEN
    GRANT SELECT, INSERT, UPDATE ON journal_purpose TO yw_gateway;
    GRANT USAGE ON SEQUENCE journal_purpose_id_seq TO yw_gateway;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_rights")]

    operations = [
        migrations.CreateModel(
            name="Purpose",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("consumer", models.TextField()),
                ("provider", models.TextField()),
                ("resource", models.TextField()),
                ("grant_id", models.TextField()),
                ("purpose", models.TextField()),
                ("calls", models.BigIntegerField()),
                ("rows", models.BigIntegerField()),
            ],
            options={
                "db_table": "journal_purpose",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "consumer", "provider", "resource", "grant_id", "purpose"),
                        name="journal_purpose_dimensions",
                    )
                ],
            },
        ),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
    ]
