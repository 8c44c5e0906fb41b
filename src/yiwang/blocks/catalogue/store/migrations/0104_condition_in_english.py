from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0103_search_facts")]

    operations = [
        migrations.AddField(
            model_name="resource",
            name="share_condition_en",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
    ]
