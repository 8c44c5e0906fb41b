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
    AND coalesce($12 >= (SELECT max(not_before) FROM journal_log), true)
    AND NOT EXISTS (
      SELECT FROM unnest(($14::text)::text[], ($15::text)::bigint[]) AS g (id, epoch)
      LEFT JOIN exchange_compiled_grant c ON c.id = g.id
      WHERE c.epoch IS DISTINCT FROM g.epoch OR c.state <> 'active')
    AND NOT EXISTS (
      SELECT FROM unnest(($16::text)::text[], ($17::text)::bigint[]) AS g (id, epoch)
      LEFT JOIN identity_compiled_client c ON c.id = g.id
      WHERE c.epoch IS DISTINCT FROM g.epoch OR c.state <> 'active') AS ok
), put_leaf AS (
  INSERT INTO journal_leaf (log, index, leaf, leaf_hash, request_id, took_us)
  SELECT $1, $3 + n.at - 1, n.leaf, substr($5::bytea, n.at::int * 32 - 31, 32), n.request_id, n.took
  FROM unnest(string_to_array($4, chr(10)), ($6::text)::text[], ($7::text)::int[]) WITH ORDINALITY
    AS n (leaf, request_id, took, at)
  WHERE (SELECT ok FROM clear)
), put_head AS (
  INSERT INTO journal_head (log, size, epoch, head, signature)
  SELECT $1, $3 + length($5::bytea) / 32, $8, $9, $10 WHERE (SELECT ok FROM clear)
), put_nonce AS (
  INSERT INTO journal_nonce (key, created)
  SELECT substr($11::bytea, n.at::int * 16 - 15, 16), n.created
  FROM unnest(($13::text)::bigint[]) WITH ORDINALITY AS n (created, at)
  WHERE (SELECT ok FROM clear)
), paid AS MATERIALIZED (
  SELECT n.key, n.grant_at, u.day
  FROM (
    SELECT substr($18::bytea, a.at::int * 16 - 15, 16) AS key, a.grant_at
    FROM unnest(($19::text)::int[]) WITH ORDINALITY AS a (grant_at, at)) n
  JOIN unnest(($23::text)::date[]) WITH ORDINALITY AS u (day, at) ON u.at = n.grant_at
  WHERE (SELECT ok FROM clear) AND NOT EXISTS (SELECT FROM journal_idempotency k WHERE k.key = n.key)
), put_key AS (
  INSERT INTO journal_idempotency (key, day) SELECT key, day FROM paid
), asked AS MATERIALIZED (
  SELECT n.key, n.grant_at, coalesce(n.attempts, 0) AS attempts, u.day, u.attempts_limit, k.key IS NULL AS fresh
  FROM (
    SELECT substr($20::bytea, a.at::int * 16 - 15, 16) AS key, a.grant_at, a.attempts
    FROM unnest(($21::text)::int[], ($22::text)::int[]) WITH ORDINALITY AS a (grant_at, attempts, at)) n
  JOIN unnest(($23::text)::date[], ($27::text)::int[]) WITH ORDINALITY AS u (day, attempts_limit, at) ON u.at = n.grant_at
  LEFT JOIN journal_usage_subject k ON k.key = n.key
  WHERE (SELECT ok FROM clear)
), put_asked AS (
  INSERT INTO journal_usage_subject (key, day, attempts, attempts_limit)
  SELECT key, day, attempts, attempts_limit FROM asked WHERE fresh
), more_asked AS (
  UPDATE journal_usage_subject s SET attempts = s.attempts + a.attempts, attempts_limit = a.attempts_limit
  FROM asked a WHERE s.key = a.key AND NOT a.fresh AND a.attempts > 0
), put_usage AS (
  INSERT INTO journal_usage AS u (grant_id, day, calls, calls_limit, subjects, subjects_limit)
  SELECT * FROM (
    SELECT n.grant_id, n.day, n.plain + (SELECT count(*) FROM paid WHERE grant_at = n.at) AS calls, n.calls_limit,
      (SELECT count(*) FROM asked WHERE grant_at = n.at AND fresh) AS subjects, n.subjects_limit
    FROM unnest(($28::text)::text[], ($23::text)::date[], ($24::text)::int[], ($25::text)::int[],
      ($26::text)::int[]) WITH ORDINALITY
      AS n (grant_id, day, plain, calls_limit, subjects_limit, at)
    WHERE (SELECT ok FROM clear)) t
  WHERE calls + subjects > 0
  ON CONFLICT (grant_id, day) DO UPDATE SET calls = u.calls + excluded.calls,
    calls_limit = greatest(excluded.calls_limit, CASE WHEN excluded.calls = 0 THEN u.calls END),
    subjects = u.subjects + excluded.subjects,
    subjects_limit = greatest(excluded.subjects_limit, CASE WHEN excluded.subjects = 0 THEN u.subjects END)
), put_subject AS (
  INSERT INTO journal_subject (token, log, index, salt, period)
  SELECT substr($29::bytea, n.row::int * 16 - 15, 16), $1, $3 + n.at, substr($31::bytea, n.row::int * 16 - 15, 16),
    n.period
  FROM unnest(($30::text)::int[], ($32::text)::text[]) WITH ORDINALITY AS n (at, period, row)
  WHERE (SELECT ok FROM clear)
), taken AS (
  DELETE FROM journal_outbox WHERE id = ANY (($33::text)::bigint[]) AND (SELECT ok FROM clear)
)
SELECT ok FROM clear
"""
"""Parameters: $1 log, $2 term, $3 first index; $4–$7 leaves; $8–$10 head; $11 nonces, $12 their earliest time, $13
their times; $14–$15 grants; $16–$17 clients; $18–$19 idempotency keys; $20–$22 subjects asked; $23–$28 usage rows;
$29–$32 index; $33 outbox rows. `grant_at` is the place (from 1) of the usage row that a key or subject belongs to.
Returns whether all was clear.

No parameter is an array, for encoding arrays element by element costs more than all the rest of sending them: numbers
and short texts come as the text of an array, keys of 16 bytes and hashes of 32 one after the other, and leaves as lines
(canonical JSON has no line break)."""

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
