"""Which page saved a kept form last, so that what it sends on its way out is not taken for another window's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0009_kept_forms")]

    operations = [
        migrations.AddField("keptform", "turn", models.IntegerField(default=0)),
        migrations.AddField("keptform", "window", models.CharField(blank=True, default="", max_length=32)),
    ]
