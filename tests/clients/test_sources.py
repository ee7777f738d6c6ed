"""Sources on real servers: PostgreSQL, an S3 stand-in and SFTP, through the connectors and through a whole night."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime

import pytest
import yaml

from ingest import catalogue
from ingest.connectors import FetchError, Places, fetch
from ingest.landing import Document, Landing
from tests.clients.conftest import PASSWORD
from tests.conftest import TIMEOUT_S, NightHome

pytestmark = pytest.mark.clients

FIGURES = """
    create table figures (area text, year int, gdp numeric(10, 2), told timestamptz, is_final bool, note text);
    insert into figures values
        ('寿光市', 2024, 1082.30, '2025-01-31 00:00+08', true, ''),
        ('奎文区', 2024, null, '2025-01-31 00:00+08', false, null),
        ('奎文区', 2023, 361.7, null, null, '初步,核算');
"""
DATABASE = {"connector": "database", "location": "统计库 figures"}
ENTRY = {
    "id": "county_figures",
    "title_zh": "各县市区指标",
    "title_en": "Figures of counties",
    "publisher_zh": "潍坊市统计局",
    "dataset": "indicator_figures",
    "layout": "figures_csv",
    "cadence": "irregular",
    "licence": "公开数据",
    "tier": "M",
    "data_origin": "published",
    "owner_department": "D01",
}


@pytest.fixture
def get(tmp_path):
    """Fetch through a catalogue file of one entry, as a night would."""

    def get(**entry) -> list[Document]:
        file = tmp_path / "sources.yml"
        file.write_text(yaml.safe_dump({"sources": [ENTRY | entry]}), encoding="utf-8")
        [source] = catalogue.load(file).sources
        return fetch(source, Places(tmp_path, tmp_path, tmp_path, lambda _: None))

    return get


@pytest.fixture(scope="module")
def database(postgres):
    postgres.execute(FIGURES, "create table guarded (n int)")
    postgres.execute(
        "create function spoil() returns int language sql as 'insert into guarded values (1) returning n'"
    )
    return postgres


@pytest.fixture
def ask(get, database, monkeypatch):
    """The bytes of the answer to a query."""
    monkeypatch.setenv("STATISTICS_DB", database.address)

    def ask(query, *order_by, **settings) -> bytes:
        connection = {"url_env": "STATISTICS_DB", "query": query, "order_by": list(order_by)} | settings
        [document] = get(**DATABASE, connection=connection)
        assert (document.name, document.location) == ("county_figures.csv", "统计库 figures")
        return document.content

    return ask


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_table_is_read_as_printed_with_times_of_the_city(ask):
    assert ask("select * from figures", "area", "year").decode() == (
        "area,year,gdp,told,is_final,note\n"
        '奎文区,2023,361.70,,,"初步,核算"\n'
        "奎文区,2024,,2025-01-31T00:00:00+08:00,false,\n"
        '寿光市,2024,1082.30,2025-01-31T00:00:00+08:00,true,""\n'
    )


def test_a_table_whose_rows_only_moved_lands_nothing_new(ask, database, tmp_path):
    landing = Landing(tmp_path / "landing")

    def look(night: int):
        content = ask("select area, year, gdp from figures", "area", "year")
        document = Document("county_figures.csv", content, "统计库 figures")
        return landing.receive("county_figures", [document], datetime(2026, 11, night, tzinfo=UTC))

    first = look(20)
    database.execute("update figures set gdp = gdp where year = 2024", "vacuum full figures")
    assert look(21) == first and len(landing.receipts("county_figures")) == 1
    database.execute("update figures set gdp = 1082.31 where area = '寿光市'")
    try:
        assert look(22) != first and len(landing.receipts("county_figures")) == 2
    finally:
        database.execute("update figures set gdp = 1082.30 where area = '寿光市'")


def test_rows_come_through_a_cursor_of_the_server_and_not_all_at_once(ask):
    assert b"DECLARE" in ask("select statement from pg_cursors order by 1")
    content = ask("select n, n * 2 as twice from generate_series(1, 100000) as n order by n")
    assert content.count(b"\n") == 100_001 and content.endswith(b"\n100000,200000\n")


def test_a_query_that_writes_by_a_function_is_refused_by_the_server(ask):
    with pytest.raises(FetchError, match="cannot execute INSERT in a read-only transaction"):
        ask("select spoil() as n order by 1")
    assert ask("select count(*) as n from guarded order by 1") == b"n\n0\n"


def test_a_query_that_takes_too_long_is_ended_by_the_server(ask):
    with pytest.raises(FetchError, match="canceling statement due to statement timeout"):
        ask("select 1 as n, pg_sleep(30)::text as slept order by 1", timeout_s=0.2)


def test_more_rows_than_the_settings_allow_are_refused_before_the_last(ask):
    with pytest.raises(FetchError, match="the query gives more than 10 rows"):
        ask("select generate_series(1, 1000000000) as n", "n", max_rows=10)


def test_who_is_not_let_in_is_told_so_and_no_password_is_shown(ask, database, monkeypatch):
    wrong = database.address.replace("zhang", "li")
    monkeypatch.setenv("STATISTICS_DB", wrong)
    with pytest.raises(FetchError, match="password authentication failed") as refusal:
        ask("select 1 as n order by 1")
    assert "san" not in str(refusal.value)


def test_a_database_that_does_not_listen_is_a_failed_look(ask, monkeypatch):
    monkeypatch.setenv("STATISTICS_DB", "postgresql://ledger:hunter2@127.0.0.1:1/postgres")
    with pytest.raises(FetchError, match="the database did not answer the query: ") as refusal:
        ask("select 1 as n order by 1")
    assert "hunter2" not in str(refusal.value)


# ── S3 ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def read_bucket(get, bucket, monkeypatch):
    """The objects of a location of the stand-in."""
    for name, value in {"S3_AT": bucket.endpoint, "S3_KEY": "k", "S3_SECRET": "hunter2"}.items():
        monkeypatch.setenv(name, value)
    bucket.put(b__csv=b"second", a__csv=b"first", c__xlsx=b"third")

    def read(location, **settings):
        connection = {"endpoint_env": "S3_AT", "key_env": "S3_KEY", "secret_env": "S3_SECRET"} | settings
        return get(connector="store", location=location, connection=connection)

    return read


def test_objects_are_read_in_order_of_name(read_bucket):
    assert read_bucket("s3://ledger/*.csv") == [
        Document("a.csv", b"first", "s3://ledger/a.csv"),
        Document("b.csv", b"second", "s3://ledger/b.csv"),
    ]
    assert [document.content for document in read_bucket("s3://ledger/c.xlsx")] == [b"third"]


def test_an_object_that_changed_is_read_as_it_now_is(read_bucket, bucket):
    assert read_bucket("s3://ledger/a.csv")[0].content == b"first"
    bucket.put(a__csv=b"changed")
    assert read_bucket("s3://ledger/a.csv")[0].content == b"changed"


@pytest.mark.parametrize("location", ["s3://ledger/none.csv", "s3://nowhere/none.csv"])
def test_an_object_that_is_not_there_is_a_failed_look(read_bucket, location):
    with pytest.raises(FetchError, match=f"county_figures: expected a file at {location}, there is none"):
        read_bucket(location)


def test_objects_above_the_limit_are_refused(read_bucket):
    with pytest.raises(FetchError, match=r"s3://ledger/\*\.csv holds more than 10 bytes"):
        read_bucket("s3://ledger/*.csv", max_bytes=10)


def test_a_store_that_does_not_listen_is_a_failed_look(read_bucket, monkeypatch):
    monkeypatch.setenv("S3_AT", "http://127.0.0.1:1")
    with pytest.raises(FetchError, match=r"s3://ledger/a\.csv cannot be read: ") as refusal:
        read_bucket("s3://ledger/a.csv")
    assert "hunter2" not in str(refusal.value)


# ── SFTP ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def read_sftp(get, sftp, tmp_path, monkeypatch):
    """The files of a pattern on the server."""
    monkeypatch.setenv("SFTP_PASSWORD", PASSWORD)
    monkeypatch.setenv("SFTP_KEY", str(sftp.key_file))
    (tmp_path / "known_hosts").write_text(sftp.known_hosts())
    for name in ("b.csv", "a.csv", ".hidden.csv"):
        (sftp.folder / "monthly").mkdir(exist_ok=True)
        (sftp.folder / "monthly" / name).write_text(name)

    def read(path, **settings):
        connection = {"username": "ledger", "known_hosts": "known_hosts"} | (
            settings or {"password_env": "SFTP_PASSWORD"}
        )
        location = f"sftp://127.0.0.1:{sftp.port}{path}"
        return get(connector="store", location=location, connection=connection)

    return read


def test_files_are_read_from_a_server_whose_key_is_known(read_sftp, sftp):
    documents = read_sftp("/monthly/*.csv")
    assert [(d.name, d.content) for d in documents] == [("a.csv", b"a.csv"), ("b.csv", b"b.csv")]
    assert documents[0].location == f"sftp://127.0.0.1:{sftp.port}/monthly/a.csv"
    assert sftp.logins[-1] == "password"
    assert read_sftp("/monthly/b.csv", key_file_env="SFTP_KEY")[0].content == b"b.csv"
    assert sftp.logins[-1] == "publickey"


def test_a_server_that_is_not_known_is_not_spoken_to(read_sftp, sftp, tmp_path):
    before = len(sftp.logins)
    (tmp_path / "known_hosts").write_text("")
    with pytest.raises(FetchError, match="not found in known_hosts"):
        read_sftp("/monthly/*.csv")
    assert len(sftp.logins) == before
    assert (tmp_path / "known_hosts").read_text() == ""  # nor is it known from now on


def test_a_server_whose_key_changed_is_not_spoken_to(read_sftp, sftp, tmp_path):
    import paramiko

    other, before = paramiko.ECDSAKey.generate(), len(sftp.logins)
    (tmp_path / "known_hosts").write_text(sftp.known_hosts(f"{other.get_name()} {other.get_base64()}"))
    with pytest.raises(FetchError, match="cannot be reached: Host key for server .* does not match"):
        read_sftp("/monthly/*.csv")
    assert len(sftp.logins) == before


def test_a_wrong_password_and_a_missing_file_are_failed_looks(read_sftp, monkeypatch):
    with pytest.raises(FetchError, match=r"expected a file at sftp://.*/monthly/c\.csv, there is none"):
        read_sftp("/monthly/c.csv")
    monkeypatch.setenv("SFTP_PASSWORD", "hunter2")
    with pytest.raises(FetchError, match="cannot be reached: Authentication failed") as refusal:
        read_sftp("/monthly/a.csv")
    assert "hunter2" not in str(refusal.value)


# ── a whole night ────────────────────────────────────────────────────────────────────────────────────────────


def test_figures_of_a_table_and_of_a_bucket_end_in_the_marts(
    postgres, bucket, catalogue, start_blue_ledger, tmp_path
):
    ocean = catalogue.path("statistics/gop_weifang_shandong.csv")
    text = ocean.read_text(encoding="utf-8-sig")
    assert "1703.42" in text
    ocean.write_text(text.replace("1703.42", "1704.42").replace("1703.4,", "1704.4,"), encoding="utf-8")
    postgres.load("ocean", ocean)
    ocean.unlink()  # the table is the only place left
    gdp = catalogue.path("statistics/gdp_city_province.csv")
    bucket.put(gdp__csv=gdp.read_bytes())
    gdp.unlink()

    columns = ", ".join(f'"{name}"' for name in text.partition("\n")[0].strip().split(","))
    query = f"select {columns} from ocean order by row_number"
    catalogue.edit(
        "    connector: file\n    location: bundled/statistics/gop_weifang_shandong.csv\n",
        "    connector: database\n    location: 海洋统计库 ocean\n    connection:\n"
        f"      url_env: OCEAN_DB\n      query: '{query}'\n",
    )
    catalogue.edit(
        "    connector: file\n    location: bundled/statistics/gdp_city_province.csv\n",
        "    connector: store\n    location: s3://ledger/gdp.csv\n    connection:\n"
        "      endpoint_env: S3_AT\n      key_env: S3_KEY\n      secret_env: S3_SECRET\n",
    )
    secrets = {"OCEAN_DB": postgres.address, "S3_AT": bucket.endpoint, "S3_KEY": "k", "S3_SECRET": "hunter2"}

    def night() -> tuple[int, str]:
        arguments = ["nightly", "--no-demo", "--sources", catalogue.file]
        with start_blue_ledger(*arguments, home=tmp_path / "home", variables=secrets) as process:
            try:
                out, err = process.communicate(timeout=TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        assert "hunter2" not in out + err and "zhang" not in out + err
        return process.returncode, out + err

    code, said = night()
    assert code == 0, said
    home = NightHome(tmp_path / "home", None)
    question = "select gop_100m_cny, round(share_pct, 2) from marine_gdp_share"
    [(ocean_product, share)] = home.rows(f"{question} where area_id = 'weifang' and year = 2024")
    assert (float(ocean_product), float(share)) == (1704.42, 20.78)
    code, said = night()
    landing = Landing(tmp_path / "home" / "landing")
    for source in ("weifang_shandong_gop", "gdp_city_province"):
        assert len(landing.receipts(source)) == 1 and landing.last_look(source).ok
    assert code == 0 and "no source, no code and no day has changed" in said
