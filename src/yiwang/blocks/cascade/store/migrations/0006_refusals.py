from django.db import migrations, models


class Migration(migrations.Migration):
    """Sentences that were kept stay as answers, as they came."""

    dependencies = [
        ("cascade", "0005_peer_problems"),
    ]

    operations = [
        migrations.AddField(
            model_name="asking",
            name="refusal",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="dispute",
            name="refusal",
            field=models.JSONField(default=dict),
        ),
    ]
