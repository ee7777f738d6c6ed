"""The catalogue: what it says of a source, and what it says of its own faults."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from ingest import catalogue
from ingest.catalogue import CatalogueError

ENTRY = {
    "id": "gdp_county",
    "title_zh": "各县市区生产总值",
    "title_en": "GDP of counties",
    "publisher_zh": "潍坊市统计局",
    "dataset": "indicator_figures",
    "connector": "file",
    "location": "gdp.csv",
    "layout": "figures_csv",
    "cadence": "annual",
    "expected_by": ["03-31"],
    "licence": "公开数据",
    "tier": "M",
    "data_origin": "published",
    "owner_department": "D01",
}
QUERY = {"url_env": "STATISTICS_DB", "query": "select area from figures order by area"}


@pytest.fixture
def load(tmp_path):
    """Load a catalogue of these entries; a file of other content where text is given."""

    def load(*entries, text=None):
        path = tmp_path / "sources.yml"
        path.write_text(
            yaml.safe_dump({"sources": list(entries)}) if text is None else text, encoding="utf-8"
        )
        return catalogue.load(path)

    return load


def refusal(load, *entries, text=None) -> str:
    with pytest.raises(CatalogueError) as error:
        load(*entries, text=text)
    return str(error.value)


# ── the bundled one and others ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def bundled():
    return catalogue.load()


def test_the_bundled_catalogue_loads_and_holds_no_source_without_owner_or_licence(bundled):
    written = yaml.safe_load(catalogue.BUNDLED_CATALOGUE.read_text(encoding="utf-8"))
    assert [source.id for source in bundled.sources] == [entry["id"] for entry in written["sources"]]
    assert len(bundled.sources) == len({source.id for source in bundled.sources})
    assert bundled.sources[0].id == "weifang_shandong_gop"
    assert all(source.owner_department and source.licence for source in bundled.sources)


def test_a_night_without_demo_data_uses_none_of_it(bundled):
    left_out = {source.id for source in bundled.enabled()} - {s.id for s in bundled.enabled(demo=False)}
    assert left_out and all(id_.startswith("demo_") for id_ in left_out)
    assert {source.data_origin for source in bundled.enabled(demo=False)} == {"published", "submitted"}


def test_every_file_source_of_the_bundled_catalogue_is_there(bundled):
    folder = catalogue.BUNDLED_CATALOGUE.parent
    files = [source.location for source in bundled.sources if source.connector == "file"]
    assert files and all((folder / location).is_file() for location in files)


def test_another_catalogue_file_is_read_with_the_same_rules(load):
    given = load(ENTRY, ENTRY | {"id": "gdp_city", "enabled": False, "tolerance_days": 400})
    assert [source.id for source in given.sources] == ["gdp_county", "gdp_city"]
    assert [source.id for source in given.enabled()] == ["gdp_county"]
    assert [source.tolerance_days for source in given.sources] == [30, 400]
    assert given.sources[0].max_rejected_share == 0.0 and given.sources[0].optional is False


# ── faults ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("cadence", "weekly", "'once', 'annual', 'quarterly', 'monthly' or 'irregular' (given: 'weekly')"),
        ("connector", "ftp", "'http', 'portal', 'store' or 'database' (given: 'ftp')"),
        ("connection", {"max_bytes": 1}, "connector 'file' takes no settings at such a location"),
        ("tier", "A", "'O', 'P', 'M', 'E' or 'demo' (given: 'A')"),
        ("data_origin", "real", "'published', 'submitted' or 'demo' (given: 'real')"),
        ("owner_department", "统计局", "(given: '统计局')"),
        ("title_zh", "  ", "at least 1 character"),
        ("tolerance_days", -1, "greater than or equal to 0 (given: -1)"),
        ("max_rejected_share", 5, "less than or equal to 1 (given: 5)"),
        ("tolerance", 30, "Extra inputs are not permitted (given: 30)"),
        ("enabled", "perhaps", "valid boolean"),
    ],
)
def test_a_wrong_field_is_named_with_its_entry(load, field, value, expected):
    message = refusal(load, ENTRY | {field: value})
    assert message.startswith("sources.yml has 1 fault(s):\n  entry gdp_county, field " + field)
    assert expected in message


@pytest.mark.parametrize("text", ["3-31", "13-01", "02-30", "0331", "31-03", "０3-31", "03-31x"])
def test_a_day_that_is_no_month_and_day_is_named(load, text):
    message = refusal(load, ENTRY | {"expected_by": ["06-30", text]})
    assert "entry gdp_county, field expected_by.1: " in message
    assert repr(text) in message


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"dataset": "figures"}, "dataset", "'figures' is not one of above_scale_frame, "),
        (
            {"layout": "gdp_pdf"},
            "layout",
            "layout 'gdp_pdf' does not exist; known layouts: above_scale_frame,",
        ),
        (
            {"layout": "ledger_returns"},
            "layout",
            "'ledger_returns' is for ledger_returns, not for indicator_figures",
        ),
        ({"expected_by": []}, "expected_by", "a source of annual cadence says by which days"),
        ({"connector": "http"}, "location", "connector 'http' needs an address that begins with http://"),
        ({"connector": "http", "location": "http://host:port/gdp.csv"}, "location", "and names a host"),
        ({"connector": "store"}, "location", "needs s3://bucket/name or sftp://host/path"),
        ({"connector": "store", "location": "gs://bucket/gdp.csv"}, "location", "needs s3://bucket/name"),
        ({"connector": "store", "location": "s3://bucket"}, "location", "needs s3://bucket/name"),
        (
            {"connector": "database", "layout": "figures_html", "connection": QUERY},
            "layout",
            "a query gives csv, 'figures_html' reads html",
        ),
        ({"connector": "http", "location": "http:///gdp.csv"}, "location", "and names a host"),
        ({"connector": "http", "location": "http://[::1/gdp.csv"}, "location", "and names a host"),
        ({"tier": "demo"}, "data_origin", "demo data, and only demo data, have tier 'demo'"),
        ({"data_origin": "demo"}, "data_origin", "demo data, and only demo data, have tier 'demo'"),
        ({"connector": "demo"}, "data_origin", "what connector 'demo' makes is demo data"),
    ],
)
def test_fields_that_contradict_each_other_are_named_with_their_entry(load, changes, field, expected):
    message = refusal(load, ENTRY | changes)
    assert f"\n  entry gdp_county: {field}: " in message
    assert expected in message


def test_demo_data_never_have_the_tier_of_an_official_page(load):
    demo = {"connector": "demo", "data_origin": "demo"}
    assert "have tier 'demo'" in refusal(load, ENTRY | demo | {"tier": "O"})
    assert load(ENTRY | demo | {"tier": "demo"}).sources[0].tier == "demo"


def test_every_fault_of_every_entry_is_named_and_not_only_the_first(load):
    wrong = {key: value for key, value in ENTRY.items() if key != "licence"} | {"cadence": "weekly"}
    message = refusal(load, ENTRY, wrong | {"id": "gdp_city"}, ENTRY | {"id": "GDP", "tier": "A"})
    assert message.splitlines()[0] == "sources.yml has 4 fault(s):"
    assert "entry gdp_city, field cadence" in message
    assert "entry gdp_city, field licence: Field required" in message
    assert "entry GDP, field id" in message and "entry GDP, field tier" in message


def test_an_entry_without_an_id_is_named_by_its_number(load):
    nameless = {key: value for key, value in ENTRY.items() if key != "id"}
    assert "entry number 2, field id: Field required" in refusal(load, ENTRY, nameless)
    assert "entry number 1: " in refusal(load, "gdp_county")


def test_an_id_that_stands_twice_is_named(load):
    message = refusal(load, ENTRY, ENTRY | {"id": "gdp_city"}, ENTRY)
    assert message == "sources.yml has 1 fault(s):\n  catalogue: ids appear more than once: gdp_county"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "sources.yml: expected a list of entries under `sources:`"),
        ("- id: gdp", "sources.yml: expected a list of entries under `sources:`"),
        ("sources: [", "sources.yml: not readable as YAML"),
        ("sources:", "sources.yml has 1 fault(s):\n  sources: "),
        ("source: []", "sources: Field required"),
    ],
)
def test_a_file_that_is_no_catalogue_is_named(load, text, expected):
    assert expected in refusal(load, text=text)


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path):
    with pytest.raises(CatalogueError, match=r"other\.yml: there is no such catalogue"):
        catalogue.load(tmp_path / "other.yml")
    with pytest.raises(CatalogueError, match="expected a text file in UTF-8; reading it failed"):
        catalogue.load(tmp_path)
    (tmp_path / "gb.yml").write_bytes("sources: [] # 来源".encode("gb18030"))
    with pytest.raises(CatalogueError, match=r"gb\.yml: expected a text file in UTF-8"):
        catalogue.load(tmp_path / "gb.yml")


# ── how a source is connected to ─────────────────────────────────────────────────────────────────────────────


HTTP = {"connector": "http", "location": "https://example.org/gdp.csv"}
PORTAL = {"connector": "portal", "location": "http://example.org/weifang"}
S3 = {"connector": "store", "location": "s3://ledger/gdp.csv"}
SFTP = {"connector": "store", "location": "sftp://example.org/gdp.csv"}
DATABASE = {"connector": "database", "location": "统计库"}
A_CATALOGUE = {"catalogue_id": "a" * 32}
A_LOGIN = {"username": "ledger", "known_hosts": "known_hosts"}


def connected(load, changes, connection):
    return load(ENTRY | changes | {"connection": connection}).sources[0].connection


def test_an_address_needs_no_settings_and_has_limits_all_the_same(load):
    [source] = load(ENTRY | HTTP).sources
    settings = source.connection
    assert (settings.attempts, settings.connect_timeout_s, settings.read_timeout_s) == (3, 10, 30)
    assert (settings.max_bytes, settings.allowed_hosts) == (2 * 1024**3, ())


def test_settings_are_those_of_the_connector_and_of_the_scheme(load):
    assert connected(load, PORTAL, A_CATALOGUE | {"version": "most_rows"}).version == "most_rows"
    assert connected(load, S3, {"key_env": "S3_KEY", "secret_env": "S3_SECRET"}).environment == (
        "S3_KEY",
        "S3_SECRET",
    )
    assert connected(load, SFTP, A_LOGIN | {"password_env": "SFTP_LOGIN"}).username == "ledger"
    assert connected(load, DATABASE, QUERY).environment == ("STATISTICS_DB",)
    assert connected(load, HTTP, {"headers_env": {"X-Token": "WF_TOKEN"}}).environment == ("WF_TOKEN",)


@pytest.mark.parametrize(
    ("changes", "connection", "expected"),
    [
        (HTTP, {"timeout": 3}, "timeout: Extra inputs are not permitted (given: 3)"),
        (HTTP, {"read_timeout_s": 0}, "read_timeout_s: Input should be greater than 0 (given: 0)"),
        (HTTP, {"allowed_hosts": ["http://a"]}, "allowed_hosts.0: String should match pattern"),
        (HTTP, {"catalogue_id": "a" * 32}, "catalogue_id: Extra inputs are not permitted"),
        (PORTAL, None, "catalogue_id: Field required"),
        (PORTAL, {"catalogue_id": "7"}, "catalogue_id: String should match pattern"),
        (PORTAL, A_CATALOGUE | {"version": "last"}, "version: Input should be 'newest' or 'most_rows'"),
        (PORTAL, A_CATALOGUE | {"file_name": "("}, "file_name: '(' is no regular expression"),
        (PORTAL, A_CATALOGUE | {"files_address": "data"}, "files_address: expected an address that begins"),
        (S3, {"key_env": "S3_KEY"}, "key_env and secret_env are named together"),
        (S3, {"endpoint_url": "http://a", "endpoint_env": "S3_AT"}, "endpoint_url or endpoint_env, not both"),
        (SFTP, {"username": "ledger", "password_env": "LOGIN"}, "known_hosts: Field required"),
        (SFTP, A_LOGIN, "either password_env or key_file_env names how to log in"),
        (DATABASE, {"url_env": "DB"}, "url_env: String should match pattern"),
        (DATABASE, {"url_env": "STATISTICS_DB"}, "query: Field required"),
    ],
)
def test_a_wrong_setting_is_named_with_its_entry(load, changes, connection, expected):
    message = refusal(load, ENTRY | changes | {"connection": connection})
    assert message.startswith("sources.yml has 1 fault(s):\n  entry gdp_county, field connection: ")
    assert expected in message


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        (HTTP | {"location": "https://li:hunter2@example.org/gdp.csv"}, "location: the address names a user"),
        (HTTP | {"location": "https://example.org/gdp.csv?token=hunter2"}, "location: the address names"),
        (HTTP | {"password": "hunter2"}, "password: a credential stands in the environment"),
        (
            HTTP | {"connection": {"headers": {"Authorization": "hunter2"}}},
            "connection.headers.Authorization: ",
        ),
        (HTTP | {"connection": {"headers": {"X-Api-Key": "hunter2"}}}, "connection.headers.X-Api-Key: "),
        (S3 | {"connection": {"secret": "hunter2"}}, "connection.secret: a credential"),
        (
            S3 | {"connection": {"endpoint_url": "http://li:hunter2@host"}},
            "connection.endpoint_url: the address",
        ),
        (SFTP | {"connection": {"token": "hunter2"}}, "connection.token: a credential"),
        (DATABASE | {"connection": {"url": "mysql://li:hunter2@host/db"}}, "connection.url: the address"),
    ],
)
def test_a_credential_in_the_catalogue_is_refused_and_not_repeated(load, changes, where):
    message = refusal(load, ENTRY | changes)
    assert f"\n  entry gdp_county: {where}" in message
    assert "hunter2" not in message


def test_a_credential_where_the_name_of_a_variable_belongs_is_not_repeated(load):
    for changes, connection in (
        (DATABASE, QUERY | {"url_env": "hunter2"}),
        (HTTP, {"headers_env": {"Authorization": "hunter2"}}),
    ):
        message = refusal(load, ENTRY | changes | {"connection": connection})
        assert "_env" in message and "hunter2" not in message


@pytest.mark.parametrize(
    "query",
    [
        "select area from figures order by area",
        "SELECT area FROM figures ORDER BY area;",
        "-- 各县市区\nwith f as (select 1 as n)\nselect n from f /* all */ order by n",
        "select 'a; drop table b' as \"delete\", created_at, update_time from t order by 1",
        "select string_agg(a, ',' order by a) as a from t group by b order by b",
    ],
)
def test_a_query_that_reads_and_orders_its_rows_is_taken(load, query):
    assert connected(load, DATABASE, QUERY | {"query": query}).query == query


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("delete from figures", "expected one SELECT"),
        ("explain select 1 order by 1", "expected one SELECT"),
        ("select 1 order by 1; select 2 order by 1", "expected one statement, found several"),
        ("select 1 order by 1 --1; drop table b", "expected one statement, found several"),
        ("with gone as (delete from t returning *) select * from gone order by 1", "DELETE does not belong"),
        ("select * into copied from t order by 1", "INTO does not belong"),
        ("select * from t order by 1 for update", "UPDATE does not belong"),
        ("select * from t order by 1 for share", "FOR SHARE does not belong"),
        ("select 'a\\' as b order by 1", "without backslashes"),
        ("select 1 /*! into outfile */ order by 1", "without /*!"),
        ("select 'a order by 1", "a quote or a comment is not closed"),
        ("select a from t", "name the columns to sort by, or end the query with ORDER BY"),
        ("select a, rank() over (order by a) as n from t", "name the columns to sort by"),
    ],
)
def test_a_query_that_might_do_more_or_answer_in_any_order_is_refused(load, query, expected):
    message = refusal(load, ENTRY | DATABASE | {"connection": QUERY | {"query": query}})
    assert "entry gdp_county, field connection: " in message and expected in message


def test_rows_are_ordered_by_the_query_or_by_named_columns_and_not_by_both(load):
    unordered = QUERY | {"query": "select area from figures", "order_by": ["area"]}
    assert connected(load, DATABASE, unordered).order_by == ("area",)
    both = ENTRY | DATABASE | {"connection": QUERY | {"order_by": ["area"]}}
    assert "not both, not neither" in refusal(load, both)


# ── when a publisher is due ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("days", "today", "due"),
    [
        (("03-31",), date(2026, 3, 30), (date(2024, 3, 31), date(2025, 3, 31))),
        (("03-31",), date(2026, 3, 31), (date(2025, 3, 31), date(2026, 3, 31))),
        (("10-20", "04-20", "07-20", "01-20"), date(2026, 5, 1), (date(2026, 1, 20), date(2026, 4, 20))),
        (("07-31", "01-31"), date(2026, 1, 31), (date(2025, 7, 31), date(2026, 1, 31))),
        (("02-29",), date(2026, 6, 1), (date(2025, 2, 28), date(2026, 2, 28))),
        (("02-29",), date(2024, 2, 28), (date(2022, 2, 28), date(2023, 2, 28))),
        ((), date(2026, 6, 1), None),
    ],
)
def test_a_source_was_due_on(source_of, days, today, due):
    assert source_of(expected_by=days).due_dates(today) == due
