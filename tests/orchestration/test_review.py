"""`blue-ledger review` on a small release: the queue, decisions that can be taken back, and the workbook out and in."""

from __future__ import annotations

import json
import re
import sys
import zipfile
from datetime import UTC, datetime

import duckdb
import pytest

from ingest import readers
from ingest.linkage import decisions as link_decisions
from ingest.linkage.decisions import Decision, load
from orchestration import cli
from warehouse import release as releases
from warehouse import review
from warehouse.home import Home
from warehouse.release import ColumnSpec, MartSpec

pytestmark = pytest.mark.slow
MANIFEST = {"built_at": "2026-11-23T02:15:03+00:00", "code_version": "x", "inputs": [], "checks": {}}
GREEN, SMALL, MEMBER, DECIDED, RULED = ("a" * 16, "e" * 16, "b" * 16, "c" * 16, "d" * 16)
HAIHUA, HAIHUA_TWIN, SMALL_FIRM, MEMBER_FIRM, DECIDED_FIRM, RULED_FIRM, STRANGER, DEMO_FIRM = (
    f"91370700MA3C8T7X{nth}A" for nth in range(1, 9)
)
DECIDED_AT = datetime(2026, 11, 20, 1, 0, 0, 5, tzinfo=UTC)
EARLIER = Decision(
    DECIDED, DECIDED_FIRM, "accept", "李强", DECIDED_AT, "电话核实", "寿光制盐|-|shouguang|-",
    "寿光制盐有限公司|-|in_business|shouguang", "command",
)  # fmt: skip

MARTS = f"""
create schema marts;
create table marts.dim_area as select * from (values ('binhai', '滨海区'), ('shouguang', '寿光市')) as t (area_id, name_zh);
create table marts.dim_target as
select * from (values ('2026', 'TG07', '省级以上绿色单位'), ('2026', 'TG08', '市级绿色单位')) as t
    (plan_version, target_id, indicator_name_zh);
create table marts.fct_enterprise_link as
select * replace (cast(score as double) as score, cast(effect as double) as effect) from (values
    ('{GREEN}', 'green', '山东海化机械厂', null, 'binhai', '山东海化机械厂|-|binhai|-', 'review', null, 0.93, 0.125, 'TG07'),
    ('{SMALL}', 'green', '寿光羊口船厂', null, 'shouguang', '寿光羊口船厂|-|shouguang|-', 'review', null, 0.85, 0.02, 'TG08'),
    ('{MEMBER}', 'cluster_member', '潍坊渔具社', null, null, '潍坊渔具社|-|-|-', 'review', null, 0.99, 0.0, null),
    ('{DECIDED}', 'green', '寿光制盐', null, 'shouguang', '寿光制盐|-|shouguang|-', 'decided', '{DECIDED_FIRM}', 0.81,
        0.02, 'TG08'),
    ('{RULED}', 'green', '滨海碱业', null, 'binhai', '滨海碱业|-|binhai|-', 'accepted', '{RULED_FIRM}', 1.0, 0.125, 'TG07')
) as t (list_id, list_kind, name, uscc_printed, county_area_id, listed_as, state, uscc, score, effect, effect_targets),
    (select 1 as entries, '仅有名称相近的企业,待人工认定' as reason, 'published' as data_origin) as rest;
create table marts.dim_enterprise as
select *, true as is_latest from (values
    ('{HAIHUA}', '山东海化机械有限公司', '海化机械厂', 'in_business', 'binhai', 'published'),
    ('{HAIHUA_TWIN}', '山东海化机器有限公司', null, 'cancelled', 'shouguang', 'published'),
    ('{SMALL_FIRM}', '寿光羊口造船有限公司', null, 'in_business', 'shouguang', 'published'),
    ('{MEMBER_FIRM}', '潍坊渔具合作社', null, null, null, 'published'),
    ('{DECIDED_FIRM}', '寿光制盐有限公司', null, 'cancelled', 'shouguang', 'published'),
    ('{RULED_FIRM}', '滨海碱业', null, 'in_business', 'binhai', 'published'),
    ('{STRANGER}', '昌邑海工有限公司', null, 'in_business', null, 'published'),
    ('{DEMO_FIRM}', '演示海工有限公司', null, 'in_business', null, 'demo')
) as t (uscc, name, former_name, status, area_id, data_origin);
create table marts.link_candidate as
select links.* replace (cast(links.score as double) as score), false as is_rejected, '名称相近;县市区相同' as evidence,
    firms.name as enterprise_name,
    firms.former_name as enterprise_former_name, firms.status as enterprise_status, firms.area_id as enterprise_area_id,
    concat_ws('|', firms.name, coalesce(firms.former_name, '-'), coalesce(firms.status, '-'), coalesce(firms.area_id, '-'))
        as enterprise_as,
    firms.data_origin
from (values
    ('{GREEN}', '{HAIHUA}', 1, 'T5', 0.93),
    ('{GREEN}', '{HAIHUA_TWIN}', 2, 'T5', 0.88),
    ('{SMALL}', '{SMALL_FIRM}', 1, 'T5', 0.85),
    ('{MEMBER}', '{MEMBER_FIRM}', 1, 'T5', 0.99),
    ('{RULED}', '{RULED_FIRM}', 1, 'T1', 1.0)
) as links (list_id, uscc, rank, tier, score)
inner join marts.dim_enterprise as firms on links.uscc = firms.uscc;
create table marts.link_decision as
select '{DECIDED}' as list_id, '{DECIDED_FIRM}' as uscc, timestamp '2026-11-20 01:00:00.000005' as decided_at,
    true as is_questioned, true as is_listed,
    '登记内容由“寿光制盐有限公司|-|in_business|shouguang”变为“寿光制盐有限公司|-|cancelled|shouguang”' as questioned_because;
"""


@pytest.fixture
def home(tmp_path):
    """A home with three names in review, one decision whose enterprise has changed, and one link by a rule."""
    home = Home(tmp_path / "home").ensure()
    publish(home, "20261123T021503Z")
    link_decisions.append(home.decisions, [EARLIER], DECIDED_AT)
    return home


@pytest.fixture
def call(monkeypatch, capsys, home):
    """Run `blue-ledger review …` in this process; returns the exit code, standard output and standard error."""
    monkeypatch.setenv("BLUE_LEDGER_HOME", str(home.root))

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["blue-ledger", "review", *map(str, arguments)])
        try:
            cli.main()
            code = 0
        except SystemExit as ended:
            code = ended.code or 0
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def exported(call, tmp_path):
    file = tmp_path / "待认定.xlsx"
    assert call("export", file) == (0, f"4 names, 5 rows: {file}\n", "")
    return file


def publish(home, release_id, change=""):
    home.build_file.unlink(missing_ok=True)
    with duckdb.connect(str(home.build_file)) as connection:
        connection.execute(MARTS + change)
        tables = connection.execute(
            "select table_name, list(column_name order by column_index) from duckdb_columns()"
            " where schema_name = 'marts' group by table_name"
        ).fetchall()
    specs = [MartSpec(name, (), name, name, tuple(map(ColumnSpec, columns))) for name, columns in tables]
    candidate = releases.begin(home, release_id)
    releases.copy_marts(candidate, home.build_file, specs)
    releases.seal(candidate, MANIFEST)


def fill(file, cells, by="王芳", reason="营业执照核对"):
    """Write texts into cells, as a spreadsheet program does; a decision gets a person and a reason."""
    for address, text in dict(cells).items():
        if text in review.MARKS:
            cells = {f"K{address[1:]}": by, f"L{address[1:]}": reason} | cells | {address: text}
    with zipfile.ZipFile(file) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    for address, text in cells.items():
        filled = rf'<c r="{address}"\1 t="inlineStr"><is><t>{text}</t></is></c>'
        sheet, times = re.subn(rf'<c r="{address}"( s="\d+")[^>]*?(?:/>|>.*?</c>)', filled, sheet)
        assert times == 1, address
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)


def decided(home):
    return [(one.list_id, one.uscc, one.verdict) for one in load(home.decisions)[1:]]


DECIDE = ("--by", "王芳", "--reason", "营业执照核对")

# ── the queue ──────────────────────────────────────────────────────────────────────────────────────────────────────


def queued(call):
    code, out, _ = call("list", "--json")
    assert code == 0
    content = json.loads(out)
    return [name["list_id"] for name in content["names"]], content["counts"]


def test_questioned_decisions_come_first_then_what_changes_the_targets_most(call):
    names, counts = queued(call)
    assert names == [DECIDED, GREEN, SMALL, MEMBER]
    assert counts == {"open": 4, "questioned": 1, "decided": 1, "pending": 0}


def test_the_queue_is_readable_on_a_terminal(call):
    code, out, _ = call("list", "--limit", 2)
    assert code == 0
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert f"山东海化机械厂 {GREEN} 滨海区 绿色制造名单 TG07:目标值的 12.5%" in lines
    assert f"山东海化机器有限公司 {HAIHUA_TWIN} 寿光市 已注销 名称相近;县市区相同;相近度 0.88" in lines
    assert "变为“寿光制盐有限公司|-|已注销|shouguang”" in out
    assert "4 open, 1 of them questioned; 1 decided; 0 changed since release 20261123T021503Z" in out
    assert "2 more: --limit 4 shows all" in out
    assert "潍坊渔具社" not in out


def test_an_empty_queue_says_so(call, home):
    publish(
        home,
        "20261124T021503Z",
        "update marts.fct_enterprise_link set state = 'accepted'; update marts.link_decision set is_questioned = false;",
    )
    code, out, _ = call("list")
    assert code == 0
    assert out.startswith("the queue is empty: no listed name waits for a decision\n0 open")


def test_a_release_from_before_there_were_links_says_what_to_do(call, home):
    publish(home, "20261124T021503Z", "drop table marts.link_candidate;")
    code, _, err = call("list")
    assert code == 2
    assert "release 20261124T021503Z holds no links to review; run `blue-ledger nightly` first" in err


# ── decisions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_accepted_name_leaves_the_queue_and_its_decision_keeps_both_texts(call, home):
    code, out, _ = call("accept", GREEN, HAIHUA, *DECIDE)
    assert code == 0
    assert f"山东海化机械厂 is 山东海化机械有限公司 ({HAIHUA}); it counts from the next night" in out
    one = load(home.decisions)[-1]
    assert (one.verdict, one.uscc, one.decided_by, one.reason) == ("accept", HAIHUA, "王芳", "营业执照核对")
    assert one.listed_as == "山东海化机械厂|-|binhai|-"
    assert one.enterprise_as == "山东海化机械有限公司|海化机械厂|in_business|binhai"
    names, counts = queued(call)
    assert names == [DECIDED, SMALL, MEMBER]
    assert counts == {"open": 3, "questioned": 1, "decided": 2, "pending": 1}


def test_a_name_stays_until_its_last_candidate_is_ruled_out(call):
    call("reject", GREEN, HAIHUA, *DECIDE)
    assert GREEN in queued(call)[0]
    call("reject", GREEN, HAIHUA_TWIN, *DECIDE)
    assert GREEN not in queued(call)[0]


def test_none_of_the_candidates_is_one_decision(call, home):
    code, out, _ = call("reject", GREEN, *DECIDE)
    assert (code, "is not any of its candidates" in out) == (0, True)
    assert decided(home) == [(GREEN, None, "reject")]
    assert GREEN not in queued(call)[0]


def test_a_decision_taken_back_puts_the_name_on_the_queue_again(call, home):
    call("accept", GREEN, HAIHUA, *DECIDE)
    code, out, _ = call("undo", GREEN, "--by", "李强", "--reason", "查错")
    assert (code, "taken back" in out) == (0, True)
    assert GREEN in queued(call)[0]
    assert decided(home) == [(GREEN, HAIHUA, "accept"), (GREEN, None, "withdraw")]
    code, _, err = call("undo", GREEN, "--by", "李强", "--reason", "查错")
    assert code == 2
    assert "nothing to take back" in err


def test_a_questioned_decision_is_settled_by_renewing_it(call, home):
    call("accept", DECIDED, DECIDED_FIRM, "--by", "李强", "--reason", "电话核实", "--force")
    assert load(home.decisions)[-1].enterprise_as == "寿光制盐有限公司|-|cancelled|shouguang"
    assert queued(call)[1]["questioned"] == 0


def test_the_same_decision_twice_is_one(call, home):
    call("accept", GREEN, HAIHUA, *DECIDE)
    code, out, _ = call("accept", GREEN, HAIHUA, *DECIDE)
    assert (code, out.startswith("nothing added")) == (0, True)
    assert len(decided(home)) == 1


def test_what_a_rule_linked_can_be_overruled(call, home):
    assert call("reject", RULED, RULED_FIRM, *DECIDE)[0] == 0
    assert decided(home) == [(RULED, RULED_FIRM, "reject")]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("accept", "f" * 16, HAIHUA, *DECIDE),
            "release 20261123T021503Z has no listed name 'ffffffffffffffff'",
        ),
        (
            ("accept", GREEN, STRANGER, *DECIDE),
            f"is no candidate of 山东海化机械厂 ({GREEN}); the candidates are: {HAIHUA}, ",
        ),
        (("reject", GREEN, STRANGER, *DECIDE), "--force takes another enterprise of dim_enterprise"),
        (("accept", GREEN, "91370700MA3C8T7X9Z", *DECIDE, "--force"), "has no enterprise 91370700MA3C8T7X9Z"),
        (("accept", GREEN, DEMO_FIRM, *DECIDE, "--force"), "demo and real are never linked"),
        (("accept", GREEN, HAIHUA, "--by", " ", "--reason", "核对"), "--by: expected a text"),
        (("accept", GREEN, HAIHUA, "--by", "王芳", "--reason", ""), "--reason: expected a text"),
        (("accept", GREEN, HAIHUA, "--reason", "核对"), "--by"),
        (("undo", GREEN, "--by", "王芳", "--reason", "查错"), "there is no decision about"),
        (("export", "queue.csv"), "queue.csv: the workbook's name ends in .xlsx"),
        (("import", "none.xlsx"), "none.xlsx cannot be read: No such file"),
    ],
)
def test_a_decision_that_makes_no_sense_is_bad_usage_and_changes_nothing(call, home, arguments, told):
    code, _, err = call(*arguments)
    assert (code, told in err) == (2, True), err
    assert decided(home) == []


def test_an_enterprise_that_is_no_candidate_can_be_forced(call, home):
    assert call("accept", GREEN, STRANGER, *DECIDE, "--force")[0] == 0
    assert load(home.decisions)[-1].enterprise_as == "昌邑海工有限公司|-|in_business|-"


@pytest.mark.parametrize(
    "arguments", [("list",), ("accept", GREEN, HAIHUA, *DECIDE), ("undo", GREEN, *DECIDE)]
)
def test_a_damaged_file_of_decisions_stops_every_command(call, home, arguments):
    file = home.decisions / "links.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",accept,", ",ok,"), encoding="utf-8")
    code, _, err = call(*arguments)
    assert code == 2
    assert f"{file} has 1 fault(s):\n  line 2: verdict: expected accept, reject, withdraw, found 'ok'" in err


def test_a_damaged_file_of_decisions_stops_the_night_before_it_begins(call, home, monkeypatch, capsys):
    (home.decisions / "links.csv").write_text("nth,list_id\n", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["blue-ledger", "nightly"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert "line 1: expected the header nth,list_id,uscc," in capsys.readouterr().err


# ── the workbook ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_workbook_shows_the_queue_in_its_order_with_room_for_decisions(exported):
    [sheet, guide] = readers.read(exported.read_bytes(), exported.name, "workbook")
    assert (sheet.name, guide.name) == ("待认定", "说明")
    rows = sheet.frame.rows(named=True)
    assert rows[0]["A"] == "企业对应关系待认定清单"
    assert rows[2]["A"].startswith("版本 20261123T021503Z · 导出 ")
    assert tuple(rows[3].values())[1:] == review.HEADER
    assert [(row["A"], row["B"], row["F"]) for row in rows[4:]] == [
        ("1", "寿光制盐", DECIDED_FIRM),
        ("2", "山东海化机械厂", HAIHUA),
        ("2", "山东海化机械厂", HAIHUA_TWIN),
        ("3", "寿光羊口船厂", SMALL_FIRM),
        ("4", "潍坊渔具社", MEMBER_FIRM),
    ]
    assert rows[4]["H"].startswith("【需复核】登记内容由“寿光制盐有限公司|-|在业|shouguang”")
    assert (rows[5]["D"], rows[5]["G"], rows[8]["D"]) == (
        "TG07:目标值的 12.5%",
        "在业\n滨海区",
        "不影响目标值",
    )
    assert "TG07:省级以上绿色单位" in guide.frame["A"].to_list()


def test_only_the_cells_to_be_filled_in_are_open(exported):
    with zipfile.ZipFile(exported) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        styles = book.read("xl/styles.xml").decode()
    assert "<sheetProtection" in sheet
    formats = re.findall(r"<xf [^>]*?(?:/>|>.*?</xf>)", styles.split("<cellXfs")[1].split("</cellXfs>")[0])
    opened = {str(nth) for nth, one in enumerate(formats) if 'locked="0"' in one}
    cells = re.findall(r'<c r="([A-Z]+)(\d+)" s="(\d+)"', sheet)
    assert {column for column, row, style in cells if style in opened} == {"J", "K", "L"}
    assert {row for column, row, style in cells if style in opened} == {"5", "6", "7", "8", "9"}
    assert sheet.count("是同一企业,不是,都不是") == 5
    assert '<pageSetup paperSize="9" fitToHeight="0" orientation="landscape"/>' in sheet


def test_an_export_never_overwrites_a_workbook(call, exported):
    code, _, err = call("export", exported)
    assert code == 2
    assert "exists, and may hold decisions that were not imported yet" in err


def test_filled_rows_become_decisions_and_a_second_import_adds_nothing(call, home, exported):
    fill(exported, {"J6": "是同一企业", "J7": "不是", "J8": "都不是"})
    said = "3 decisions added, 0 known already, 0 rows refused, 2 rows without a decision"
    code, out, err = call("import", exported)
    assert (code, out.startswith(said), err) == (0, True, "")
    assert decided(home) == [
        (GREEN, HAIHUA, "accept"),
        (GREEN, HAIHUA_TWIN, "reject"),
        (SMALL, None, "reject"),
    ]
    one = load(home.decisions)[1]
    assert (one.decided_by, one.reason, one.source[:7]) == ("王芳", "营业执照核对", "export ")
    assert (one.listed_as, one.enterprise_as) == (
        "山东海化机械厂|-|binhai|-",
        "山东海化机械有限公司|海化机械厂|in_business|binhai",
    )
    code, out, _ = call("import", exported)
    assert (code, out.startswith("0 decisions added, 3 known already, 0 rows refused")) == (0, True)
    assert len(decided(home)) == 3


def test_an_import_after_an_undo_does_not_bring_the_decision_back(call, home, exported):
    fill(exported, {"J6": "是同一企业"})
    call("import", exported)
    call("undo", GREEN, "--by", "李强", "--reason", "查错")
    assert call("import", exported)[1].startswith("0 decisions added, 1 known already")
    assert GREEN in queued(call)[0]


def test_a_clerk_may_change_a_decision_in_the_same_workbook(call, home, exported):
    fill(exported, {"J6": "是同一企业"})
    call("import", exported)
    fill(exported, {"J6": "不是", "J7": "是同一企业"})
    assert call("import", exported)[0] == 0
    [one] = [link_decisions.standing(load(home.decisions))[GREEN]]
    assert (one.accepted.uscc, list(one.rejected)) == (HAIHUA_TWIN, [HAIHUA])


def test_good_rows_are_taken_and_bad_ones_told_with_sheet_row_and_column(call, home, exported):
    fill(exported, {"J5": "是", "K6": "王芳", "J8": "是同一企业", "L8": "", "J9": "是同一企业"})
    code, out, _ = call("import", exported)
    assert code == 1
    assert out.splitlines()[:3] == [
        f"refused: {exported.name}: 待认定!J5 决定: 应为 是同一企业、不是、都不是 之一,填的是“是”",
        f"refused: {exported.name}: 待认定!J6 决定: 应为 是同一企业、不是、都不是 之一,未填",
        f"refused: {exported.name}: 待认定!L8 理由: 填了决定的行须填此栏,未填",
    ]
    assert "1 decisions added, 0 known already, 3 rows refused, 1 rows without a decision" in out
    assert decided(home) == [(MEMBER, MEMBER_FIRM, "accept")]


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        ({"J6": "是同一企业", "J7": "是同一企业"}, "一个名称至多认定一家企业,第6行、第7行都选了“是同一企业”"),
        ({"J6": "是同一企业", "J7": "都不是"}, "第6行选了“是同一企业”,第7行选了“都不是”,只能选其一"),
    ],
)
def test_one_name_is_not_two_enterprises(call, home, exported, marks, told):
    fill(exported, marks)
    code, out, _ = call("import", exported)
    assert (code, out.count(told), decided(home)) == (1, 2, [])


@pytest.mark.parametrize(
    ("change", "mark", "told"),
    [
        (
            f"update marts.link_candidate set enterprise_as = replace(enterprise_as, 'in_business', 'revoked')"
            f" where uscc = '{HAIHUA}';",
            "是同一企业",
            "登记内容与导出时不同:导出时为“山东海化机械有限公司|海化机械厂|在业|binhai”,"
            "现为“山东海化机械有限公司|海化机械厂|已吊销|binhai”;请重新导出",
        ),
        (
            f"update marts.fct_enterprise_link set listed_as = '山东海化机械厂|-|shouguang|-' where list_id = '{GREEN}';",
            "都不是",
            "名单内容与导出时不同:导出时为“山东海化机械厂|-|binhai|-”,现为“山东海化机械厂|-|shouguang|-”",
        ),
        (
            f"delete from marts.fct_enterprise_link where list_id = '{GREEN}';",
            "是同一企业",
            "该名称已不在名单上,或编号被改动;请重新导出",
        ),
        (
            f"delete from marts.link_candidate where uscc = '{HAIHUA}';"
            f" delete from marts.dim_enterprise where uscc = '{HAIHUA}';",
            "是同一企业",
            f"登记数据中已无代码 {HAIHUA}",
        ),
    ],
)  # fmt: skip
def test_a_row_whose_record_changed_since_the_export_is_refused(call, home, exported, change, mark, told):
    publish(home, "20261124T021503Z", change)
    fill(exported, {"J6": mark})
    code, out, _ = call("import", exported)
    assert (code, f"待认定!J6 决定: {told}" in out, decided(home)) == (1, True, []), out


def test_a_code_changed_in_spite_of_the_protection_is_refused(call, home, exported):
    fill(exported, {"J6": "是同一企业", "F6": STRANGER})
    code, out, _ = call("import", exported)
    assert (code, "登记内容与导出时不同" in out, decided(home)) == (1, True, [])


def test_what_another_decided_after_the_export_is_not_overruled_by_it(call, home, exported):
    call("accept", GREEN, HAIHUA_TWIN, "--by", "李强", "--reason", "电话核实")
    fill(exported, {"J6": "是同一企业"})
    code, out, _ = call("import", exported)
    assert (code, "导出之后 李强 已于 " in out, f"认定为 {HAIHUA_TWIN};如需更改,请重新导出" in out) == (
        1,
        True,
        True,
    )
    assert decided(home) == [(GREEN, HAIHUA_TWIN, "accept")]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"J4": "结论"}, "待认定, row 4: expected the headings 序号、"),
        ({"A3": "版本"}, "待认定!A3: expected the version of the export, 版本 … · 导出 …"),
    ],
)
def test_a_workbook_that_was_rebuilt_is_refused_as_a_whole(call, home, exported, cells, told):
    fill(exported, {"J6": "是同一企业"})
    fill(exported, cells)
    code, _, err = call("import", exported)
    assert (code, told in err, decided(home)) == (2, True, []), err


def test_another_workbook_is_refused(call, tmp_path):
    import xlsxwriter

    file = tmp_path / "other.xlsx"
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("名单").write(0, 0, "企业名称")
    code, _, err = call("import", file)
    assert (code, "other.xlsx: expected a sheet 待认定" in err) == (2, True)
    file.write_bytes(b"no workbook")
    code, _, err = call("import", file)
    assert (code, err.startswith("other.xlsx: ")) == (2, True)
