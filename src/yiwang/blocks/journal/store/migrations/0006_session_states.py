"""How sessions stand, written by their gateways, and the word of people that one shall end."""

from django.db import migrations, models

GRANT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_app') THEN
    REVOKE ALL ON journal_session_state, journal_session_stop FROM yw_app;
    GRANT SELECT ON journal_session_state TO yw_app;
    GRANT SELECT, INSERT ON journal_session_stop TO yw_app;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yw_gateway') THEN
    GRANT SELECT, INSERT, UPDATE ON journal_session_state TO yw_gateway;
    GRANT SELECT ON journal_session_stop TO yw_gateway;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0005_sessions")]

    operations = [
        migrations.CreateModel(
            name="SessionState",
            fields=[
                ("session", models.TextField(primary_key=True, serialize=False)),
                ("calls", models.BigIntegerField()),
                ("last_call", models.DateTimeField(null=True)),
                ("open", models.IntegerField()),
                ("oldest", models.DateTimeField(null=True)),
                ("suspended", models.TextField()),
                ("expires", models.DateTimeField()),
                ("ended", models.DateTimeField(null=True)),
                ("reason", models.TextField()),
            ],
            options={"db_table": "journal_session_state"},
        ),
        migrations.CreateModel(
            name="SessionStop",
            fields=[
                ("session", models.TextField(primary_key=True, serialize=False)),
                ("by", models.TextField()),
                ("reason", models.TextField()),
                ("time", models.DateTimeField()),
            ],
            options={"db_table": "journal_session_stop"},
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["client", "-opened"], name="journal_session_client"),
        ),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
    ]
