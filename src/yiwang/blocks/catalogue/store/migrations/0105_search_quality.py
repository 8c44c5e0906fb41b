from django.db import migrations, models

# The level of quality gets three bits of its own below the provider's number; nothing was measured before. Counts kept
# so far have the old numbers: the next rebuild keeps them anew.
FILL = """
UPDATE catalogue_search SET facts = (facts >> 16) << 19 | (facts & 65535), tsv = tsv || '''@quality=none'''::tsvector;
DELETE FROM catalogue_search_total;
DELETE FROM catalogue_search_change;
"""


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0104_condition_in_english")]

    operations = [
        migrations.AddField("resource", "quality", models.SmallIntegerField(default=0)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
