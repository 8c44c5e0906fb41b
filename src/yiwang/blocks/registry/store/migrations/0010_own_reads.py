"""A person who acts for no agency has their own reads in the log, and sees those alone."""

from django.db import migrations

BEFORE = (
    "USING (owner = registry_told('agency') OR agency = registry_told('agency'))"
    " WITH CHECK (agency = registry_told('agency'))"
)
OWN = "agency = '' AND registry_told('agency') IS NULL AND account::text = registry_told('user')"
AFTER = (
    f"USING (owner = registry_told('agency') OR agency = registry_told('agency') OR ({OWN}))"
    f" WITH CHECK (agency = registry_told('agency') OR ({OWN}))"
)


class Migration(migrations.Migration):
    dependencies = [("registry", "0009_one_read_log")]

    operations = [
        migrations.RunSQL(
            f"ALTER POLICY registry_read_by_actor ON registry_read {AFTER};",
            f"ALTER POLICY registry_read_by_actor ON registry_read {BEFORE};",
        ),
    ]
