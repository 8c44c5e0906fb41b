"""A client may be the one that signs for an agency's table jobs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0004_deputies"),
        ("organisation", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="clientapplication",
            name="identity_client_words",
        ),
        migrations.AddConstraint(
            model_name="clientapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["application", "console", "edge", "jobs"]),
                    ("state__in", ["active", "suspended"]),
                ),
                name="identity_client_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="clientapplication",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "jobs")), fields=("agency",), name="identity_client_one_jobs"
            ),
        ),
    ]
