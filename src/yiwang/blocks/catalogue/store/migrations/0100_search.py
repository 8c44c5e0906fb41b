import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

# At most `most` entries whose title matches, and as many that match anywhere; the caller drops doubles. Always by the
# index: an estimate of a query's width may be wrong, and a sequential scan of half a million entries is never what a
# person should wait for. The document is not looked at here, so that its row need not be fetched from its side table.
CANDIDATES = """
ALTER TABLE catalogue_search SET (toast_tuple_target = 128);
CREATE FUNCTION catalogue_search_candidates(beginning text, titles tsquery, anywhere tsquery, most integer)
RETURNS TABLE (code varchar, title varchar, agency varchar, agency_name varchar, theme varchar, share_type varchar,
               update_cycle varchar, grade varchar, modes varchar[], updated_at timestamptz, tier real)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_indexscan = off SET jit = off
SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    ending text := beginning || chr(1114111);
    found integer := 0;
BEGIN
    IF beginning <> '' THEN
        RETURN QUERY SELECT s.code, s.title, s.agency, s.agency_name, s.theme, s.share_type, s.update_cycle, s.grade,
            s.modes, s.updated_at, 2::real FROM catalogue_search s
            WHERE s.title ~>=~ beginning AND s.title ~<~ ending AND s.tsv @@ anywhere LIMIT 50;
    END IF;
    RETURN QUERY SELECT s.code, s.title, s.agency, s.agency_name, s.theme, s.share_type, s.update_cycle, s.grade,
        s.modes, s.updated_at, 1::real FROM catalogue_search s WHERE s.tsv @@ titles LIMIT most;
    GET DIAGNOSTICS found = ROW_COUNT;
    IF found < most AND anywhere::text <> titles::text THEN
        RETURN QUERY SELECT s.code, s.title, s.agency, s.agency_name, s.theme, s.share_type, s.update_cycle, s.grade,
            s.modes, s.updated_at, 0::real FROM catalogue_search s WHERE s.tsv @@ anywhere LIMIT most;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0002_guide")]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "resource",
                    models.OneToOneField(
                        db_column="code",
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="catalogue.resource",
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("agency", models.CharField(max_length=18)),
                ("agency_name", models.CharField(max_length=200)),
                ("theme", models.CharField(max_length=1)),
                ("share_type", models.CharField(max_length=16)),
                ("update_cycle", models.CharField(max_length=16)),
                ("grade", models.CharField(max_length=16)),
                (
                    "modes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16), default=list, size=None
                    ),
                ),
                ("item_count", models.IntegerField()),
                ("updated_at", models.DateTimeField()),
                ("tsv", django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                "db_table": "catalogue_search",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["tsv"], name="catalogue_search_tsv"
                    ),
                    models.Index(
                        fields=["title"], name="catalogue_search_title", opclasses=["varchar_pattern_ops"]
                    ),
                    models.Index(fields=["-updated_at", "resource"], name="catalogue_search_newest"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=60)),
                ("facets", models.JSONField()),
                ("total", models.BigIntegerField()),
                ("counted_at", models.DateTimeField()),
            ],
            options={
                "db_table": "catalogue_search_total",
                "constraints": [
                    models.UniqueConstraint(fields=("word",), name="catalogue_search_total_once")
                ],
            },
        ),
        migrations.RunSQL(
            CANDIDATES,
            "DROP FUNCTION catalogue_search_candidates(text, tsquery, tsquery, integer)",
        ),
    ]
