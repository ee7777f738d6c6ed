"""The file of decisions: what is added stays, what is taken back is a line of its own, a damaged file is not read past."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ingest.linkage import decisions as link_decisions
from ingest.linkage.decisions import COLUMNS, Decision, DecisionError, append, load

NOW = datetime(2026, 11, 24, 3, 15, tzinfo=UTC)
NAME, OTHER = "00e841c2bd1da012", "138a3928eb95d4d8"
FIRM, TWIN = "91370700MA3C8T7X1A", "91370700MA3C8T7X2B"


def said(verdict="accept", uscc=FIRM, list_id=NAME, **changed) -> Decision:
    decision = Decision(
        list_id, uscc, verdict, "王芳", NOW, "营业执照核对", "潍柴|-|weifang|-", "潍柴动力|-|in_business|kuiwen", "command"
    )  # fmt: skip
    return replace(decision, **changed)


def stands(folder):
    one = link_decisions.standing(load(folder)).get(NAME, link_decisions.NOTHING)
    return (
        one.accepted.uscc if one.accepted else None,
        one.none_fits is not None,
        sorted(one.rejected),
    )


def test_where_nothing_was_decided_there_is_no_file_and_no_row(tmp_path):
    assert load(tmp_path / "decisions") == ()
    frame = link_decisions.frame([])
    assert (frame.height, dict(frame.schema)) == (0, {name: kind() for name, kind in COLUMNS.items()})


def test_a_decision_is_read_as_it_was_written(tmp_path):
    reason = '电话核实,"两块牌子"\n同一法人'
    [added] = append(tmp_path, [said(reason=reason)], NOW)
    assert load(tmp_path) == (added,)
    assert (added.reason, added.decided_at) == (reason, NOW)


def test_models_read_moments_in_utc_and_no_withdrawn_decision(tmp_path):
    append(tmp_path, [said(), said("reject", TWIN), said("reject", None, OTHER)], NOW)
    append(tmp_path, [said("withdraw", TWIN, reason="查错")], NOW)
    rows = link_decisions.frame(load(tmp_path)).select("list_id", "uscc", "verdict", "decided_at").rows()
    assert rows == [
        (NAME, FIRM, "accept", datetime(2026, 11, 24, 3, 15)),
        (OTHER, None, "reject", datetime(2026, 11, 24, 3, 15, 0, 2)),
    ]


def test_lines_are_only_ever_added_also_where_all_is_taken_back(tmp_path):
    append(tmp_path, [said()], NOW)
    before = (tmp_path / "links.csv").read_bytes()
    append(tmp_path, [said("withdraw", None, reason="查错")], NOW)
    after = (tmp_path / "links.csv").read_bytes()
    assert after.startswith(before)
    assert [one.verdict for one in load(tmp_path)] == ["accept", "withdraw"]
    assert stands(tmp_path) == (None, False, [])


@pytest.mark.parametrize(
    ("drafts", "expected"),
    [
        ([said(), said(uscc=TWIN)], (TWIN, False, [])),
        ([said(), said("reject")], (None, False, [FIRM])),
        ([said("reject"), said()], (FIRM, False, [])),
        ([said(), said("reject", None)], (None, True, [])),
        ([said("reject", None), said()], (FIRM, False, [])),
        ([said("reject", TWIN), said()], (FIRM, False, [TWIN])),
        ([said(), said("withdraw", None)], (None, False, [])),
        ([said(), said("reject", TWIN), said("withdraw", FIRM)], (None, False, [TWIN])),
        ([said(), said("withdraw", None), said(uscc=TWIN)], (TWIN, False, [])),
        ([said(list_id=OTHER), said("withdraw", None)], (None, False, [])),
    ],
)
def test_the_later_word_counts(tmp_path, drafts, expected):
    append(tmp_path, drafts, NOW)
    assert stands(tmp_path) == expected


def test_what_stands_already_is_not_added_again(tmp_path):
    append(tmp_path, [said()], NOW)
    assert append(tmp_path, [said(), said("withdraw", TWIN)], NOW + timedelta(days=1)) == []
    [other_person] = append(tmp_path, [said(decided_by="李强")], NOW)
    assert other_person.decided_by == "李强"


def test_a_decision_is_renewed_when_the_enterprise_has_changed(tmp_path):
    append(tmp_path, [said()], NOW)
    changed = said(enterprise_as="潍柴动力|-|cancelled|kuiwen")
    assert len(append(tmp_path, [changed], NOW)) == 1


def test_the_same_export_does_not_bring_back_what_was_taken_back_but_a_new_one_does(tmp_path):
    old, new = said(source="export 1"), said(source="export 2")
    append(tmp_path, [old, said("withdraw", None)], NOW)
    assert append(tmp_path, [old], NOW) == []
    assert stands(tmp_path) == (None, False, [])
    assert len(append(tmp_path, [new], NOW)) == 1
    assert stands(tmp_path) == (FIRM, False, [])


def test_a_clock_that_was_set_back_does_not_change_the_order(tmp_path):
    append(tmp_path, [said()], NOW)
    [later] = append(tmp_path, [said("reject")], NOW - timedelta(hours=5))
    assert later.decided_at == NOW + timedelta(microseconds=1)


def test_two_clerks_at_once_lose_no_line(tmp_path):
    drafts = [said(list_id=f"{nth:016x}") for nth in range(40)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda draft: append(tmp_path, [draft], NOW), drafts))
    assert {one.list_id for one in load(tmp_path)} == {draft.list_id for draft in drafts}


def test_a_file_that_another_holds_is_said_to_be_busy(tmp_path, monkeypatch):
    from filelock import FileLock

    monkeypatch.setattr(link_decisions, "WAIT_SECONDS", 0.05)
    with (
        FileLock(tmp_path / "links.lock", is_singleton=False),
        pytest.raises(DecisionError, match="another command has been writing"),
    ):
        append(tmp_path, [said()], NOW)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (",accept,", ",yes,", "line 2: verdict: expected accept, reject, withdraw, found 'yes'"),
        (FIRM, "9137", "line 2: uscc: expected a credit code of 18 characters or 15 digits, found '9137'"),
        (
            f"{FIRM},accept",
            ",accept",
            "line 2: uscc: expected the enterprise that was accepted, found nothing",
        ),
        (NAME, "8.41E+12", "line 2: list_id: expected 16 characters of 0-9 and a-f, found '8.41E+12'"),
        ("王芳", "", "line 2: decided_by: expected a text, found nothing"),
        ("2026-11-24T03:15:00+00:00", "2026/11/24 3:15", "found '2026/11/24 3:15'"),
        (
            "2026-11-24T03:15:00+00:00",
            "2027-11-24T03:15:00+00:00",
            "line 3: decided_at: expected a moment after",
        ),
        ("营业执照核对", "执照,核对", "line 2: expected 10 fields, found 11"),
        ("nth,", "序号,", "line 1: expected the header nth,list_id,"),
        ("\n3,", "\n4,", "line 4: nth: expected 3, found '4': a line was taken out, put in or moved"),
    ],
)
def test_a_file_edited_by_hand_is_refused_with_line_and_expectation(tmp_path, old, new, told):
    append(tmp_path, [said(), said("reject", TWIN), said("reject", None, OTHER)], NOW)
    file = tmp_path / "links.csv"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    for use in (lambda: load(tmp_path), lambda: append(tmp_path, [said(list_id=OTHER)], NOW)):
        with pytest.raises(DecisionError) as refused:
            use()
        assert told in str(refused.value)
        assert str(file) in str(refused.value)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda content: content[:-1], "the last line is cut off; expected a line end"),
        (lambda content: content.decode().encode("gb18030"), "expected a CSV file in UTF-8"),
        (lambda content: b"", "the last line is cut off; expected a line end"),
        (lambda content: b"\0" * 100 + b"\n", "expected"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, damage, told):
    append(tmp_path, [said()], NOW)
    file = tmp_path / "links.csv"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(DecisionError, match=told):
        load(tmp_path)


def test_a_spreadsheet_may_put_a_mark_before_the_text(tmp_path):
    append(tmp_path, [said()], NOW)
    file = tmp_path / "links.csv"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert [one.uscc for one in load(tmp_path)] == [FIRM]
