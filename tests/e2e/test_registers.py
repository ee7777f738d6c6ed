"""Registers handed in through the inbox, in whatever order they arrive: what the marts then know of a firm, and since when."""

from __future__ import annotations

from datetime import date

import pytest

from tests.e2e.registers import code, line, put

pytestmark = pytest.mark.slow

RENAMED, MERGED, SUCCESSOR, GONE, REPAIRED, MOVED = (code(n) for n in range(6))


#: so that one firm without a code is a slip of the register, and not a register without codes
OTHERS = [line(code(100 + i), f"潍坊其余{i}有限公司") for i in range(60)]


@pytest.fixture(scope="module")
def register_home(real_home, blue_ledger, tmp_path_factory):
    """After two nights: the register of September came first, then those of February and March, equal byte for byte.

    What changed in October came with a name that did not say so, and was renamed.
    """
    import shutil

    home = tmp_path_factory.mktemp("registers") / "home"
    shutil.copytree(real_home.root, home, symlinks=True)
    changed = [line(MERGED, "潍坊并入有限公司", status="注销", cancelled="2026-10-12", successor=SUCCESSOR)]
    put(home, "企业登记.csv", *changed)  # whose name does not tell what it is
    put(
        home,
        "企业登记_全量_2026-09-30.csv",
        line(RENAMED, "潍坊新名化工有限公司", former="潍坊旧名化工有限公司"),
        line(MERGED, "潍坊并入有限公司"),
        line(SUCCESSOR, "潍坊承继有限公司"),
        line(REPAIRED.lower().replace("9", "９", 1), "潍坊小写有限公司"),
        line(MOVED, "潍坊迁址有限公司", area="昌邑市"),
        line("无", "潍坊无码有限公司", area=""),
        *OTHERS,
    )
    first = blue_ledger("nightly", "--no-demo", home=home)
    assert first.code == 0, first.out + first.err
    assert "inbox_registers: 企业登记.csv: expected a file name such as" in first.out
    for month in ("02-28", "03-31"):  # in which nothing had changed
        put(
            home,
            f"企业登记_全量_2026-{month}.csv",
            line(RENAMED, "潍坊旧名化工有限公司"),
            line(MERGED, "潍坊并入有限公司"),
            line(SUCCESSOR, "潍坊承继有限公司"),
            line(GONE, "潍坊离去有限公司"),
            line(MOVED, "潍坊迁址有限公司"),
            *OTHERS,
            encoding="utf-8",
        )
    inbox = home / "inbox" / "registers"
    (inbox / "企业登记.csv").rename(inbox / "企业登记_增量_2026-10.csv")
    second = blue_ledger("nightly", "--no-demo", home=home)
    assert second.code == 0, second.out + second.err
    assert "inbox_registers: 企业登记" not in second.out
    return type(real_home)(home, second)


STATES = (
    "select valid_from, valid_to, known_from, name, status, area_id, ended_by, is_current from dim_enterprise "
    "where uscc = '{}' order by valid_from"
)
ESTABLISHED, FEBRUARY, SEPTEMBER, OCTOBER = (
    date(2010, 5, 1), date(2026, 2, 28), date(2026, 9, 30), date(2026, 10, 31)
)  # fmt: skip


def test_a_renamed_firm_bears_each_name_in_its_time(register_home):
    assert register_home.rows(STATES.format(RENAMED)) == [
        (
            ESTABLISHED,
            SEPTEMBER,
            FEBRUARY,
            "潍坊旧名化工有限公司",
            "in_business",
            "shouguang",
            "changed",
            False,
        ),
        (SEPTEMBER, None, SEPTEMBER, "潍坊新名化工有限公司", "in_business", "shouguang", None, True),
    ]


def test_a_merged_firm_is_cancelled_and_names_its_successor(register_home):
    assert register_home.rows(
        "select valid_from, status, cancelled_on, final_successor_uscc from dim_enterprise "
        f"where uscc = '{MERGED}' order by valid_from"
    ) == [
        (ESTABLISHED, "in_business", None, SUCCESSOR),
        (OCTOBER, "cancelled", date(2026, 10, 12), SUCCESSOR),
    ]


def test_a_firm_that_the_next_register_no_longer_holds_ends_there(register_home):
    assert register_home.rows(STATES.format(GONE)) == [
        (
            ESTABLISHED,
            SEPTEMBER,
            FEBRUARY,
            "潍坊离去有限公司",
            "in_business",
            "shouguang",
            "absent_from_register",
            False,
        )
    ]


def test_a_firm_that_moved_lies_in_each_county_in_its_time_whatever_its_code_says(register_home):
    assert register_home.rows(
        f"select valid_from, area_id from dim_enterprise where uscc = '{MOVED}' order by valid_from"
    ) == [(ESTABLISHED, "shouguang"), (SEPTEMBER, "changyi")]


def test_a_code_in_lower_case_and_full_width_is_repaired_with_its_print_kept(register_home):
    [(name,)] = register_home.rows(f"select name from dim_enterprise where uscc = '{REPAIRED}'")
    assert name == "潍坊小写有限公司"


def test_a_firm_without_a_code_is_no_enterprise_and_counts_as_unknown(register_home):
    assert register_home.rows("select count(*) from dim_enterprise where name = '潍坊无码有限公司'") == [(0,)]


def test_a_delta_ends_no_firm_that_it_does_not_name(register_home):
    assert register_home.rows(
        "select count(*) from dim_enterprise where is_current and data_origin = 'submitted'"
    ) == [(65,)]
