"""What sentences say of growth, in numerals and in damaged words."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.normalise import NormaliseError
from ingest.normalise.growth import Growth, parse_growth
from ingest.normalise.hygiene import damage
from ingest.normalise.numerals import in_digits
from ingest.normalise.typography import fold


@pytest.mark.parametrize(
    ("phrase", "growth"),
    [
        ("增长9.7%", Growth("9.7", None, None, False)),
        ("比上年增长9.7%", Growth("9.7", None, None, False)),
        ("同比增长0.0%", Growth("0.0", None, None, False)),
        ("较上年同期上升9.7%", Growth("9.7", None, None, False)),
        ("增幅10.1%", Growth("10.1", None, None, False)),
        ("可比增长7.7%", Growth("7.7", "可比", None, False)),
        ("同比名义增长7.7%", Growth("7.7", "名义", None, False)),
        ("同口径增长7.7%", Growth("7.7", None, None, False)),
        ("比2015年增长7.6%", Growth("7.6", None, 2015, False)),
        ("增长10%以上", Growth("10以上", None, None, False)),
        ("增长约10%", Growth("约10", None, None, False)),
        ("增长-5.3%", Growth("-5.3", None, None, False)),
        ("下降5.3%", Growth("-5.3", None, None, True)),
        ("比上年减少5.3%", Growth("-5.3", None, None, True)),
        ("负增长5.3%", Growth("-5.3", None, None, True)),
        ("增长百分之八", Growth("8", None, None, True)),
        ("下降百分之零点五", Growth("-0.5", None, None, True)),
        ("恢复到上年的98.10%", Growth("-1.90", None, None, True)),
        ("恢复到上年同期的101%", Growth("1", None, None, True)),
    ],
)
def test_a_phrase_of_growth_is_a_rate_with_its_sign(phrase, growth):
    assert parse_growth(phrase) == growth


@pytest.mark.parametrize(
    "phrase",
    [
        *(
            "增量40亿元",
            "增加40亿元",
            "回落0.5个百分点",
            "下降0.5个百分点",
            "高于全国0.3个百分点",
            "提高0.89个百分点",
        ),
        *(
            "恢复到2019年的98.10%",
            "增长了一些",
            "增长9.7",
            "增长9.7%和5%",
            "",
            "占7.8%",
            "达到上年的98%",
            "回落5.3%",
        ),
        *("下降-5.3%", "增长百分之十百", "增长百分之一百五", "增长9.7‰"),
    ],
)
def test_what_is_no_rate_of_growth_is_refused(phrase):
    with pytest.raises(NormaliseError):
        parse_growth(phrase)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("八", "8"),
        ("十", "10"),
        ("十二", "12"),
        ("二十", "20"),
        ("九十九", "99"),
        ("一百", "100"),
        ("一百零三", "103"),
    ]
    + [("一百一十", "110"), ("两千三百四十五", "2345"), ("零", "0"), ("八点五", "8.5"), ("零点零六", "0.06")],
)
def test_numerals_are_read_in_their_order(text, digits):
    assert in_digits(text) == digits


@pytest.mark.parametrize(
    "text", ["", "三四", "十百", "一百五", "点五", "八点", "八点十", "零三", "百", "八点五点六", "8"]
)
def test_numerals_out_of_order_are_refused(text):
    with pytest.raises(NormaliseError, match="not one certain number"):
        in_digits(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "全市实现生产总值(GDP)7010.6亿元。",
            "由上年的9.1:39.8:51.1调整为9.0:40.4:50.6",
            "2024.10.11发布",
            "真的吗??",
        ),
        *(
            "新增亿元以上项目12个",
            "突破万亿元大关",
            "(单位:亿元)",
            "增加值(亿元)",
            "高于全国0.3个百分点",
            "增长约5%",
        ),
    ],
)
def test_sound_text_is_not_called_damaged(text):
    assert damage(text) is None


@pytest.mark.parametrize(
    ("printed", "folded"),
    [
        ("生产总值 (GDP)[2]91.3亿元", "生产总值(GDP)91.3亿元"),
        ("９１．３％，（含①）", "91.3%,(含)"),
        ("91[2]3", "91 3"),
        ("91 .3", "91 .3"),
        ("2021年 7010.6", "2021年7010.6"),
        ("“十四五”", "十四五"),
        ("9.0∶40.4︰50.6", "9.0:40.4:50.6"),
        ("寒亭区*", "寒亭区"),
    ],
)
def test_folding_takes_marks_and_space_away_and_joins_no_numbers(printed, folded):
    assert fold(printed).text == folded


def test_a_folded_text_knows_where_it_is_printed():
    folded = fold("总值 [2]９１.3 亿元")
    start = folded.text.index("91.3")
    assert folded.span(start, start + 4) == (6, 10)
    assert folded.print_of(0, start + 4) == "总值 ９１.3"


@settings(max_examples=40, deadline=None)
@given(text=st.text() | st.text("增长下降同比上年百分之八点五%0123456789.-超过以上", max_size=16))
def test_any_text_is_a_phrase_or_is_refused(text):
    for read in (parse_growth, in_digits):
        try:
            assert read(text)
        except NormaliseError as refused:
            assert refused.reason and refused.expected
    assert damage(text) is None or damage(text)
    folded = fold(text)
    assert len(folded.text) == len(folded.places)


@settings(max_examples=40, deadline=None)
@given(rate=st.decimals(Decimal("0.1"), Decimal("99.9"), places=1), falls=st.booleans())
def test_a_rate_said_in_words_reads_back(rate, falls):
    assert (
        parse_growth(f"比上年{'下降' if falls else '增长'}{rate:f}%").number
        == f"{'-' if falls else ''}{rate:f}"
    )
