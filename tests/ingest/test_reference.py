"""Words as printed and the code they stand for."""

from __future__ import annotations

import pytest

from ingest.normalise import NormaliseError


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("存续（在营、开业、在册）", "in_business"),
        ("在营 (开业) 企业", "in_business"),
        ("吊销，未注销", "revoked"),
        ("吊销,已注销", "cancelled"),
        ("迁出", "moved_out"),
    ],
)
def test_the_states_of_registration_are_known_in_the_forms_authorities_print(reference, printed, code):
    assert reference.word("enterprise_status", printed) == code


def test_a_business_that_rests_is_neither_in_business_nor_gone_and_waits_for_the_office(reference):
    with pytest.raises(NormaliseError, match="unknown word '歇业' for enterprise_status") as raised:
        reference.word("enterprise_status", "歇业")
    assert "存续" in raised.value.expected
