"""Bring a database to the state that this version needs: roles, database, migrations."""

from __future__ import annotations

import secrets
import subprocess
import sys
from contextlib import suppress
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from yiwang.bootstrap.embedded import QUIET
from yiwang.bootstrap.node import DatabaseUrls, NodeFolder
from yiwang.vocabulary.errors import YwError

DATABASE = "yiwang"
OWNER, APP, GATEWAY, SHARE, QUALITY = "yw_owner", "yw_app", "yw_gateway", "yw_share", "yw_quality"
OLDEST_SERVER = 150000


class DatabaseUnfit(YwError):
    """The PostgreSQL server given cannot carry a node."""

    code = "database-unfit"
    message_zh = "数据库不能用：{reason}。"
    message_en = "The database cannot be used: {reason}."
    mend_zh = "需要 PostgreSQL 15 以上，且账号能建角色（CREATEROLE）或角色 yw_app、yw_gateway、yw_share、yw_quality 已建好。"
    mend_en = "PostgreSQL 15 or newer is needed, with an account that may create roles (CREATEROLE)."


class MigrationFailed(YwError):
    """A migration of the node's own tables stopped; nothing of it was kept."""

    code = "migration-failed"
    permanent = False
    message_zh = "升级数据库结构失败：{reason}"
    message_en = "Upgrading the database schema failed: {reason}"
    mend_zh = "数据没有改动。请把上面的信息报告给维护者。"
    mend_en = "No data was changed. Report the message above to the maintainers."


def prepare_embedded(superuser_url: str, node: NodeFolder) -> DatabaseUrls:
    """Create the node's roles and database on a server of our own; keeps the passwords it made before."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        known = node.database_file.exists()
        passwords = {
            role: (_password_of(node, role) if known else "") or secrets.token_urlsafe(24)
            for role in (OWNER, APP, GATEWAY, SHARE, QUALITY)
        }
        for role, password in passwords.items():
            _ensure_role(connection, role, password)
        row = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if row is None:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
            )
    with psycopg.connect(with_part(superuser_url, database=DATABASE), autocommit=True) as connection:
        _set_default_privileges(connection, OWNER)
    urls = DatabaseUrls(
        *(
            with_part(superuser_url, user=r, password=passwords[r], database=DATABASE)
            for r in (OWNER, APP, GATEWAY, SHARE, QUALITY)
        )
    )
    node.store_urls(urls)
    return urls


def prepare_given(owner_url: str, node: NodeFolder) -> DatabaseUrls:
    """Use the server named by YW_DATABASE_URL, whose account owns the tables. Raises: DatabaseUnfit."""
    try:
        with psycopg.connect(owner_url, autocommit=True, connect_timeout=10) as connection:
            if connection.info.server_version < OLDEST_SERVER:
                raise DatabaseUnfit(reason=f"server version {connection.info.server_version // 10000}")
            owner = connection.info.user
            passwords = {}
            for role in (APP, GATEWAY, SHARE, QUALITY):
                known = node.database_file.exists()
                passwords[role] = (_password_of(node, role) if known else "") or secrets.token_urlsafe(24)
                _ensure_role(connection, role, passwords[role])
            for role in (owner, APP, GATEWAY, SHARE):
                _quieten(connection, role)
            _set_default_privileges(connection, owner)
    except psycopg.Error as error:
        raise DatabaseUnfit(reason=str(error).strip().splitlines()[0]) from error
    urls = DatabaseUrls(
        owner_url,
        with_part(owner_url, user=APP, password=passwords[APP]),
        with_part(owner_url, user=GATEWAY, password=passwords[GATEWAY]),
        with_part(owner_url, user=SHARE, password=passwords[SHARE]),
        with_part(owner_url, user=QUALITY, password=passwords[QUALITY]),
    )
    node.store_urls(urls)
    return urls


def migrate(owner_url: str, environment: dict[str, str]) -> None:
    """Run the migrations as the owner, in a process of their own. Raises: MigrationFailed."""
    done = subprocess.run(
        [sys.executable, "-m", "yiwang.bootstrap.starting", "migrate", "--no-input", "--verbosity", "0"],
        env={**environment, "YW_DATABASE_URL": owner_url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise MigrationFailed(reason=(done.stderr.strip() or done.stdout.strip())[-1500:])


def with_part(
    url: str, *, user: str | None = None, password: str | None = None, database: str | None = None
) -> str:
    """The same server, another account or database."""
    parts = urlsplit(url)
    who = quote(user, safe="") if user else (parts.username or "")
    secret = quote(password, safe="") if password is not None else (parts.password or "")
    port = f":{parts.port}" if parts.port else ""
    path = f"/{quote(database, safe='')}" if database else parts.path
    return urlunsplit((parts.scheme, f"{who}:{secret}@{parts.hostname or ''}{port}", path, parts.query, ""))


def _password_of(node: NodeFolder, role: str) -> str:
    urls = node.urls()
    url = {OWNER: urls.owner, APP: urls.app, GATEWAY: urls.gateway, SHARE: urls.share,
           QUALITY: urls.quality}[role]  # fmt: skip
    return unquote(urlsplit(url).password or "")


def _quieten(connection: psycopg.Connection[tuple[object, ...]], role: str) -> None:
    """Keep values of rows out of the server's log, as far as the account may say so."""
    for name, value in QUIET.items():
        statement = sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(
            sql.Identifier(role), sql.Identifier(connection.info.dbname), sql.SQL(name), sql.Literal(value)
        )
        with suppress(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def _ensure_role(connection: psycopg.Connection[tuple[object, ...]], role: str, password: str) -> None:
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = sql.SQL("ALTER ROLE" if exists else "CREATE ROLE")
    connection.execute(
        sql.SQL("{} {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}").format(
            verb, sql.Identifier(role), sql.Literal(password)
        )
    )
    if role in (SHARE, QUALITY):
        connection.execute(
            sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(sql.Identifier(role))
        )


def _set_default_privileges(connection: psycopg.Connection[tuple[object, ...]], owner: str) -> None:
    """New tables of the owner are readable and writable by the application; the gateway gets each right by name."""
    who, app, gateway = sql.Identifier(owner), sql.Identifier(APP), sql.Identifier(GATEWAY)
    for statement in (
        "ALTER DEFAULT PRIVILEGES FOR ROLE {who} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {who} GRANT USAGE, SELECT ON SEQUENCES TO {app}",
        "GRANT USAGE ON SCHEMA public TO {app}, {gateway}",
    ):
        connection.execute(sql.SQL(statement).format(who=who, app=app, gateway=gateway))
