"""Stores: what a pattern names, in one order, within limits. Real servers are met by the clients' tests."""

from __future__ import annotations

import pytest

from ingest.connectors import FetchError, Places, fetch, stores
from ingest.landing import Document

pytestmark = pytest.mark.slow


@pytest.fixture
def bucket(tmp_path):
    """A file system with a few files under /ledger."""
    from fsspec.implementations.dirfs import DirFileSystem
    from fsspec.implementations.local import LocalFileSystem

    for name in ("b.csv", "a.csv", "2024/c.csv", ".d.csv", "~$a.csv", "a.xlsx"):
        file = tmp_path / "ledger" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode())
    (tmp_path / "ledger" / "folder.csv").mkdir()
    return DirFileSystem(str(tmp_path), LocalFileSystem())


@pytest.fixture
def read(source_of, bucket):
    def read(pattern, optional=False, **settings):
        source = source_of(
            connector="store", location=f"s3://{pattern}", optional=optional, connection=settings
        )
        return stores.documents(source, bucket, pattern, "s3://")

    return read


def test_one_name_is_one_document(read):
    assert read("ledger/a.csv") == [Document("a.csv", b"a.csv", "s3://ledger/a.csv")]


def test_a_glob_gives_files_in_order_of_name_and_passes_over_what_is_hidden_or_locked(read):
    assert [document.location for document in read("ledger/*.csv")] == [
        "s3://ledger/a.csv",
        "s3://ledger/b.csv",
    ]
    assert [document.location for document in read("ledger/**/*.csv")][0] == "s3://ledger/2024/c.csv"


def test_nothing_there_is_a_failure_unless_the_source_may_be_empty(read):
    with pytest.raises(FetchError, match=r"expected a file at s3://ledger/gdp\.csv, there is none"):
        read("ledger/gdp.csv")
    with pytest.raises(FetchError, match=r"expected files named s3://ledger/\*\.pdf, there is none"):
        read("ledger/*.pdf")
    assert read("ledger/*.pdf", optional=True) == []


def test_more_bytes_than_the_settings_allow_are_refused(read):
    assert len(read("ledger/*.csv", max_bytes=10)) == 2
    with pytest.raises(FetchError, match=r"s3://ledger/\*\.csv holds more than 9 bytes"):
        read("ledger/*.csv", max_bytes=9)


def test_a_file_that_is_still_being_written_is_a_failed_look(read, bucket, monkeypatch):
    about = type(bucket).info
    monkeypatch.setattr(type(bucket), "info", lambda self, path, **_: about(self, path) | {"size": 6})
    with pytest.raises(
        FetchError, match=r"county_figures: ledger/a\.csv is still being written: 5 of 6 bytes came"
    ):
        read("ledger/a.csv")


def test_whatever_a_file_system_says_is_a_failed_look(read, bucket, monkeypatch):
    def refuse(*_, **__):
        raise RuntimeError("the store\nis on fire")

    monkeypatch.setattr(type(bucket), "open", refuse)
    with pytest.raises(FetchError, match=r"s3://ledger/a\.csv cannot be read: the store is on fire"):
        read("ledger/a.csv")


@pytest.mark.slow
def test_without_a_file_of_known_servers_no_server_is_spoken_to(source_of, tmp_path, monkeypatch):
    monkeypatch.setenv("SFTP_LOGIN", "hunter2")
    login = {"username": "ledger", "password_env": "SFTP_LOGIN", "known_hosts": "known_hosts"}
    source = source_of(connector="store", location="sftp://127.0.0.1:1/gdp.csv", connection=login)
    with pytest.raises(FetchError, match="county_figures: known_hosts: there is no file known_hosts"):
        fetch(source, Places(tmp_path, tmp_path, tmp_path, lambda _: None))
