"""An external database with everything odd in it, made once; keys and the operator's list for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.conftest import Server
from yiwang.blocks.exchange.public import SourceForm
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

SCHEMA = """
CREATE SCHEMA "数据";
CREATE TABLE "数据"."企业 基本信息" (
  "统一社会信用代码" character(18) PRIMARY KEY, "企业名称" varchar(200) NOT NULL, "order" text,
  lxdh varchar(20), clrq date, "注册资本" numeric(16,2), tags text[]
);
COMMENT ON TABLE "数据"."企业 基本信息" IS '企业登记基本信息';
COMMENT ON COLUMN "数据"."企业 基本信息".lxdh IS '联系电话';
INSERT INTO "数据"."企业 基本信息" VALUES
  ('91350100M000100Y43', '甲公司', '王一', '13812345678', '2001-02-03', 10.5, '{a}'),
  ('91110000600037341L', '乙公司', '李二', NULL, NULL, NULL, NULL),
  ('914403001922038216', '丙公司', '张三', '010-12345678', '1999-12-31', 0, NULL);
CREATE TABLE "select" ("from" text, "引号""名" integer, UNIQUE ("from"));
INSERT INTO "select" VALUES ('a', 1), ('a2', 2);
CREATE VIEW "v企业" AS SELECT "统一社会信用代码" AS dm, "企业名称" AS mc FROM "数据"."企业 基本信息";
CREATE VIEW v_double AS SELECT 'x'::text AS dm FROM generate_series(1, 2);
CREATE DOMAIN sfzh AS varchar(18);
CREATE TABLE residents (id_no sfzh NOT NULL, xm varchar(50), UNIQUE (id_no));
INSERT INTO residents VALUES ('11010519491231002X', '陈晨'), ('440524188001010014', '李'), ('110101199003070011', '赵');
CREATE TABLE changing (dm text PRIMARY KEY, a integer, b text);
INSERT INTO changing VALUES ('1', 1, 'x');
CREATE TABLE hidden (x integer);
CREATE TABLE bare ();
CREATE TABLE parts (id bigint, d date NOT NULL, PRIMARY KEY (id, d)) PARTITION BY RANGE (d);
CREATE TABLE parts_2026 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
GRANT USAGE ON SCHEMA "数据", public TO ext_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA "数据", public TO ext_reader;
REVOKE ALL ON hidden FROM ext_reader;
GRANT INSERT ON "select" TO ext_writer; GRANT USAGE ON SCHEMA public TO ext_writer;
GRANT SELECT ON "select" TO ext_writer;
"""


@pytest.fixture(scope="session")
def external(pg_server: Server) -> Iterator[Server]:
    """The database `ext_market` with the roles `ext_reader` (reads) and `ext_writer` (can write)."""
    with psycopg.connect(pg_server.admin, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS ext_market WITH (FORCE)")
        for role, password in (("ext_reader", "reads%20only"), ("ext_writer", "writes")):
            # other tests' databases may depend on them: made once, kept
            known = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            if known is None:
                admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'".encode())
        admin.execute("CREATE DATABASE ext_market")
    with psycopg.connect(pg_server.url("ext_market"), autocommit=True) as owner:
        owner.execute(SCHEMA)
    yield pg_server
    with psycopg.connect(pg_server.admin, autocommit=True) as admin:
        for statement in (
            "DROP DATABASE IF EXISTS ext_market WITH (FORCE)",
            "DROP DATABASE IF EXISTS ext_euc_cn WITH (FORCE)",
            "DROP DATABASE IF EXISTS ext_sql_ascii WITH (FORCE)",
            "DROP ROLE IF EXISTS ext_reader",
            "DROP ROLE IF EXISTS ext_writer",
        ):
            admin.execute(statement)


@pytest.fixture
def source(external: Server) -> SourceForm:
    """How the read-only role reaches it."""
    return SourceForm("业务库", external.host, "ext_market", "ext_reader", "reads%20only", external.port)


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(autouse=True)
def node(key_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_key_provider(FileKeyProvider(key_folder, create=True))
    monkeypatch.setenv("YW_SOURCE_HOSTS", "127.0.0.1")
    monkeypatch.delenv("YW_AUTOMATIC_REVIEW", raising=False)
