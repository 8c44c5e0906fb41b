"""Sessions of callers: how each was opened, and what its caller countersigned."""

from django.db import migrations, models

GRANT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_app') THEN
    REVOKE ALL ON journal_session, journal_countersignature FROM yw_app;
    GRANT SELECT ON journal_session, journal_countersignature TO yw_app;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_gateway') THEN
    GRANT SELECT, INSERT ON journal_session, journal_countersignature TO yw_gateway;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0004_item_use")]

    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False)),
                ("client", models.TextField()),
                ("kid", models.TextField()),
                ("log", models.TextField()),
                ("index", models.BigIntegerField()),
                ("opening", models.TextField()),
                ("opened", models.DateTimeField()),
            ],
            options={"db_table": "journal_session"},
        ),
        migrations.CreateModel(
            name="Countersignature",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "session", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("session", models.TextField()),
                ("number", models.BigIntegerField()),
                ("log", models.TextField()),
                ("size", models.BigIntegerField()),
                ("indexes", models.BinaryField()),
                ("lost", models.BinaryField()),
                ("statement", models.TextField()),
                ("signature", models.BinaryField()),
                ("time", models.DateTimeField()),
            ],
            options={"db_table": "journal_countersignature"},
        ),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
    ]
