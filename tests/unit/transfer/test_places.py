"""What an address may name: a server reaches listed hosts and folders only, and nobody steers a driver by parameters."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from yiwang.dataplane.connectors import errors
from yiwang.dataplane.connectors.hosts import AllowedHosts
from yiwang.dataplane.connectors.optional import check_names
from yiwang.dataplane.connectors.places import DatabasePlace, FilePlace, Reach, place_of


@pytest.fixture
def server(tmp_path: Path) -> Reach:
    """A server that may reach one network and one folder."""
    (tmp_path / "drop").mkdir()
    return Reach(AllowedHosts.parse("10.20.0.0/16, db.lan"), (tmp_path / "drop",))


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:p@10.20.0.1/db?passfile=/etc/passwd",
        "postgresql://u:p@10.20.0.1/db?service=other",
        "postgresql://u:p@10.20.0.1/db?host=/var/run/postgresql",
        "postgresql://u:p@10.20.0.1/db?hostaddr=169.254.169.254",
        "postgresql://u:p@10.20.0.1/db?sslrootcert=/etc/shadow",
        "mysql://u:p@10.20.0.1/db?local_infile=1",
        "mysql://u:p@10.20.0.1/db?read_default_file=/root/.my.cnf",
        "postgresql://u:p@%2Fvar%2Frun%2Fpostgresql/db",
        "postgresql://u:p@169.254.169.254/db",
        "mysql://u:p@[::ffff:169.254.169.254]/db",
        "postgresql://u:p@127.0.0.1/db",
        "postgresql://u:p@10.20.0.1,169.254.169.254/db",
        "postgresql://u:p@10.20.0.1/host=169.254.169.254",
        "postgresql://u:p@unlisted.example/db",
        "oracle://u:p@10.20.0.1/orcl?wallet_location=/etc",
        "oracle://u:p@10.20.0.1/orcl?config_dir=/root",
        "oracle://u:p@10.20.0.1/orcl/instance",
        "oracle://u:p@10.20.0.1/(DESCRIPTION=(ADDRESS=(HOST=169.254.169.254)))",
        "oracle://u:p@10.20.0.1/x)(SERVICE_NAME=y",
        "oracle://u:p@10.20.0.1/orcl:dedicated",
        "oracle://u:p@10.20.0.1,10.9.0.1/orcl",
        "oracle://u[sys]:p@10.20.0.1/orcl",
        "oracle://10.20.0.1/orcl",
        "oracle://%2Fas sysdba:p@10.20.0.1/orcl",
        "oracle://u:p@10.9.0.1/orcl",
        "oracle:tnsalias",
        "oracle://u:p@/orcl",
        "dm://u:p@10.20.0.1/S?dmsvc_path=/etc",
        'dm://u:p@10.20.0.1/S";DROP',
        "dm://u:p@GROUP/S",
        "dm://u@other:p@10.20.0.1/S",
        "/etc/passwd",
        "file:///etc/passwd",
        "sqlite:/etc/shadow",
        "sqlite:///root/x.db?mode=rwc",
        "http://169.254.169.254/latest/meta-data",
        "../secret.csv",
        "sftp://u:p@169.254.169.254/x.csv",
        "sftp://u:p@rebound.lan/x.csv",
        "sftp://u:p@10.20.0.1/../etc/x.csv",
        "sftp://u:p@10.20.0.1/etc/passwd",
        "sftp://u:p@10.20.0.1/x.csv?hostkey=any",
        "sftp://10.20.0.1/x.csv",
        "https://unlisted.example/rows",
        "https://rebound.lan/rows",
        "https://[::ffff:169.254.169.254]/rows",
        "https://u:p@10.20.0.1/rows",
        "https://10.20.0.1@169.254.169.254/rows",
        "ftp://u:p@10.20.0.1/x.csv",
    ],
)
def test_hostile_addresses_are_refused_on_a_server(
    server: Reach, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 5432))]

    monkeypatch.setattr(socket, "getaddrinfo", asked)
    with pytest.raises(errors.ConnectorError) as told:
        place_of(address, server)
    assert "p@" not in told.value.text("en")


def test_a_link_out_of_an_allowed_folder_leads_nowhere(server: Reach, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    (tmp_path / "drop" / "link.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(errors.FileNotAllowed):
        place_of(str(tmp_path / "drop" / "link.csv"), server)


def test_a_name_is_resolved_once_and_its_address_kept(server: Reach, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def resolve(name: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(name)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.20.3.4", 5432))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    place = place_of("postgresql://u:p@db.lan/db", server)
    assert isinstance(place, DatabasePlace)
    assert (place.pinned, asked) == ("10.20.3.4", ["db.lan"])


def test_a_table_of_a_folder_cannot_climb_out_of_it(tmp_path: Path) -> None:
    place = place_of(str(tmp_path), Reach())
    assert isinstance(place, FilePlace)
    for table in ("../x.csv", "/etc/passwd", "a/b"):
        with pytest.raises(errors.FileNotAllowed):
            place.inside(table)
        with pytest.raises(errors.FileNotAllowed):
            place.writable(table)


def test_a_person_opens_their_own_files_and_servers(tmp_path: Path) -> None:
    assert place_of(str(tmp_path / "a.parquet"), Reach()) == FilePlace("parquet", tmp_path / "a.parquet")
    place = place_of("mysql://u@127.0.0.1/db", Reach(), "secret")
    assert isinstance(place, DatabasePlace)
    assert (place.address.port, place.address.password) == (3306, "secret")
    assert "secret" not in repr(place)
    assert "u" not in str(place).replace("mysql", "")


@pytest.mark.parametrize(
    ("address", "port"),
    [("oracle://hj@127.0.0.1/orcl.gov.cn", 1521), ("oracle://hj@127.0.0.1:1522/ORCLPDB1", 1522), ("dm://户籍@127.0.0.1/人口", 5236)],
)  # fmt: skip
def test_oracle_and_dameng_are_named_by_host_and_plain_names(address: str, port: int) -> None:
    place = place_of(address, Reach(), "secret")
    assert isinstance(place, DatabasePlace)
    assert (place.server, place.pinned) == (address.partition(":")[0], "127.0.0.1")
    assert (place.address.port, place.address.password) == (port, "secret")


@pytest.mark.parametrize("name", ["x)(SERVICE_NAME=y", "orcl:dedicated", "a b", "-x", "服务"])
def test_a_service_by_which_a_driver_would_be_led_elsewhere_is_told_as_that(name: str) -> None:
    with pytest.raises(errors.NameNotPlain) as told:
        check_names("oracle", name, "hj")
    assert "service" in told.value.text("en")
    assert name not in told.value.text("en"), "it may hold what was meant to be a secret"
