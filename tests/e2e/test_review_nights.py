"""What a person decides about a listed name, night after night: counted from the next, asked again when the firm changes."""

from __future__ import annotations

import shutil

import pytest

from tests.e2e.registers import code, line, put

pytestmark = pytest.mark.slow

#: names of the published lists, and firms of a made-up register that resemble them
DECIDED, NONE_FITS, BY_RULE, WAITING = (
    "青州中联水泥有限公司", "宏源防水科技集团有限公司", "临朐山水水泥有限公司", "孚日集团股份有限公司",
)  # fmt: skip
CEMENT, WATERPROOF, SAME_NAME, OTHER_CEMENT, TOWELS = (code(n) for n in range(200, 205))
REGISTER = (
    line(CEMENT, "青州中联水泥制造有限公司", area="青州市"),
    line(WATERPROOF, "宏源防水科技有限公司", area="寿光市"),
    line(SAME_NAME, "临朐山水水泥有限公司", area="临朐县"),
    line(OTHER_CEMENT, "临朐山水水泥制造有限公司", area="临朐县"),
    line(TOWELS, "孚日控股集团股份有限公司", area="高密市"),
)
BY = ("--by", "李强", "--reason", "营业执照核对")


@pytest.fixture(scope="module")
def reviewed(real_home, blue_ledger, tmp_path_factory):
    """What the links were after each of three nights: the register, the decisions, a register in which a firm has changed."""
    home = tmp_path_factory.mktemp("review") / "home"
    shutil.copytree(real_home.root, home, symlinks=True)
    links = []

    def night():
        done = blue_ledger("nightly", "--no-demo", home=home)
        assert done.code == 0, done.out + done.err
        rows = type(real_home)(home, done).rows(
            "select name, list_id, state, uscc, tier, decided_by, is_questioned, questioned_because from fct_enterprise_link"
        )
        links.append({row[0]: row[1:] for row in rows})

    def review(*arguments):
        done = blue_ledger("review", *arguments, home=home)
        assert done.code == 0, done.out + done.err
        return done.out

    put(home, "企业登记_全量_2026-09-30.csv", *REGISTER)
    night()
    queue = review("list")
    listed = {name: row[0] for name, row in links[0].items()}
    review("accept", listed[DECIDED], CEMENT, *BY)
    review("reject", listed[NONE_FITS], *BY)
    review("accept", listed[BY_RULE], OTHER_CEMENT, "--force", *BY)
    night()
    put(
        home,
        "企业登记_增量_2026-10.csv",
        line(CEMENT, "青州中联建材有限公司", former="青州中联水泥制造有限公司", area="青州市"),
    )
    night()
    return links, queue, review("list")


def test_a_similar_name_waits_for_a_person_and_links_nothing(reviewed):
    (first, _, _), queue, _ = reviewed
    for name in (DECIDED, NONE_FITS, WAITING):
        assert first[name][1:4] == ("review", None, "T5")
        assert first[name][0] in queue
    assert first[BY_RULE][1:4] == ("accepted", SAME_NAME, "T1")
    assert first[BY_RULE][0] not in queue


def test_a_decision_counts_from_the_next_night_and_wins_over_the_rule(reviewed):
    (_, second, _), _, _ = reviewed
    assert second[DECIDED][1:6] == ("decided", CEMENT, "T5", "李强", False)
    assert second[NONE_FITS][1:5] == ("rejected", None, "T5", "李强")
    assert second[BY_RULE][1:3] == ("decided", OTHER_CEMENT)
    assert second[WAITING][1:3] == ("review", None)


def test_a_decision_is_asked_again_once_the_firm_has_changed_and_stands_until_then(reviewed):
    (_, _, third), _, queue = reviewed
    assert third[DECIDED][1:3] == ("decided", CEMENT)
    assert third[DECIDED][5] is True
    assert third[DECIDED][6] == (
        "登记内容由“青州中联水泥制造有限公司|-|in_business|qingzhou”变为“青州中联建材有限公司|青州中联水泥制造有限公司|in_business|qingzhou”"
    )
    assert queue.index(third[DECIDED][0]) < queue.index(third[WAITING][0])
    assert third[NONE_FITS][0] not in queue
    assert third[BY_RULE][5] is False
