"""A job may say for which case its rows are needed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0005_beyond"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="case",
            field=models.CharField(blank=True, default="", max_length=100),
            preserve_default=False,
        ),
    ]
