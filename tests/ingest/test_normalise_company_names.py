"""Company names made comparable."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.normalise import NormaliseError
from ingest.normalise.company_names import normalise, normalise_series

plausible = st.text(
    "潍坊海洋有限公司厂区（）()【】[]〔〕注ＡaBé\u0301´①②²*＊※ \u3000\u200b\t012０12・", max_size=12
)

PRINTS = [
    ("潍坊海化有限公司", "潍坊海化有限公司"),
    ("潍坊（海化）有限公司", "潍坊(海化)有限公司"),
    ("潍坊〔海化】有限公司", "潍坊(海化)有限公司"),
    (" 潍坊 海化\u3000有限\n公司 ", "潍坊海化有限公司"),
    ("ａbc科技有限公司", "ABC科技有限公司"),
    ("潍坊海化有限公司*", "潍坊海化有限公司"),
    ("潍坊海化有限公司①", "潍坊海化有限公司"),
    ("潍坊海化有限公司 [2]＊", "潍坊海化有限公司"),
    ("潍坊海化有限公司（注1）", "潍坊海化有限公司"),
    ("潍坊海化有限公司(2)", "潍坊海化有限公司(2)"),
    ("潍坊海化有限公司(一分厂)", "潍坊海化有限公司(一分厂)"),
]


@pytest.mark.parametrize(("text", "expected"), PRINTS)
def test_a_name_is_compared_without_its_print(text, expected):
    assert normalise(text) == expected


@pytest.mark.parametrize("text", ["", " \u3000", "*", "①"])
def test_nothing_is_not_a_name(text):
    with pytest.raises(NormaliseError, match="is no name"):
        normalise(text)
    assert normalise_series(pl.Series([text])).to_list() == [None]


def test_a_column_of_names_is_normalised_and_keeps_its_name():
    texts = pl.Series("name_text", [text for text, _ in PRINTS] + [None])
    names = normalise_series(texts)
    assert names.name == "name_text"
    assert names.to_list() == [expected for _, expected in PRINTS] + [None]
    assert normalise_series(pl.Series("name_text", [None, None])).to_list() == [None, None]


@settings(max_examples=25, deadline=None)
@given(text=st.text() | plausible)
def test_normalising_twice_changes_nothing_more(text):
    try:
        name = normalise(text)
    except NormaliseError as refusal:
        assert refusal.reason and refusal.expected
    else:
        assert normalise(name) == name


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(plausible, max_size=10))
def test_scalar_and_column_agree_on_names(texts):
    def name_or_none(text):
        try:
            return normalise(text)
        except NormaliseError:
            return None

    assert normalise_series(pl.Series("name", texts, dtype=pl.String)).to_list() == [
        *map(name_or_none, texts)
    ]
