"""Texts on one line."""

from __future__ import annotations

import pytest

from warehouse.text import one_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (None, ""),
        ("  a\n\tb  ", "a b"),
        ("潍坊市\u3000海洋发展局", "潍坊市 海洋发展局"),
        ("a b", "a b"),
    ],
)
def test_every_run_of_white_space_is_one_space_and_none_stands_around(text, expected):
    assert one_line(text) == expected
