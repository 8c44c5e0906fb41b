"""The one statement that stores a batch, and the questions asked when it stores nothing.

Leaves, head, nonces, charges and index rows are written together or not at all. Three guards work inside it:

- the lease row is locked and its term compared, so that a writer which lost its lease cannot commit;
- epochs and states of grants and clients, and the floor of signing times, are compared again;
- primary keys and check constraints refuse what another gateway did at the same moment (the same nonce, the last
  unit of a quota): then the statement fails as a whole and the batch is examined.

A batch is stored by a statement that has the parts which its items need and no others: the server sets up every part at each
call, used or not, which costs as much as storing several leaves (docs/adr/0336).
"""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

Part = Literal["grants", "clients", "nonces", "keys", "asked", "attempts", "usage", "subjects", "outbox"]
"""What a batch may need besides leaves and head: `keys` of idempotency, `asked` subjects and `attempts` at them need
`usage` rows; `subjects` are rows of the erasable index."""

_CLEAR: dict[Part, str] = {
    "nonces": """
    AND coalesce({earliest} >= (SELECT max(not_before) FROM journal_log), true)""",
    "grants": """
    AND NOT EXISTS (
      SELECT FROM unnest(({grants}::text)::text[], ({grant_epochs}::text)::bigint[]) AS g (id, epoch)
      LEFT JOIN exchange_compiled_grant c ON c.id = g.id
      WHERE c.epoch IS DISTINCT FROM g.epoch OR c.state <> 'active')""",
    "clients": """
    AND NOT EXISTS (
      SELECT FROM unnest(({clients}::text)::text[], ({client_epochs}::text)::bigint[]) AS g (id, epoch)
      LEFT JOIN identity_compiled_client c ON c.id = g.id
      WHERE c.epoch IS DISTINCT FROM g.epoch OR c.state <> 'active')""",
}
_LEASE = """
WITH lease AS (
  SELECT term FROM journal_lease WHERE log = {log} FOR SHARE
), clear AS MATERIALIZED (
  SELECT EXISTS (SELECT FROM lease WHERE term = {term})"""
_LEAVES = """ AS ok
), put_leaf AS (
  INSERT INTO journal_leaf (log, index, leaf, leaf_hash, request_id, took_us)
  SELECT {log}, {first} + n.at - 1, n.leaf, substr({hashes}::bytea, n.at::int * 32 - 31, 32), n.request_id, n.took
  FROM unnest(string_to_array({leaves}, chr(10)), ({request_ids}::text)::text[], ({took}::text)::int[]) WITH ORDINALITY
    AS n (leaf, request_id, took, at)
  WHERE (SELECT ok FROM clear)
), put_head AS (
  INSERT INTO journal_head (log, size, epoch, head, signature)
  SELECT {log}, {first} + length({hashes}::bytea) / 32, {epoch}, {head}, {signature} WHERE (SELECT ok FROM clear)
)"""
_PARTS: dict[Part, str] = {
    "nonces": """, put_nonce AS (
  INSERT INTO journal_nonce (key, created)
  SELECT substr({nonces}::bytea, n.at::int * 16 - 15, 16), n.created
  FROM unnest(({created}::text)::bigint[]) WITH ORDINALITY AS n (created, at)
  WHERE (SELECT ok FROM clear)
)""",
    "keys": """, paid AS MATERIALIZED (
  SELECT n.key, n.grant_at, u.day
  FROM (
    SELECT substr({keys}::bytea, a.at::int * 16 - 15, 16) AS key, a.grant_at
    FROM unnest(({key_grants}::text)::int[]) WITH ORDINALITY AS a (grant_at, at)) n
  JOIN unnest(({days}::text)::date[]) WITH ORDINALITY AS u (day, at) ON u.at = n.grant_at
  WHERE (SELECT ok FROM clear) AND NOT EXISTS (SELECT FROM journal_idempotency k WHERE k.key = n.key)
), put_key AS (
  INSERT INTO journal_idempotency (key, day) SELECT key, day FROM paid
)""",
    "asked": """, asked AS MATERIALIZED (
  SELECT n.key, n.grant_at, coalesce(n.attempts, 0) AS attempts, u.day, u.attempts_limit, k.key IS NULL AS fresh
  FROM (
    SELECT substr({asked}::bytea, a.at::int * 16 - 15, 16) AS key, a.grant_at, a.attempts
    FROM unnest(({asked_grants}::text)::int[], ({attempts}::text)::int[]) WITH ORDINALITY AS a (grant_at, attempts, at)) n
  JOIN unnest(({days}::text)::date[], ({attempts_limits}::text)::int[]) WITH ORDINALITY
    AS u (day, attempts_limit, at) ON u.at = n.grant_at
  LEFT JOIN journal_usage_subject k ON k.key = n.key
  WHERE (SELECT ok FROM clear)
), put_asked AS (
  INSERT INTO journal_usage_subject (key, day, attempts, attempts_limit)
  SELECT key, day, attempts, attempts_limit FROM asked WHERE fresh
)""",
    "attempts": """, more_asked AS (
  UPDATE journal_usage_subject s SET attempts = s.attempts + a.attempts, attempts_limit = a.attempts_limit
  FROM asked a WHERE s.key = a.key AND NOT a.fresh AND a.attempts > 0
)""",
    "usage": """, put_usage AS (
  INSERT INTO journal_usage AS u (grant_id, day, calls, calls_limit, subjects, subjects_limit)
  SELECT * FROM (
    SELECT n.grant_id, n.day, n.plain<paid> AS calls, n.calls_limit, <fresh> AS subjects, n.subjects_limit
    FROM unnest(({usage_grants}::text)::text[], ({days}::text)::date[], ({plain}::text)::int[], ({calls_limits}::text)::int[],
      ({subjects_limits}::text)::int[]) WITH ORDINALITY
      AS n (grant_id, day, plain, calls_limit, subjects_limit, at)
    WHERE (SELECT ok FROM clear)) t
  WHERE calls + subjects > 0
  ON CONFLICT (grant_id, day) DO UPDATE SET calls = u.calls + excluded.calls,
    calls_limit = greatest(excluded.calls_limit, CASE WHEN excluded.calls = 0 THEN u.calls END),
    subjects = u.subjects + excluded.subjects,
    subjects_limit = greatest(excluded.subjects_limit, CASE WHEN excluded.subjects = 0 THEN u.subjects END)
)""",
    "subjects": """, put_subject AS (
  INSERT INTO journal_subject (token, log, index, salt, period)
  SELECT substr({tokens}::bytea, n.row::int * 16 - 15, 16), {log}, {first} + n.at, substr({salts}::bytea, n.row::int * 16 - 15, 16),
    n.period
  FROM unnest(({places}::text)::int[], ({periods}::text)::text[]) WITH ORDINALITY AS n (at, period, row)
  WHERE (SELECT ok FROM clear)
)""",
    "outbox": """, taken AS (
  DELETE FROM journal_outbox WHERE id = ANY (({outbox}::text)::bigint[]) AND (SELECT ok FROM clear)
)""",
}
_PAID = " + (SELECT count(*) FROM paid WHERE grant_at = n.at)"
_FRESH = "(SELECT count(*) FROM asked WHERE grant_at = n.at AND fresh)"
_END = """
SELECT ok FROM clear
"""


class Commit(NamedTuple):
    """A statement, and the names of its parameters in their order. It returns whether all was clear.

    `log`, `term`, `first` index; `leaves`, `hashes`, `request_ids`, `took`; `head`, `epoch`, `signature`; `nonces`, the times
    they were `created` at and the `earliest` of them; `grants` and `clients` with their epochs; `keys` of idempotency with
    `key_grants`; the subjects `asked` with `asked_grants` and `attempts`; of each usage row `usage_grants`, `days`, `plain`
    calls and the limits; of each index row `places`, `periods`, `tokens`, `salts`; `outbox` rows. The grant of a key or of a
    subject is the place (from 1) of its usage row.

    No parameter is an array, for encoding arrays element by element costs more than all the rest of sending them: numbers
    and short texts come as the text of an array, keys of 16 bytes and hashes of 32 one after the other, and leaves as lines
    (canonical JSON has no line break).
    """

    text: str
    names: tuple[str, ...]


class _Numbers(dict[str, str]):
    def __missing__(self, name: str) -> str:
        self[name] = number = f"${len(self) + 1}"
        return number


@cache
def commit(parts: frozenset[Part]) -> Commit:
    """The statement for batches that need these parts."""
    text = _LEASE + "".join(clear for part, clear in _CLEAR.items() if part in parts) + _LEAVES
    text += "".join(sql for part, sql in _PARTS.items() if part in parts) + _END
    text = text.replace("<paid>", _PAID if "keys" in parts else "")
    text = text.replace("<fresh>", _FRESH if "asked" in parts else "0")
    numbers = _Numbers()
    return Commit(text.format_map(numbers), tuple(numbers))


SEAL = """
WITH lease AS (
  SELECT term FROM journal_lease WHERE log = $1 FOR SHARE
)
UPDATE journal_head SET signature = $4
WHERE log = $1 AND size = $3 AND octet_length(signature) = 32 AND EXISTS (SELECT FROM lease WHERE term = $2)
RETURNING true
"""
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
