"""Numbers as they are printed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.normalise import NormaliseError
from ingest.normalise.numbers import Number, parse_number

FULL_WIDTH = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1703.42", 1703.42),
        ("１７０３．４２", 1703.42),
        (" 510.3 ", 510.3),
        ("19 278.1", 19278.1),
        ("19\u00a0278.1", 19278.1),
        ("1,234,567", 1234567.0),
        ("1，234.5", 1234.5),
        ("-5.3", -5.3),
        ("－5.3", -5.3),
        ("−5.3", -5.3),
        ("+6.8", 6.8),
        ("0", 0.0),
        ("0.00", 0.0),
        ("223741", 223741.0),
    ],
)
def test_a_printed_number_is_read(text, value):
    assert parse_number(text) == Number(value, "eq", "")


@pytest.mark.parametrize(
    "text", [None, "", "  ", "\u3000", "-", "－", "—", "——", "–", "…", "……", "...", "/", "／", "N/A"]
)
def test_a_dash_is_not_reported_rather_than_zero(text):
    assert parse_number(text) == Number(None, "eq", "")


@pytest.mark.parametrize(
    ("text", "value", "marks"),
    [
        ("361.7①", 361.7, "①"),
        ("361.7 *", 361.7, "*"),
        ("361.7＊＊", 361.7, "**"),
        ("91.3[2]", 91.3, "[2]"),
        ("91.3［2］①", 91.3, "[2]①"),
        ("91.3²", 91.3, "²"),
        ("91.3(注1)", 91.3, "(注1)"),
        ("-①", None, "①"),
    ],
)
def test_a_footnote_mark_is_kept_apart_from_the_digits(text, value, marks):
    assert parse_number(text) == Number(value, "eq", marks)


@pytest.mark.parametrize(
    ("text", "value", "operator"),
    [
        ("超过21", 21.0, "gt"),
        ("突破8000", 8000.0, "gt"),
        ("首次突破 8,000", 8000.0, "gt"),
        ("1700余", 1700.0, "gt"),
        ("50以上", 50.0, "ge"),
        ("不低于50", 50.0, "ge"),
        ("至少1", 1.0, "ge"),
        ("约1.49", 1.49, "approx"),
        ("98左右", 98.0, "approx"),
        ("约98左右", 98.0, "approx"),
        ("不超过10", 10.0, "le"),
        ("原则上不超过10", 10.0, "le"),
        ("10以下", 10.0, "le"),
        ("不足100", 100.0, "lt"),
        ("≥5", 5.0, "ge"),
        ("＞5", 5.0, "gt"),
        ("50以上①", 50.0, "ge"),
    ],
)
def test_the_words_around_a_number_say_how_it_bounds_the_figure(text, value, operator):
    number = parse_number(text)
    assert (number.value, number.operator) == (value, operator)


@pytest.mark.parametrize(
    "text",
    [
        "19.936.943.2",
        "615、7",
        "1/10",
        "12a",
        "1E-06",
        "1,23",
        "12,3456",
        "1,234 567",
        "1\n234",
        "5.",
        ".5",
        "007",
        "--5",
        "—5",
        "91.3(2)",
        "(5.3)",
        "5.3%",
        "5.3亿元",
        "百分之八",
        "下降5.3",
        "预计450",
        "超过98以上",
        "约",
        "①",
        "1 2",
        "９" * 400,
    ],
)
def test_a_print_that_can_be_read_in_two_ways_is_refused(text):
    with pytest.raises(NormaliseError) as refusal:
        parse_number(text)
    assert refusal.value.reason
    assert refusal.value.expected


@pytest.mark.parametrize("text", ["93%", "93 ％", "93%①", "93[2]%", "93"])
def test_a_percent_sign_is_read_only_where_it_is_asked_for(text):
    assert parse_number(text, percent=True).value == 93.0


def test_a_percentage_may_be_bounded():
    assert parse_number("98%左右", percent=True) == Number(98.0, "approx", "")
    assert parse_number("超过95%", percent=True) == Number(95.0, "gt", "")


def test_a_source_that_prints_another_decimal_mark_is_read_by_that_mark_alone():
    assert parse_number("615、7", decimal_mark="、").value == 615.7
    assert parse_number("7,7", decimal_mark=",").value == 7.7
    with pytest.raises(NormaliseError):
        parse_number("615.7", decimal_mark="、")


def test_the_refusal_names_the_text_and_what_was_expected():
    with pytest.raises(
        NormaliseError, match="'1/10' is not one certain number; expected digits such as 1703.42"
    ):
        parse_number("1/10")


@settings(max_examples=25, deadline=None)
@given(
    cents=st.integers(-(10**11), 10**11),
    separator=st.sampled_from(["", ",", " ", "\u00a0", "\u3000"]),
    wide=st.booleans(),
    before=st.sampled_from([("", "eq"), ("超过", "gt"), ("约", "approx"), ("不超过", "le"), (" ", "eq")]),
    mark=st.sampled_from(["", "*", "①", "[2]", " ③"]),
)
def test_every_accepted_print_of_a_number_reads_back(cents, separator, wide, before, mark):
    sign, (whole, decimals) = "-" * (cents < 0), divmod(abs(cents), 100)
    digits = f"{whole:,}".replace(",", separator) + f".{decimals:02}"
    word, operator = before
    printed = word + (sign + digits).translate(FULL_WIDTH if wide else {}) + mark
    assert parse_number(printed) == Number(float(f"{sign}{whole}.{decimals:02}"), operator, mark.strip())


@settings(max_examples=25, deadline=None)
@given(text=st.text() | st.text("0123456789.,-%约超过以上①*[] 　、", max_size=12), percent=st.booleans())
def test_any_text_is_a_number_or_is_refused(text, percent):
    try:
        assert isinstance(parse_number(text, percent=percent), Number)
    except NormaliseError as refusal:
        assert refusal.reason and refusal.expected
