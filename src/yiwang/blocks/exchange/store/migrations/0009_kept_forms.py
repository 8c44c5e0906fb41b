"""Forms that were begun, each its writer's alone."""

from django.db import migrations, models

MINE = """exchange_holds('system') OR "user"::text = current_setting('yw.user', true)"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0008_scan_facts")]

    operations = [
        migrations.CreateModel(
            name="KeptForm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("user", models.BigIntegerField()),
                ("agency", models.CharField(max_length=18)),
                ("subject", models.CharField(max_length=80)),
                ("values", models.JSONField()),
                ("revision", models.IntegerField(default=1)),
                ("seen", models.IntegerField(null=True)),
                ("saved_at", models.DateTimeField()),
            ],
            options={
                "db_table": "exchange_kept_form",
                "ordering": ["-saved_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "agency", "subject"), name="exchange_kept_form_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE exchange_kept_form ENABLE ROW LEVEL SECURITY;"
            " ALTER TABLE exchange_kept_form FORCE ROW LEVEL SECURITY;"
            f" CREATE POLICY exchange_kept_form_by_actor ON exchange_kept_form USING ({MINE}) WITH CHECK ({MINE});",
            "DROP POLICY exchange_kept_form_by_actor ON exchange_kept_form;",
        ),
    ]
