from django.db import migrations, models

GRANT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_gateway') THEN
    GRANT SELECT, INSERT, UPDATE ON cascade_table_run TO yw_gateway;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cascade", "0003_news"),
    ]

    operations = [
        migrations.CreateModel(
            name="TableRun",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "grant",
                        "period",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("grant", models.CharField(max_length=32)),
                ("period", models.CharField(max_length=40)),
                ("run", models.CharField(max_length=32)),
                ("way", models.CharField(max_length=16)),
                ("begun_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "cascade_table_run",
                "indexes": [models.Index(fields=["grant", "run"], name="cascade_table_run_by_run")],
            },
        ),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
    ]
