"""What hangs on a table, asked of the database's catalogue as statements that bring it to the table that takes its place.

Every question gives one column of statements and takes `oid`, `whole`, `schema`, `table`, `fresh` and `follow` of the
table (`store/twins.py`). All are asked before the first statement is run, with a search path of `pg_catalog` alone, so
that every name in an answer is a full one.
"""

from __future__ import annotations

from typing import Final

_AT: Final = "format('%%I.%%I', %(schema)s::text, %(table)s::text)"
_THERE: Final = "format('%%I.%%I', %(fresh)s::text, %(table)s::text)"
_VIEWS: Final = """
SELECT v.* FROM pg_class v WHERE v.oid <> %(oid)s AND v.oid IN (
  SELECT r.ev_class FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
  WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = %(oid)s)
"""
_TYPED: Final = """
SELECT d.objid FROM pg_depend d JOIN pg_class c ON c.oid = %(oid)s JOIN pg_type t ON t.oid = c.reltype
WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray)
"""
_BODIED: Final = """
SELECT d.objid FROM pg_depend d
WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = %(oid)s
"""
_REFERRING: Final = """
SELECT o.*, regexp_replace(pg_get_constraintdef(o.oid), ' NOT VALID$', '') AS said FROM pg_constraint o
WHERE o.contype = 'f' AND o.conparentid = 0 AND o.confrelid IN (%(oid)s, %(whole)s) AND o.conrelid NOT IN (%(oid)s, %(whole)s)
"""
_REFERRED: Final = """
SELECT o.*, regexp_replace(pg_get_constraintdef(o.oid), ' NOT VALID$', '') AS said FROM pg_constraint o
WHERE o.contype = 'f' AND o.conparentid = 0 AND o.conrelid = %(oid)s
"""
_SERIALS: Final = """
SELECT s.oid, s.relname, n.nspname, a.attname, a.attidentity FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
JOIN pg_namespace n ON n.oid = s.relnamespace JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = %(oid)s
"""
_TRIGGERS: Final = """
SELECT t.* FROM pg_trigger t
WHERE t.tgrelid = %(oid)s AND NOT t.tgisinternal AND t.tgparentid = 0 AND NOT starts_with(t.tgname, %(follow)s)
"""
_STATISTICS: Final = """
SELECT t.oid, format('%%I.%%I', n.nspname, t.stxname) AS called, t.stxstattarget, t.stxowner FROM pg_statistic_ext t
JOIN pg_namespace n ON n.oid = t.stxnamespace WHERE t.stxrelid = %(oid)s
"""

MAKING: Final = (
    # indexes, and what is an index by its constraint, under their own names
    f"""
SELECT replace(pg_get_indexdef(x.indexrelid), format(' ON %%s USING ', {_AT}), format(' ON %%s USING ', {_THERE}))
FROM pg_index x WHERE x.indrelid = %(oid)s AND NOT EXISTS (
  SELECT FROM pg_constraint o WHERE o.conindid = x.indexrelid AND o.conrelid = x.indrelid AND o.contype IN ('p', 'u', 'x'))
ORDER BY x.indexrelid
""",
    f"""
SELECT format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', {_THERE}, conname, pg_get_constraintdef(oid)) FROM pg_constraint
WHERE conrelid = %(oid)s AND contype IN ('p', 'u', 'x') ORDER BY oid
""",
    f"""
SELECT format('ALTER TABLE %%s SET (%%s)', {_THERE}, array_to_string(reloptions, ', ')) FROM pg_class
WHERE oid = %(oid)s AND reloptions IS NOT NULL
UNION ALL
SELECT format('ALTER TABLE %%s SET (toast.%%s)', {_THERE}, array_to_string(o.reloptions, ', toast.'))
FROM pg_class c JOIN pg_class o ON o.oid = c.reltoastrelid WHERE c.oid = %(oid)s AND o.reloptions IS NOT NULL
UNION ALL
SELECT format('ALTER TABLE %%s ALTER COLUMN %%I SET STATISTICS %%s', {_THERE}, attname, attstattarget) FROM pg_attribute
WHERE attrelid = %(oid)s AND attnum > 0 AND NOT attisdropped AND attstattarget >= 0
UNION ALL
SELECT format('ALTER TABLE %%s ALTER COLUMN %%I SET (%%s)', {_THERE}, attname, array_to_string(attoptions, ', '))
FROM pg_attribute WHERE attrelid = %(oid)s AND attnum > 0 AND NOT attisdropped AND attoptions IS NOT NULL
UNION ALL
SELECT format('ALTER TABLE %%s SET TABLESPACE %%I', {_THERE}, s.spcname)
FROM pg_class c JOIN pg_tablespace s ON s.oid = c.reltablespace WHERE c.oid = %(oid)s
""",
)
"""When the twin is made."""

LEAVING: Final = (
    f"SELECT format('DROP FUNCTION %%s', oid::regprocedure) FROM pg_proc WHERE oid IN ({_TYPED})",
    f"SELECT format('DROP STATISTICS %%s', s.called) FROM ({_STATISTICS}) AS s",
    f"SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname) FROM ({_REFERRING}) AS o",
    f"SELECT format('ALTER SEQUENCE %%s OWNED BY NONE', s.oid::regclass) FROM ({_SERIALS}) AS s WHERE s.attidentity = ''",
)
"""Before the tables change places."""

REVOKED: Final = (
    f"""
SELECT format('REVOKE ALL ON %%s FROM %%s', {_AT}, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
WHERE n.nspname = %(fresh)s AND c.relname = %(table)s AND a.grantee <> c.relowner GROUP BY a.grantee
""",
)
"""What the owner's default privileges gave away."""

COMING: Final = (
    # rights
    f"""
SELECT format('GRANT %%s ON %%s TO %%s%%s', a.privilege_type, {_AT},
  CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
  CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = %(oid)s AND a.grantee <> c.relowner
UNION ALL
SELECT format('GRANT %%s (%%I) ON %%s TO %%s%%s', a.privilege_type, t.attname, {_AT},
  CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
  CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_attribute t, aclexplode(t.attacl) a WHERE t.attrelid = %(oid)s AND t.attnum > 0 AND NOT t.attisdropped
""",
    # views keep their number, their owner and their rights
    f"""
SELECT format('CREATE OR REPLACE VIEW %%s%%s AS %%s', v.oid::regclass,
  ' WITH (' || array_to_string(v.reloptions, ', ') || ')', rtrim(pg_get_viewdef(v.oid), ';'))
FROM ({_VIEWS}) AS v WHERE v.relkind = 'v'
""",
    # functions of its row type anew; those that name the table are read anew by whoever has run them
    f"""
SELECT pg_get_functiondef(f.oid) FROM pg_proc f JOIN pg_language l ON l.oid = f.prolang
WHERE f.prokind IN ('f', 'p') AND (f.oid IN ({_TYPED}) OR f.oid IN ({_BODIED})
  OR (l.lanname = 'plpgsql' AND f.pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = %(schema)s)
      AND position('"' || %(table)s::text || '"' IN f.prosrc) > 0))
""",
    f"""
SELECT format('ALTER FUNCTION %%s OWNER TO %%I', oid::regprocedure, pg_get_userbyid(proowner)) FROM pg_proc WHERE oid IN ({_TYPED})
UNION ALL
SELECT format('REVOKE ALL ON FUNCTION %%s FROM PUBLIC', oid::regprocedure) FROM pg_proc
WHERE oid IN ({_TYPED}) AND proacl IS NOT NULL
""",
    f"""
SELECT format('GRANT EXECUTE ON FUNCTION %%s TO %%s%%s', f.oid::regprocedure,
  CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
  CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_proc f, aclexplode(f.proacl) a WHERE f.oid IN ({_TYPED}) AND a.grantee <> f.proowner
UNION ALL
SELECT format('COMMENT ON FUNCTION %%s IS %%L', oid::regprocedure, obj_description(oid, 'pg_proc')) FROM pg_proc
WHERE oid IN ({_TYPED}) AND obj_description(oid, 'pg_proc') IS NOT NULL
""",
    # references both ways; proved afterwards
    f"""
SELECT format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s NOT VALID', {_AT}, conname, said) FROM ({_REFERRED}) AS o
UNION ALL
SELECT format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s NOT VALID', conrelid::regclass, conname, said) FROM ({_REFERRING}) AS o
""",
    f"""
SELECT pg_get_triggerdef(oid) FROM ({_TRIGGERS}) AS t
""",
    f"""
SELECT format('ALTER TABLE %%s %%s TRIGGER %%I', {_AT},
  CASE tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, tgname)
FROM ({_TRIGGERS}) AS t WHERE tgenabled <> 'O'
""",
    f"""
SELECT format('ALTER TABLE %%s ENABLE ROW LEVEL SECURITY', {_AT}) FROM pg_class WHERE oid = %(oid)s AND relrowsecurity
UNION ALL
SELECT format('ALTER TABLE %%s FORCE ROW LEVEL SECURITY', {_AT}) FROM pg_class WHERE oid = %(oid)s AND relforcerowsecurity
UNION ALL
SELECT format('CREATE POLICY %%I ON %%s AS %%s FOR %%s TO %%s%%s%%s', policyname, {_AT}, permissive, cmd,
  (SELECT string_agg(CASE one WHEN 'public' THEN 'PUBLIC' ELSE quote_ident(one) END, ', ') FROM unnest(roles) AS one),
  ' USING (' || qual || ')', ' WITH CHECK (' || with_check || ')')
FROM pg_policies WHERE schemaname = %(schema)s AND tablename = %(table)s
""",
    f"""
SELECT format('ALTER TABLE %%s REPLICA IDENTITY %%s', {_AT}, CASE relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING'
  ELSE (SELECT format('USING INDEX %%I', i.relname) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
        WHERE x.indrelid = c.oid AND x.indisreplident) END)
FROM pg_class c WHERE oid = %(oid)s AND relreplident <> 'd'
UNION ALL
SELECT format('ALTER TABLE %%s CLUSTER ON %%I', {_AT}, i.relname) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indrelid = %(oid)s AND x.indisclustered
""",
    f"""
SELECT format('ALTER PUBLICATION %%I ADD TABLE ONLY %%s%%s%%s', p.pubname, {_AT},
  (SELECT format(' (%%s)', string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)) FROM pg_attribute a
   WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::int2[])),
  ' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')')
FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid WHERE r.prrelid = %(oid)s
""",
    f"""
SELECT pg_get_statisticsobjdef(s.oid) FROM ({_STATISTICS}) AS s
UNION ALL
SELECT format('ALTER STATISTICS %%s OWNER TO %%I', s.called, pg_get_userbyid(s.stxowner)) FROM ({_STATISTICS}) AS s
UNION ALL
SELECT format('ALTER STATISTICS %%s SET STATISTICS %%s', s.called, s.stxstattarget) FROM ({_STATISTICS}) AS s
WHERE s.stxstattarget >= 0
UNION ALL
SELECT format('COMMENT ON STATISTICS %%s IS %%L', s.called, obj_description(s.oid, 'pg_statistic_ext'))
FROM ({_STATISTICS}) AS s WHERE obj_description(s.oid, 'pg_statistic_ext') IS NOT NULL
""",
    # a sequence of a column goes on where it stands
    f"""
SELECT format('ALTER SEQUENCE %%s OWNED BY %%s.%%I', s.oid::regclass, {_AT}, s.attname) FROM ({_SERIALS}) AS s
WHERE s.attidentity = ''
UNION ALL
SELECT format('SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence(%%L, %%L), last_value, is_called) FROM %%I.%%I',
  {_AT}, s.attname, %(schema)s::text || '~gone', s.relname) FROM ({_SERIALS}) AS s WHERE s.attidentity <> ''
""",
    f"""
SELECT format('COMMENT ON TABLE %%s IS %%L', {_AT}, obj_description(%(oid)s::oid, 'pg_class'))
WHERE obj_description(%(oid)s::oid, 'pg_class') IS NOT NULL
UNION ALL
SELECT format('COMMENT ON INDEX %%I.%%I IS %%L', %(schema)s::text, i.relname, d.description) FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_description d ON d.objoid = i.oid AND d.classoid = 'pg_class'::regclass
WHERE x.indrelid = %(oid)s
UNION ALL
SELECT format('COMMENT ON CONSTRAINT %%I ON %%s IS %%L', o.conname, o.conrelid::regclass, d.description) FROM pg_constraint o
JOIN pg_description d ON d.objoid = o.oid AND d.classoid = 'pg_constraint'::regclass
WHERE o.conrelid = %(oid)s OR o.oid IN (SELECT f.oid FROM ({_REFERRING}) AS f)
UNION ALL
SELECT format('COMMENT ON TRIGGER %%I ON %%s IS %%L', t.tgname, {_AT}, d.description) FROM ({_TRIGGERS}) AS t
JOIN pg_description d ON d.objoid = t.oid AND d.classoid = 'pg_trigger'::regclass
UNION ALL
SELECT format('COMMENT ON POLICY %%I ON %%s IS %%L', p.polname, {_AT}, d.description) FROM pg_policy p
JOIN pg_description d ON d.objoid = p.oid AND d.classoid = 'pg_policy'::regclass WHERE p.polrelid = %(oid)s
""",
)
"""When the twin has the table's name."""

PROVED: Final = f"""
SELECT format('ALTER TABLE %%s VALIDATE CONSTRAINT %%I', conrelid::regclass, conname) FROM ({_REFERRED}) AS o WHERE convalidated
UNION ALL
SELECT format('ALTER TABLE %%s VALIDATE CONSTRAINT %%I', conrelid::regclass, conname) FROM ({_REFERRING}) AS o WHERE convalidated
UNION ALL
SELECT DISTINCT format('ANALYZE %%s', {_AT}) FROM ({_STATISTICS}) AS s
"""
"""References that held before are proved again, without keeping anybody out; numbers over several columns are made."""

TOUCHED: Final = f"""
SELECT v.oid::regclass::text FROM ({_VIEWS}) AS v WHERE v.relkind = 'v'
UNION SELECT conrelid::regclass::text FROM ({_REFERRING}) AS o
UNION SELECT confrelid::regclass::text FROM ({_REFERRED}) AS o WHERE confrelid <> %(oid)s
"""
"""Other relations that are changed with it."""

FORM: Final = """
SELECT md5(string_agg(said, ',' ORDER BY said)) FROM (
  SELECT concat_ws(' ', attname, atttypid, atttypmod, attnotnull, attgenerated) FROM pg_attribute
  WHERE attrelid = %(oid)s AND attnum > 0 AND NOT attisdropped
  UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %(oid)s
  UNION ALL SELECT concat_ws(' ', conname, pg_get_constraintdef(oid)) FROM pg_constraint
  WHERE conrelid = %(oid)s AND contype IN ('c', 'p', 'u', 'x')) AS of (said)
"""
"""What the twin is made by; what is altered of it by hand meanwhile would be lost."""

SEEN: Final = f"""
WITH met (what, id, version) AS (
  SELECT 'relation', oid, xmin::text FROM pg_class WHERE oid IN (%(oid)s, %(whole)s)
  UNION ALL SELECT 'view', v.oid, v.oid::text FROM ({_VIEWS}) AS v
  UNION ALL SELECT 'rule', r.oid, r.xmin::text FROM pg_rewrite r WHERE r.ev_class IN (SELECT v.oid FROM ({_VIEWS}) AS v)
  UNION ALL SELECT 'column', attnum, xmin::text FROM pg_attribute WHERE attrelid = %(oid)s
  UNION ALL SELECT 'index', indexrelid, xmin::text FROM pg_index WHERE indrelid = %(oid)s
  UNION ALL SELECT 'constraint', oid, xmin::text FROM pg_constraint
    WHERE conrelid = %(oid)s OR confrelid IN (%(oid)s, %(whole)s)
  UNION ALL SELECT 'trigger', oid, xmin::text FROM pg_trigger WHERE tgrelid = %(oid)s
  UNION ALL SELECT 'policy', oid, xmin::text FROM pg_policy WHERE polrelid = %(oid)s
  UNION ALL SELECT 'published', oid, xmin::text FROM pg_publication_rel WHERE prrelid = %(oid)s
  UNION ALL SELECT 'statistics', oid, xmin::text FROM pg_statistic_ext WHERE stxrelid = %(oid)s
  UNION ALL SELECT 'function', oid, xmin::text FROM pg_proc WHERE oid IN ({_TYPED}) OR oid IN ({_BODIED})
    OR pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = %(schema)s))
SELECT md5(coalesce(string_agg(concat_ws(' ', what, id, version), ',' ORDER BY what, id), '')) FROM met
"""
"""A mark of all that hangs on it, by which a change of any of it is known."""

HINDERING: Final = f"""
SELECT v.oid::regclass::text FROM ({_VIEWS}) AS v WHERE v.relkind <> 'v' OR NOT pg_has_role(v.relowner, 'MEMBER')
UNION ALL
SELECT i.inhrelid::regclass::text FROM pg_inherits i WHERE i.inhparent = %(oid)s
UNION ALL
SELECT i.inhparent::regclass::text FROM pg_inherits i WHERE i.inhrelid = %(oid)s AND i.inhparent <> %(whole)s
UNION ALL
SELECT format('%%s (%%s)', o.conname, o.conrelid::regclass) FROM pg_constraint o
WHERE o.contype = 'f' AND %(whole)s <> 0 AND o.conrelid = %(oid)s
UNION ALL
SELECT p.pubname::text FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
WHERE r.prrelid = %(oid)s AND NOT pg_has_role(p.pubowner, 'MEMBER')
UNION ALL
SELECT format('%%s (%%s)', w.rulename, %(table)s::text) FROM pg_rewrite w WHERE w.ev_class = %(oid)s
"""
"""What cannot come along."""
