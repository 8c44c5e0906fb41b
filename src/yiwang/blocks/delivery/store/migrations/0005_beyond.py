"""A job may read the table of another node."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0004_spool_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="beyond",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="job",
            name="owner",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name="job",
            name="resource",
            field=models.CharField(db_index=True, max_length=140),
        ),
    ]
