"""Names and paths: what is dropped into a folder or named by a stranger leads nowhere else, and no secret is ever told."""

from __future__ import annotations

import logging
import os

import pytest

from ingest.connectors import FetchError, Places, fetch
from tests.ingest.portal import Reply, running

pytestmark = pytest.mark.slow

SECRET = "correct-horse-battery"


@pytest.fixture
def places(tmp_path) -> Places:
    for name in ("catalogue", "inbox", "demo", "outside"):
        (tmp_path / name).mkdir()
    (tmp_path / "outside" / "passwd.csv").write_text("root:x:0:0\n")
    return Places(tmp_path / "catalogue", tmp_path / "inbox", tmp_path / "demo", lambda _: None)


def inbox(source_of, location="drop/*.csv"):
    return source_of(connector="inbox", location=location, data_origin="submitted", tier="M", optional=True)


def test_a_link_in_the_inbox_that_leads_out_is_refused(source_of, places):
    (places.inbox / "drop").mkdir()
    (places.inbox / "drop" / "x.csv").symlink_to(places.inbox.parent / "outside" / "passwd.csv")
    with pytest.raises(FetchError, match="county_figures: x.csv is a link, or a path, that leads out"):
        fetch(inbox(source_of), places)


def test_a_folder_of_the_inbox_that_is_a_link_is_refused(source_of, places):
    (places.inbox / "drop").symlink_to(places.inbox.parent / "outside")
    with pytest.raises(FetchError, match="leads out of its folder"):
        fetch(inbox(source_of), places)


@pytest.mark.parametrize(
    "location", ["../outside/passwd.csv", "../outside/*.csv", "drop/../../outside/*.csv"]
)
def test_a_path_that_climbs_out_of_the_inbox_is_refused(source_of, places, location):
    with pytest.raises(FetchError, match="leads out of its folder|there is none"):
        fetch(inbox(source_of, location), places)


def test_an_absolute_path_of_an_inbox_is_refused(source_of, places):
    with pytest.raises(FetchError, match="leads out of its folder"):
        fetch(inbox(source_of, str(places.inbox.parent / "outside" / "*.csv")), places)


def test_pipes_folders_and_devices_in_the_inbox_are_no_files(source_of, places):
    drop = places.inbox / "drop"
    (drop / "folder.csv").mkdir(parents=True)
    os.mkfifo(drop / "pipe.csv")
    (drop / "device.csv").symlink_to("/dev/zero")
    (drop / "nowhere.csv").symlink_to("nowhere")
    (drop / "itself.csv").symlink_to("itself.csv")
    assert fetch(inbox(source_of), places) == []
    (drop / "-rf a\nb.csv").write_bytes(b"a,b\n")
    [document] = fetch(inbox(source_of), places)
    assert document.content.read_bytes() == b"a,b\n"


@pytest.mark.parametrize(
    ("settings", "variables"),
    [
        (
            {"connector": "database", "location": "ledger", "layout": "figures_csv",
             "connection": {"url_env": "WF_URL", "query": "select 1 as a order by 1", "connect_timeout_s": 1}},
            {"WF_URL": f"postgresql://clerk:{SECRET}@127.0.0.1:1/ledger"},
        ),
        (
            {"connector": "database", "location": "ledger", "layout": "figures_csv",
             "connection": {"url_env": "WF_URL", "query": "select 1 as a order by 1", "connect_timeout_s": 1}},
            {"WF_URL": f"mysql://clerk:{SECRET}@127.0.0.1:1/ledger"},
        ),
        (
            {"connector": "database", "location": "ledger", "layout": "figures_csv",
             "connection": {"url_env": "WF_URL", "query": "select 1 as a order by 1"}},
            {"WF_URL": f"oracle://clerk:{SECRET}@127.0.0.1:1/ledger"},
        ),
        (
            {"connector": "http", "location": "{server}/a.csv",
             "connection": {"headers_env": {"X-App-Key": "WF_KEY"}, "attempts": 1}},
            {"WF_KEY": SECRET},
        ),
        (
            {"connector": "portal", "location": "{server}/weifang",
             "connection": {"catalogue_id": "3" * 32, "headers_env": {"X-App-Key": "WF_KEY"}, "attempts": 1}},
            {"WF_KEY": SECRET},
        ),
        (
            {"connector": "store", "location": "s3://bucket/a.csv",
             "connection": {"key_env": "WF_KEY", "secret_env": "WF_SECRET", "endpoint_env": "WF_END", "read_timeout_s": 2}},
            {"WF_KEY": "AKIAWF", "WF_SECRET": SECRET, "WF_END": "{server}"},
        ),
    ],
    ids=["postgresql", "mysql", "another database", "http", "portal", "s3"],
)  # fmt: skip
def test_a_failing_fetch_tells_no_secret(settings, variables, source_of, places, monkeypatch, caplog, capfd):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with running() as server:
        # a server that repeats what it was sent, as error pages do
        server.answer = lambda asked: Reply(403, body=f"{asked.headers}".encode())
        for name, value in variables.items():
            monkeypatch.setenv(name, value.replace("{server}", server.address))
        source = source_of(
            **settings | {"location": settings["location"].replace("{server}", server.address)}
        )
        with caplog.at_level(logging.INFO), pytest.raises(FetchError) as refusal:
            fetch(source, places)
    told = f"{refusal.value!r} {refusal.value.__cause__!r} {caplog.text} {capfd.readouterr()}"
    assert str(refusal.value).startswith("county_figures: ")
    assert SECRET not in told and "AKIAWF" not in told
