"""Generations of sealing keys, and how a transaction that seals holds the one it seals by."""

from django.db import migrations, models

FUNCTIONS = """
CREATE FUNCTION sealing_held(wanted text, number integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtext('yiwang.sealing.' || wanted), number);
  IF number > (SELECT coalesce(max(generation), 1) FROM sealing_generation WHERE purpose = wanted)
    OR EXISTS (
      SELECT FROM sealing_generation WHERE purpose = wanted AND generation = number AND closed_at IS NOT NULL
    )
  THEN RAISE object_not_in_prerequisite_state USING MESSAGE = 'sealing: generation closed'; END IF;
END $$;
CREATE FUNCTION sealing_hold(wanted text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE found integer;
BEGIN
  LOOP
    SELECT coalesce(max(generation), 1) INTO found FROM sealing_generation WHERE purpose = wanted;
    BEGIN
      PERFORM sealing_held(wanted, found);
      RETURN found;
    EXCEPTION WHEN object_not_in_prerequisite_state THEN NULL;
    END;
  END LOOP;
END $$;
"""
UNDO = """
DROP FUNCTION sealing_hold(text);
DROP FUNCTION sealing_held(text, integer);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Generation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("purpose", models.CharField(max_length=24)),
                ("generation", models.IntegerField()),
                ("begun_at", models.DateTimeField(null=True)),
                ("begun_by", models.CharField(blank=True, max_length=100)),
                ("closed_at", models.DateTimeField(null=True)),
                ("retired_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "sealing_generation",
                "ordering": ["purpose", "generation"],
                "constraints": [
                    models.UniqueConstraint(fields=("purpose", "generation"), name="sealing_generation_once")
                ],
            },
        ),
        migrations.RunSQL(FUNCTIONS, UNDO),
    ]
