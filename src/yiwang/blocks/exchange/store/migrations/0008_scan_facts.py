"""What a list of scanned tables shows stands beside the proposal, so that it need not be read."""

from django.db import migrations, models

FILL = """
UPDATE exchange_scan_table SET title = left(coalesce(proposal ->> 'title', ''), 300),
    columns = jsonb_array_length(proposal -> 'items'),
    marked = (SELECT count(*) FROM jsonb_array_elements(proposal -> 'items') i WHERE i -> 'mark' <> 'null'::jsonb),
    lists = (SELECT count(*) FROM jsonb_array_elements(proposal -> 'items') i WHERE i -> 'code_list' <> 'null'::jsonb)
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0007_last_changes")]

    operations = [
        migrations.AddField(
            "scantable", "title", models.CharField(max_length=300, default=""), preserve_default=False
        ),
        migrations.AddField("scantable", "columns", models.IntegerField(default=0), preserve_default=False),
        migrations.AddField("scantable", "marked", models.IntegerField(default=0), preserve_default=False),
        migrations.AddField("scantable", "lists", models.IntegerField(default=0), preserve_default=False),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
