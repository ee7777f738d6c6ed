"""Databases: one answer is one CSV, byte for byte. SQLite stands in; the real servers are met by the clients' tests."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from ingest.connectors import FetchError, databases

pytestmark = pytest.mark.slow

FIGURES = """
    create table figures (area text, year integer, value numeric, note text);
    insert into figures values ('寿光市', 2024, 1082.3, 'a,b'), ('奎文区', 2024, null, ''), ('奎文区', 2023, 361, null);
"""


@pytest.fixture
def engine(tmp_path):
    """A database of one table."""
    import sqlalchemy

    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'statistics.db'}")
    with engine.connect() as connection:
        connection.connection.driver_connection.executescript(FIGURES)
    yield engine
    engine.dispose()


@pytest.fixture
def read(source_of, engine):
    """The bytes of the answer to a query; words such as max_rows are settings."""

    def read(query, *order_by, **settings) -> bytes:
        connection = {"url_env": "STATISTICS_DB", "query": query, "order_by": order_by} | settings
        return databases.read(
            source_of(connector="database", location="统计库", connection=connection), engine
        )

    return read


def test_an_answer_is_csv_in_utf_8_in_which_null_is_not_an_empty_text(read):
    assert read("select * from figures order by area desc, year").decode() == (
        "area,year,value,note\n"
        '寿光市,2024,1082.3,"a,b"\n'
        "奎文区,2023,361,\n"
        '奎文区,2024,,""\n'
    )  # fmt: skip


def test_rows_that_the_query_does_not_order_are_ordered_by_the_named_columns(read, engine):
    query = "select area, year from figures"
    expected = "area,year\n奎文区,2023\n奎文区,2024\n寿光市,2024\n".encode()
    assert read(query, "area") == expected  # what the columns hold equal, the whole row tells apart
    with engine.connect() as connection:
        script = "delete from figures where year = 2023; insert into figures values ('奎文区', 2023, 0, '')"
        connection.connection.driver_connection.executescript(
            script
        )  # the row now stands elsewhere in the file
    assert read(query, "area") == expected


def test_an_answer_without_rows_has_its_header(read):
    assert read("select area from figures where year = 1999 order by area") == b"area\n"


def test_a_percent_sign_and_a_colon_are_text_like_any_other(read):
    assert read("select '5% :a %s ::' as a order by 1") == b"a\n5% :a %s ::\n"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        ("", '""'),
        ("a", "a"),
        (" a", '" a"'),
        ('say "a"', '"say ""a"""'),
        ("a\nb", '"a\nb"'),
        (True, "true"),
        (False, "false"),
        (10**20, "100000000000000000000"),
        (0.1, "0.1"),
        (1e22, "1e+22"),
        (Decimal("1703.420"), "1703.420"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0E-7"), "0.0000000"),
        (date(2024, 1, 31), "2024-01-31"),
        (datetime(2024, 1, 31, 8, 5), "2024-01-31T08:05:00"),
        (datetime(2024, 1, 31, 8, 5, tzinfo=UTC), "2024-01-31T08:05:00+00:00"),
        (time(8, 5), "08:05:00"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ({"b": 1, "a": "潍坊"}, '"{""a"": ""潍坊"", ""b"": 1}"'),
        ([1, None], '"[1, null]"'),
    ],
)
def test_a_value_has_one_form_as_text(value, cell):
    assert databases._cell(value) == cell
    if isinstance(value, str):
        assert next(csv.reader(io.StringIO(cell + ",x\n", newline=""))) == [value, "x"]


def test_a_value_that_has_no_form_as_text_is_named(read):
    with pytest.raises(FetchError, match="row 1 of the query: a bytes cannot be written as text; cast it"):
        read("select x'00' as a order by 1")


def test_too_many_rows_or_bytes_are_refused(read):
    query = "select area from figures order by area"
    assert read(query, max_rows=3).count(b"\n") == 4
    with pytest.raises(FetchError, match="county_figures: the query gives more than 2 rows"):
        read(query, max_rows=2)
    with pytest.raises(FetchError, match="the query gives more than 29 bytes"):
        read(query, max_bytes=29)
    assert len(read(query, max_bytes=30)) == 35  # the header is not counted


def test_a_query_that_takes_too_long_is_given_up(read):
    with pytest.raises(FetchError, match="was not answered within 1e-09 seconds"):
        read("select area from figures order by area", timeout_s=1e-9)


def test_a_query_that_the_database_refuses_is_a_failed_look(read):
    with pytest.raises(FetchError, match="the database did not answer the query: no such column: place"):
        read("select place from figures order by 1")


def test_columns_without_a_name_of_their_own_are_refused(read):
    with pytest.raises(FetchError, match=r"needs a name of its own, not \['area', 'area'\]"):
        read("select area, area from figures order by 1")


def test_a_column_to_sort_by_that_the_query_does_not_give_is_named(read):
    with pytest.raises(FetchError, match=r"order_by names \['place'\], the query gives \['area'\]"):
        read("select area from figures", "place")
