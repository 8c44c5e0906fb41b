from django.db import migrations, models


class Migration(migrations.Migration):
    """Sentences that were kept stay as they are until the peer is asked again, a second later."""

    dependencies = [
        ("cascade", "0004_table_runs"),
    ]

    operations = [
        migrations.AddField(
            model_name="peer",
            name="problem_code",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="peer",
            name="problem_facts",
            field=models.JSONField(default=dict),
        ),
    ]
