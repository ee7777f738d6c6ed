"""Unified social credit codes: the check, its repairs, and the agreement of its two forms."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from ingest.normalise import NormaliseError
from ingest.normalise.credit_codes import (
    ALPHABET,
    CreditCode,
    check,
    check_character,
    check_characters,
    check_series,
)

# made-up codes use the authority 370799, which no list of divisions has, so that no real enterprise is hit
VALID = [
    "91370799MA0000015R", "91370799MA0000023L", "91370799MA0000031F", "91370799MA000004X7",
    "91370799MA00000587", "91370799MA00000662", "91370799MA0000074W", "91370799MA0000082P",
    "91370799MA0000090J", "91370799MA00001038",
    "91110000600037341L",  # a published example
    "N2370799MA00000159",  # registered by agriculture: a letter in front is as valid as a digit
]  # fmt: skip
INVALID = [
    ("91370799MA0000015T", "bad_check_digit"),
    ("91370799MO0000015R", "bad_charset"),
    ("91370799MA0000015", "bad_length"),
    ("91370799AM0000015R", "bad_check_digit"),  # two neighbours swapped
    ("9137O799MA0000015R", "bad_charset"),
    ("9137A799MA0000015R", "bad_region_code"),
    ("潍坊某某有限公司", "bad_length"),
]

printed_codes = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.text(ALPHABET + " ioszv９ａ", min_size=15, max_size=20),
    st.text("0123456789", min_size=14, max_size=18),
    st.builds(
        lambda head, region, tail, change: change((body := head + region + tail) + check_character(body)),
        st.text(ALPHABET, min_size=2, max_size=2),
        st.text("0123456789", min_size=6, max_size=6),
        st.text(ALPHABET, min_size=9, max_size=9),
        st.sampled_from(
            [str, str.lower, lambda code: f" {code[:9]}\u3000{code[9:]}\n", lambda code: code[::-1]]
        ),
    ),
)


def as_rows(checked: list[CreditCode]) -> pl.DataFrame:
    schema = {"code": pl.String, "kind": pl.String, "repaired": pl.Boolean, "fault": pl.String}
    rows = [(code.code, code.kind, code.repaired, code.fault) for code in checked]
    return pl.DataFrame(rows, schema=schema, orient="row")


@pytest.mark.parametrize("code", VALID)
def test_a_valid_code_passes_unchanged(code):
    assert check(code) == CreditCode(code, "uscc", False, None)


@pytest.mark.parametrize(("code", "fault"), INVALID)
def test_an_invalid_code_is_no_key_and_says_why(code, fault):
    assert check(code) == CreditCode(None, "invalid", False, fault)


@pytest.mark.parametrize(
    "text",
    [
        "91370799ma0000015r",
        " 91370799MA0000015R\t",
        "91370799 MA00 0001 5R",
        "９１３７０７９９ＭＡ００００015R",
        "91370799ｍａ0000015R",
        "\ufeff91370799MA0000015R",
    ],
)
def test_case_width_and_white_space_are_repaired(text):
    assert check(text) == CreditCode("91370799MA0000015R", "uscc", True, None)


def test_a_letter_is_never_taken_for_a_digit():
    assert check("91370799MAO000015R").kind == "invalid"
    assert check("9137079①MA0000015R").fault == "bad_charset"


def test_an_old_licence_number_is_kept_as_such():
    assert check("370700200001234") == CreditCode("370700200001234", "legacy15", False, None)
    assert check("３70700200001234").repaired


@pytest.mark.parametrize("text", [None, "", " ", "无", "—", "-", "n/a", "null"])
def test_no_code_is_missing_rather_than_invalid(text):
    assert check(text) == CreditCode(None, "missing", False, None)


def test_a_column_is_checked_as_each_of_its_codes_would_be():
    texts = [*VALID, *(code for code, _ in INVALID), None, "无", "370700200001234", " 91370799ma0000015r"]
    assert_frame_equal(check_series(pl.Series("uscc", texts)), as_rows([check(text) for text in texts]))


def test_an_empty_column_and_one_without_any_text_have_the_same_columns():
    assert check_series(pl.Series("uscc", [], dtype=pl.String)).schema == as_rows([]).schema
    assert check_series(pl.Series("uscc", [None, None]))["kind"].to_list() == ["missing", "missing"]


def test_the_check_character_completes_a_code():
    assert check_character("91370799MA0000015") == "R"
    assert check_character("N2370799MA0000015") == "9"
    beginnings = pl.Series("first17", [code[:17] for code in VALID] + ["91370799MO0000015", None, ""])
    assert check_characters(beginnings).to_list() == [code[17] for code in VALID] + [None, None, None]


@pytest.mark.parametrize("first17", ["", "91370799MA000001", "91370799MO0000015", "91370799MA0000015R"])
def test_no_check_character_is_made_for_what_is_no_beginning_of_a_code(first17):
    with pytest.raises(NormaliseError, match="17 characters"):
        check_character(first17)


@settings(max_examples=15, deadline=None)
@given(texts=st.lists(printed_codes, max_size=30))
def test_scalar_and_column_agree_on_any_text(texts):
    series = pl.Series("uscc", texts, dtype=pl.String)
    assert_frame_equal(check_series(series), as_rows([check(text) for text in texts]))


@settings(max_examples=25, deadline=None)
@given(
    serial=st.text(ALPHABET, min_size=9, max_size=9),
    place=st.integers(0, 17),
    other=st.sampled_from(ALPHABET),
)
def test_a_change_of_any_one_character_is_noticed(serial, place, other):
    first17 = "91370799" + serial
    code = first17 + check_character(first17)
    changed = code[:place] + other + code[place + 1 :]
    assert check(code).kind == "uscc"
    assert check(changed).kind == ("uscc" if changed == code else "invalid")
