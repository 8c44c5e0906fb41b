"""The one statement that stores a batch, and the questions asked when it stores nothing.

Leaves, head, nonces, charges and index rows are written together or not at all. Three guards work inside it:

- the lease row is locked and its term compared, so that a writer which lost its lease cannot commit;
- epochs and states of grants and clients, and the floor of signing times, are compared again;
- primary keys and check constraints refuse what another gateway did at the same moment (the same nonce, the last
  unit of a quota): then the statement fails as a whole and the batch is examined.
"""

from __future__ import annotations

COMMIT = """
WITH lease AS (
  SELECT term FROM journal_lease WHERE log = $1 FOR SHARE
), clear AS MATERIALIZED (
  SELECT EXISTS (SELECT FROM lease WHERE term = $2)
    AND NOT EXISTS (
      SELECT FROM unnest($12::bigint[]) AS n (created)
      WHERE n.created < (SELECT max(not_before) FROM journal_log))
    AND NOT EXISTS (
      SELECT FROM unnest($13::text[], $14::bigint[]) AS g (id, epoch)
      LEFT JOIN exchange_compiled_grant c ON c.id = g.id
      WHERE c.epoch IS DISTINCT FROM g.epoch OR c.state <> 'active')
    AND NOT EXISTS (
      SELECT FROM unnest($15::text[], $16::bigint[]) AS g (id, epoch)
      LEFT JOIN identity_compiled_client c ON c.id = g.id
      WHERE c.epoch IS DISTINCT FROM g.epoch OR c.state <> 'active') AS ok
), put_leaf AS (
  INSERT INTO journal_leaf (log, index, leaf, leaf_hash, request_id, took_us)
  SELECT $1, $3 + n.at - 1, n.leaf, n.hash, n.request_id, n.took
  FROM unnest($4::text[], $5::bytea[], $6::text[], $7::int[]) WITH ORDINALITY AS n (leaf, hash, request_id, took, at)
  WHERE (SELECT ok FROM clear)
), put_head AS (
  INSERT INTO journal_head (log, size, epoch, head, signature)
  SELECT $1, $3 + cardinality($4::text[]), $8, $9, $10 WHERE (SELECT ok FROM clear)
), put_nonce AS (
  INSERT INTO journal_nonce (key, created)
  SELECT n.key, n.created FROM unnest($11::bytea[], $12::bigint[]) AS n (key, created)
  WHERE (SELECT ok FROM clear)
), put_key AS (
  INSERT INTO journal_idempotency (key, day)
  SELECT n.key, n.day FROM unnest($22::bytea[], $23::int[], $24::date[]) AS n (key, grant_at, day)
  WHERE (SELECT ok FROM clear)
  ON CONFLICT (key) DO NOTHING
  RETURNING key
), put_asked AS (
  INSERT INTO journal_usage_subject AS s (key, day, attempts, attempts_limit)
  SELECT n.key, n.day, n.attempts, n.attempts_limit
  FROM unnest($25::bytea[], $26::int[], $27::date[], $28::int[], $29::int[])
    AS n (key, grant_at, day, attempts, attempts_limit)
  WHERE (SELECT ok FROM clear)
  ON CONFLICT (key) DO UPDATE SET attempts = s.attempts + excluded.attempts, attempts_limit = excluded.attempts_limit
  WHERE excluded.attempts > 0
  RETURNING key, (xmax = 0) AS fresh
), charged AS (
  SELECT grant_at, count(*) AS calls
  FROM put_key JOIN unnest($22::bytea[], $23::int[]) AS n (key, grant_at) USING (key) GROUP BY grant_at
), asked AS (
  SELECT grant_at, count(*) AS subjects
  FROM put_asked JOIN unnest($25::bytea[], $26::int[]) AS n (key, grant_at) USING (key) WHERE fresh GROUP BY grant_at
), put_usage AS (
  INSERT INTO journal_usage AS u (grant_id, day, calls, calls_limit, subjects, subjects_limit)
  SELECT n.grant_id, n.day, n.plain + coalesce(charged.calls, 0), n.calls_limit,
    coalesce(asked.subjects, 0), n.subjects_limit
  FROM unnest($17::text[], $18::date[], $19::int[], $20::int[], $21::int[]) WITH ORDINALITY
    AS n (grant_id, day, plain, calls_limit, subjects_limit, at)
  LEFT JOIN charged ON charged.grant_at = n.at LEFT JOIN asked ON asked.grant_at = n.at
  WHERE n.plain + coalesce(charged.calls, 0) + coalesce(asked.subjects, 0) > 0 AND (SELECT ok FROM clear)
  ON CONFLICT (grant_id, day) DO UPDATE SET calls = u.calls + excluded.calls,
    calls_limit = greatest(excluded.calls_limit, CASE WHEN excluded.calls = 0 THEN u.calls END),
    subjects = u.subjects + excluded.subjects,
    subjects_limit = greatest(excluded.subjects_limit, CASE WHEN excluded.subjects = 0 THEN u.subjects END)
), put_subject AS (
  INSERT INTO journal_subject (token, log, index, salt, period)
  SELECT n.token, $1, $3 + n.at, n.salt, n.period
  FROM unnest($30::bytea[], $31::int[], $32::bytea[], $33::text[]) AS n (token, at, salt, period)
  WHERE (SELECT ok FROM clear)
  ON CONFLICT DO NOTHING
), taken AS (
  DELETE FROM journal_outbox WHERE id = ANY ($34::bigint[]) AND (SELECT ok FROM clear)
)
SELECT ok FROM clear
"""
"""Parameters: $1 log, $2 term, $3 first index; $4–$7 leaves; $8–$10 head; $11–$12 nonces; $13–$14 grants; $15–$16
clients; $17–$21 usage rows; $22–$24 idempotency keys; $25–$29 subjects asked; $30–$33 index; $34 outbox rows.
`grant_at` is the place (from 1) of the usage row that a key or subject belongs to. Returns whether all was clear."""

LEASE = "SELECT term FROM journal_lease WHERE log = $1"
FLOOR = "SELECT coalesce(max(not_before), 0) FROM journal_log"
GRANTS = "SELECT id, epoch, state FROM exchange_compiled_grant WHERE id = ANY ($1::text[])"
CLIENTS = "SELECT id, epoch, state FROM identity_compiled_client WHERE id = ANY ($1::text[])"
NONCES = "SELECT key FROM journal_nonce WHERE key = ANY ($1::bytea[])"
USAGE = """
SELECT grant_id, day, calls, subjects FROM journal_usage
WHERE (grant_id, day) IN (SELECT * FROM unnest($1::text[], $2::date[]))
"""
CHARGED = "SELECT key FROM journal_idempotency WHERE key = ANY ($1::bytea[])"
ASKED = "SELECT key, attempts FROM journal_usage_subject WHERE key = ANY ($1::bytea[])"
