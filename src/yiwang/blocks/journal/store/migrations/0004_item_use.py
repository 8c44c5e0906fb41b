"""Answered calls by the items they held, as gateways count them."""

from django.db import migrations, models

GRANT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_app') THEN
    REVOKE ALL ON journal_item_use FROM yw_app;
    GRANT SELECT ON journal_item_use TO yw_app;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_gateway') THEN
    GRANT SELECT, INSERT, UPDATE ON journal_item_use TO yw_gateway;
    GRANT USAGE ON SEQUENCE journal_item_use_id_seq TO yw_gateway;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0003_purposes")]

    operations = [
        migrations.CreateModel(
            name="ItemUse",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("consumer", models.TextField()),
                ("provider", models.TextField()),
                ("resource", models.TextField()),
                ("grant_id", models.TextField()),
                ("item", models.TextField()),
                ("calls", models.BigIntegerField()),
                ("rows", models.BigIntegerField()),
            ],
            options={
                "db_table": "journal_item_use",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "consumer", "provider", "resource", "grant_id", "item"),
                        name="journal_item_use_dimensions",
                    )
                ],
            },
        ),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
    ]
