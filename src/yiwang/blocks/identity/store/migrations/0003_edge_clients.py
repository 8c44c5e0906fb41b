"""A client may be an old one for which the edge signs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_database_roles"),
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
                    ("kind__in", ["application", "console", "edge"]), ("state__in", ["active", "suspended"])
                ),
                name="identity_client_words",
            ),
        ),
    ]
