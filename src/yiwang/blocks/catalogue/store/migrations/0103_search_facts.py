import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

# What is kept of a frequent word comes first: its counts by facets, and what was published or withdrawn since they were
# kept. Then only a page's candidates are read. Without kept counts, candidates are read without the chosen facets, so
# that one pass counts every facet; only when they are cut at `most` are those with the chosen facets read again.
# Candidates are ranked in blocks of `few`, and within those by their documents in groups of two pages: so that no page
# needs them all, and yet each stands on one page.
FIND = """
CREATE FUNCTION catalogue_search_find(
    beginning text, titles tsquery, anywhere tsquery, number text, said text, by_facets tsquery, kept_word text,
    counted boolean, mask bigint, want bigint, most integer, few integer, start integer, size integer
) RETURNS text LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_nestloop = off SET jit = off
SET max_parallel_workers_per_gather = 0 SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    ending text := beginning || chr(1114111);
    last_number text := number || chr(1114111);
    twice boolean := anywhere::text <> titles::text;
    narrow bigint := 0;
    wished bigint := 0;
    bound integer := most;
    ranked integer := CASE WHEN said = '' THEN 3 * most ELSE few END;
    block integer := CASE WHEN said = '' THEN 0 ELSE start / few END;
    inside integer := start - block * few;
    spread integer := 2 * greatest(size, 1);
    spoken tsquery := anywhere;
    near bigint;
    kept_total bigint;
    kept_codes text;
    kept_providers text;
    changes text;
    fresh varchar[] := '{}';
    kept boolean := false;
    many integer;
    seen text;
    wide text;
    cards text;
BEGIN
    IF kept_word IS NOT NULL THEN
        SELECT t.total, t.codes, t.providers INTO kept_total, kept_codes, kept_providers
            FROM catalogue_search_total t WHERE t.word = kept_word;
        IF FOUND THEN
            SELECT json_agg(json_build_array(h.facts, h.n)) INTO changes FROM (
                SELECT x.facts, sum(x.step) AS n FROM catalogue_search_change x
                WHERE x.words @> ARRAY[kept_word] GROUP BY x.facts HAVING sum(x.step) <> 0
            ) h;
            kept := counted;
        END IF;
    END IF;
    IF kept THEN
        narrow := mask;
        wished := want;
        bound := least(most, (block + 1) * few);
        IF titles IS NOT NULL AND changes IS NOT NULL THEN
            fresh := ARRAY(SELECT x.code FROM catalogue_search_change x
                WHERE x.words @> ARRAY[kept_word] AND x.step > 0 ORDER BY x.id DESC LIMIT 50);
        END IF;
        IF mask <> 0 THEN
            SELECT coalesce(sum((e ->> 1)::bigint), 0) INTO near FROM json_array_elements(kept_codes::json) e
                WHERE (e ->> 0)::bigint & mask = want;
            IF titles IS NULL THEN
                titles := CASE WHEN near < 4000 THEN by_facets END;
                anywhere := titles;
                spoken := titles;
            ELSIF near * 6 < kept_total THEN
                titles := titles && by_facets;
                anywhere := anywhere && by_facets;
            END IF;
        ELSIF titles IS NULL THEN
            bound := start + size;
        END IF;
    END IF;
    LOOP
        IF number <> '' THEN
            %(numbers)s
        ELSIF titles IS NULL THEN
            %(newest)s
        ELSE
            %(words)s
        END IF;
        EXIT WHEN narrow = mask OR many < most;
        wide := seen;
        narrow := mask;
        wished := want;
        IF titles IS NOT NULL THEN
            titles := titles && by_facets;
            anywhere := anywhere && by_facets;
        END IF;
    END LOOP;
    RETURN concat('{"facts":', coalesce(seen, '[]'), ',"rows":', coalesce(cards, '[]'),
        ',"wide":' || wide, ',"codes":' || kept_codes, ',"providers":' || kept_providers,
        ',"changes":' || changes, ',"kept":', CASE WHEN kept THEN 'true}' ELSE 'false}' END);
END $$;
"""
COLUMNS = "s.ctid AS at, s.code, s.title, s.facts, s.item_count, s.updated_at"
NARROWED = "s.facts & narrow = wished"
WORDS = """
WITH f AS MATERIALIZED (
    SELECT %(columns)s, s.tsv @@ titles AS entitled FROM catalogue_search s
    WHERE s.code = ANY (fresh) AND s.tsv @@ anywhere AND %(narrowed)s
), t AS MATERIALIZED (
    SELECT %(columns)s FROM catalogue_search s
    WHERE s.tsv @@ titles AND %(narrowed)s AND s.code <> ALL (fresh) LIMIT bound
), b AS MATERIALIZED (
    SELECT at, code, title, facts, item_count, updated_at FROM (
        SELECT %(columns)s, s.tsv FROM catalogue_search s WHERE beginning <> ''
            AND s.title ~>=~ beginning AND s.title ~<~ ending ORDER BY s.title USING ~<~ LIMIT 30
    ) s WHERE %(narrowed)s AND s.code <> ALL (fresh) AND s.tsv @@ anywhere
), a AS MATERIALIZED (
    SELECT %(columns)s FROM catalogue_search s WHERE twice
        AND (SELECT count(*) FROM t) < bound AND s.tsv @@ anywhere AND %(narrowed)s AND s.code <> ALL (fresh) LIMIT bound
), c AS MATERIALIZED (
    SELECT at, code, title, facts, item_count, updated_at, entitled::integer AS tier FROM f
    UNION ALL SELECT *, 2 FROM b
    UNION ALL SELECT *, 1 FROM t WHERE NOT EXISTS (SELECT FROM b WHERE b.at = t.at)
    UNION ALL SELECT *, 0 FROM a WHERE NOT EXISTS (SELECT FROM b WHERE b.at = a.at)
        AND NOT EXISTS (SELECT FROM t WHERE t.at = a.at)
)"""
NUMBERS = """
WITH c AS MATERIALIZED (
    SELECT %(columns)s, 0 AS tier FROM catalogue_search s WHERE s.code ~>=~ number AND s.code ~<~ last_number
        AND (anywhere IS NULL OR s.tsv @@ anywhere) AND %(narrowed)s LIMIT bound
)"""
NEWEST = """
WITH c AS MATERIALIZED (
    SELECT %(columns)s, 0 AS tier FROM catalogue_search s WHERE %(narrowed)s
        ORDER BY s.updated_at DESC, s.code LIMIT bound
)"""
SCORED = """, scored AS (
    SELECT at, code, facts, item_count, updated_at, tier + CASE WHEN said = '' THEN 0 WHEN lower(title) = said THEN 20
        WHEN starts_with(lower(title), said) THEN 3 WHEN strpos(lower(title), said) > 0 THEN 2 ELSE 0 END AS score
    FROM (SELECT * FROM c WHERE size > 0 AND facts & mask = want LIMIT ranked OFFSET block * few) n
    ORDER BY score DESC, updated_at DESC, code LIMIT spread OFFSET inside / spread * spread
), page AS (
    SELECT code, item_count FROM scored ORDER BY score + CASE WHEN spoken IS NULL OR said = '' THEN 0 ELSE
            (SELECT ts_rank_cd(s.tsv, spoken) FROM catalogue_search s WHERE s.ctid = scored.at) END
        + CASE WHEN facts & 3 <> 0 AND said <> '' THEN 0.2 ELSE 0 END DESC, updated_at DESC, code
    LIMIT size OFFSET inside % spread
)
SELECT count(*), json_agg(c.facts), (SELECT json_agg((
    SELECT row_to_json(r) FROM (
        SELECT r.code, r.title, r.title_en, r.agency AS provider, r.agency_name AS provider_name, r.summary,
            r.summary_en, r.share_type, r.open, r.update_cycle, r.grade, r.state, r.version, page.item_count,
            r.updated_at, r.published_at, false AS has_draft
        FROM catalogue_resource r WHERE r.code = page.code
    ) r
)) FROM page) INTO many, seen, cards FROM c;"""
# Numbers of the values: `domain/searching/facts.py`. Counts kept so far were texts; the next rebuild keeps them anew.
FILL = """
INSERT INTO catalogue_search_provider (agency, name) SELECT DISTINCT agency, agency_name FROM catalogue_search;
UPDATE catalogue_search s SET facts = (p.number::bigint << 16)
    | CASE WHEN 'query' = ANY (s.modes) THEN 1 ELSE 0 END | CASE WHEN 'verify' = ANY (s.modes) THEN 2 ELSE 0 END
    | (coalesce(array_position(ARRAY['1','2','3','4','5','6','7','8','9','0'], s.theme::text), 0) << 2)
    | (coalesce(array_position(ARRAY['unconditional','conditional','none'], s.share_type::text), 0) << 6)
    | (coalesce(array_position(ARRAY['realtime','daily','weekly','monthly','quarterly','half_yearly','yearly',
        'irregular'], s.update_cycle::text), 0) << 9)
    | (coalesce(array_position(ARRAY['general','personal','sensitive'], s.grade::text), 0) << 13)
    FROM catalogue_search_provider p WHERE p.agency = s.agency AND p.name = s.agency_name;
DELETE FROM catalogue_search_total;
"""
_OLD = (
    "catalogue_search_find(text, tsquery, tsquery, text, boolean, text, text, text, text, text, text, integer,"
    " integer, integer)"
)


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0102_search_narrow")]

    operations = [
        migrations.RunSQL(f"DROP FUNCTION {_OLD}", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="SearchProvider",
            fields=[
                ("number", models.AutoField(primary_key=True, serialize=False)),
                ("agency", models.CharField(max_length=18)),
                ("name", models.CharField(max_length=200)),
            ],
            options={
                "db_table": "catalogue_search_provider",
                "constraints": [
                    models.UniqueConstraint(fields=("agency", "name"), name="catalogue_search_provider_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchChange",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=64)),
                ("facts", models.BigIntegerField()),
                ("step", models.SmallIntegerField()),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None),
                ),
            ],
            options={
                "db_table": "catalogue_search_change",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["words"], name="catalogue_search_change_words"
                    )
                ],
            },
        ),
        migrations.AddField("searchentry", "facts", models.BigIntegerField(default=0)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RemoveField("searchentry", "agency"),
        migrations.RemoveField("searchentry", "agency_name"),
        migrations.RemoveField("searchentry", "theme"),
        migrations.RemoveField("searchentry", "share_type"),
        migrations.RemoveField("searchentry", "update_cycle"),
        migrations.RemoveField("searchentry", "grade"),
        migrations.RemoveField("searchentry", "modes"),
        migrations.AlterField("searchentry", "facts", models.BigIntegerField()),
        migrations.RemoveField("searchtotal", "facets"),
        migrations.AddField("searchtotal", "codes", models.TextField(default="[]")),
        migrations.AddField("searchtotal", "providers", models.TextField(default="[]")),
        migrations.AlterField("searchtotal", "codes", models.TextField()),
        migrations.AlterField("searchtotal", "providers", models.TextField()),
        migrations.RunSQL(
            FIND.replace("%(numbers)s", NUMBERS + SCORED)
            .replace("%(newest)s", NEWEST + SCORED)
            .replace("%(words)s", WORDS + SCORED)
            .replace("%(columns)s", COLUMNS)
            .replace("%(narrowed)s", NARROWED),
            "DROP FUNCTION catalogue_search_find",
        ),
    ]
