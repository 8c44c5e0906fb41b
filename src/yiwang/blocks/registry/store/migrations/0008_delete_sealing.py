"""Generations of keys are kept by the block of their own."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registry", "0007_reads")]

    operations = [migrations.DeleteModel(name="Sealing")]
