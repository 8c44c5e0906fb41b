"""The bare SQL beside which `bench registry` measures the interface of a declared system."""

from __future__ import annotations


def scripts(account: int, agency: str, purpose: str, rows: int) -> dict[str, str]:
    """What pgbench runs: `get`, `list` and `create` as the interface's own work, `naked_*` the statement alone.

    `account` acts for `agency` for a `purpose`, among `rows` records.
    """
    context = (
        f"SELECT set_config('yw.agency', '{agency}', true), set_config('yw.region', '290100', true),"
        f" set_config('yw.user', '{account}', true), set_config('yw.roles', '', true),"
        f" set_config('yw.purpose', '{purpose}', true), set_config('yw.case', '', true),"
        " set_config('yw.division', '290100', true), set_config('yw.person', '', true),"
        " set_config('yw.system_roles', coalesce((SELECT string_agg(system || '.' || role, ',') FROM registry_role_holder"
        f" WHERE \"user\" = {account} AND agency = '{agency}' AND since <= now() AND (until IS NULL OR until > now())), ''),"
        " true);"
    )
    columns = "_id, _from, nullif(_to, 'infinity'), _known, _by, code, town, state, title, note, day, amount, weight, done"
    key = f"\\set n random(1, {rows})\n"
    town = "\\set t random(0, 39)\n"
    one = f"SELECT {columns} FROM {{}} WHERE code = 'V' || lpad(:n::text, 9, '0') AND _from <= current_date AND _to > current_date;"
    many = (
        f"SELECT {columns} FROM {{}} WHERE town = '2901020' || lpad(:t::text, 2, '0') AND state = 'open'"
        " AND _from <= current_date AND _to > current_date ORDER BY code LIMIT 51;"
    )
    # as the interface reads it: the view has the order (ADR 0291)
    ordered = many.replace(" ORDER BY code", "")
    put = (
        "SELECT sys_bench.visit__put(NULL, jsonb_build_object('code', md5(random()::text || clock_timestamp()), 'town',"
        " '2901020' || lpad(:t::text, 2, '0'), 'state', 'open', 'title', '新走访', 'note', '情况正常，无变化', 'day',"
        " '2026-11-20', 'amount', 12300, 'weight', 1.25, 'done', false), current_date, 'infinity', now(), 'bench', false);"
    )
    naked = (
        "INSERT INTO sys_bench.visit (_from, _known, _by, code, town, state, title, note, day, amount, weight, done) VALUES"
        " (current_date, now(), 'bench', md5(random()::text || clock_timestamp()), '290102001', 'open', '新走访',"
        " '情况正常，无变化', '2026-11-20', 12300, 1.25, false);"
    )
    return {
        "get": f"{key}BEGIN;\n{context}\n{one.format('sys_bench_read.visit')}\nCOMMIT;\n",
        "list": f"{town}BEGIN;\n{context}\n{ordered.format('sys_bench_read.visit__ordered')}\nCOMMIT;\n",
        "create": f"{town}BEGIN;\n{context}\n{put}\nCOMMIT;\n",
        "naked_get": f"{key}{one.format('sys_bench.visit')}\n",
        "naked_list": f"{town}{many.format('sys_bench.visit')}\n",
        "naked_create": f"{naked}\n",
    }
