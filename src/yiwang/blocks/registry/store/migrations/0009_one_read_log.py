"""One log of who read what, seen by the agency that answers for the records and by the reader's own."""

from django.db import migrations, models

SEEN = "owner = registry_told('agency') OR agency = registry_told('agency')"
WRITTEN = "agency = registry_told('agency')"


class Migration(migrations.Migration):
    dependencies = [("registry", "0008_delete_sealing")]

    operations = [
        migrations.DeleteModel("Reading"),
        migrations.AddField(
            "read", "agency_name", models.CharField(max_length=200, default=""), preserve_default=False
        ),
        migrations.AddField(
            "read", "owner", models.CharField(max_length=18, default=""), preserve_default=False
        ),
        migrations.AddField("read", "fields", models.IntegerField(default=0)),
        migrations.AddField("read", "uncovered", models.JSONField(default=list)),
        migrations.AlterField("read", "event", models.CharField(blank=True, max_length=40)),
        migrations.RunSQL(
            "ALTER TABLE registry_read ENABLE ROW LEVEL SECURITY; ALTER TABLE registry_read FORCE ROW LEVEL SECURITY;"
            f" CREATE POLICY registry_read_by_actor ON registry_read USING ({SEEN}) WITH CHECK ({WRITTEN});",
            "DROP POLICY registry_read_by_actor ON registry_read;"
            " ALTER TABLE registry_read NO FORCE ROW LEVEL SECURITY; ALTER TABLE registry_read DISABLE ROW LEVEL SECURITY;",
        ),
    ]
