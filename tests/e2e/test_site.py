"""The site of a whole release, with demo data and without: its figures are the marts', and every page is whole by itself."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from lxml import html

from warehouse import site
from warehouse.progress import plan_progress
from warehouse.release import open_release, verify
from warehouse.site import text

pytestmark = pytest.mark.slow

MOST_BYTES = 2_000_000


@cache
def pages_of(folder: Path) -> dict[str, html.HtmlElement]:
    return {
        path.name: html.fromstring(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.html"))
    }


@pytest.fixture(scope="module", params=["demo", "real"])
def home(request):
    return request.getfixturevalue(f"{request.param}_home")


@pytest.fixture
def spoiled(changed_release, tmp_path):
    """Build the site of the demo release after its tables were changed by SQL."""

    def build(*statements: str) -> dict[str, html.HtmlElement]:
        site.build(changed_release(*statements), tmp_path / "site")
        return pages_of(tmp_path / "site")

    return build


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_every_view_every_unit_and_every_target_has_its_page_in_the_sealed_release(home):
    pages = set(pages_of(home.current / "site"))
    units = {
        f"area-{id_}.html"
        for (id_,) in home.rows("select area_id from dim_area where area_level in ('county', 'zone')")
    }
    targets = {f"target-{id_}.html" for (id_,) in home.rows("select distinct target_id from plan_progress")}
    assert len(units) == 17 and len(targets) == 15
    assert pages == {f"{view}.html" for view in site.VIEWS} | units | targets
    release = open_release(home.current)
    assert {f"site/{page}" for page in pages} <= set(release.manifest["files"])
    assert verify(release) == []


def test_no_page_is_large_or_asks_for_anything(home):
    for path in (home.current / "site").glob("*.html"):
        assert path.stat().st_size < MOST_BYTES, path.name
    for name, page in pages_of(home.current / "site").items():
        assert (
            page.xpath(
                "//link | //iframe | //object | //embed | //video | //audio | //base | //form[@action]"
            )
            == []
        ), name
        sources = page.xpath("//@src | //@srcset | //@poster | //@background")
        assert all(source.startswith("data:image/svg+xml;base64,") for source in sources), name
        assert page.xpath("//*[@style]") == [], name
        handlers = page.xpath("//@*[starts-with(name(), 'on')]")
        assert handlers == [], name
        assert "url(http" not in page.findtext(".//style")


def test_the_policy_of_a_page_names_exactly_its_own_style_and_script(home):
    for name, page in pages_of(home.current / "site").items():
        [policy] = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] == "'none'"
        for kind, tag in (("style-src", "style"), ("script-src", "script")):
            [inside] = page.xpath(f"//{tag}/text()")
            digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
            assert rules[kind] == f"'sha256-{digest}'", name


def test_every_link_within_the_site_leads_to_a_page_and_a_place_on_it(home):
    pages = pages_of(home.current / "site")
    checked = 0
    for name, page in pages.items():
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), name
        for link in page.xpath("//a/@href"):
            if link.startswith(("http://", "https://")):
                continue
            target, _, place = link.partition("#")
            aimed = pages[target or name]
            assert not place or aimed.xpath("//*[@id=$id]", id=place), f"{name}: {link}"
            checked += 1
    assert checked > 500


def test_every_cards_figure_is_the_marts(home):
    pages = pages_of(home.current / "site")
    lines = plan_progress(open_release(home.current))
    cards = {card.get("data-target"): card for card in pages["index.html"].xpath("//article[@data-target]")}
    assert sorted(cards) == [line.target_id for line in lines]
    for line in lines:
        for place in (cards[line.target_id], pages[f"target-{line.target_id}.html"]):
            [value] = place.xpath(f".//p[@data-figure='{line.target_id}']")
            if line.value is None:
                assert value.xpath("./data") == [] and "—" in words(value)
                continue
            assert float(value.xpath("./data/@value")[0]) == line.value
            period = f"select value from plan_progress where target_id = '{line.target_id}' and period = '{line.period}'"
            assert home.rows(period) == [(line.value,)]
            assert line.period in words(value)
        assert line.status_zh in words(cards[line.target_id])
        if line.value is not None:
            assert line.origin_zh in words(cards[line.target_id].xpath(".//p[contains(@class, 'origin')]")[0])
        if line.published_on:
            assert str(line.published_on) in words(cards[line.target_id])


def test_ranks_and_values_of_units_are_the_marts_and_zones_stand_apart(demo_home):
    page = pages_of(demo_home.current / "site")["areas.html"]
    [panel] = page.xpath("//section[@data-panel='gdp-current']")
    for level in ("county", "zone"):
        wanted = demo_home.rows(
            "select name_zh, rank, value from area_scorecard join dim_area using (area_id) where indicator = 'gdp'"
            f" and period = '2021' and compared_among = '{level}' order by rank nulls last, area_id"
        )
        [table] = panel.xpath(f".//table[caption/@id='t-gdp-current-{level}']")
        shown = [
            (
                row.xpath("./th//span[@class='zh']/text()")[0],
                int(rank) if (rank := words(row[0])) != "—" else None,
                float(value[0]) if (value := row.xpath("./td[2]//data/@value")) else None,
            )
            for row in table.xpath("./tbody/tr")
        ]
        assert shown == wanted
    assert "参与排位 4 个，共 5 个" in words(panel)


def test_coverage_of_a_unit_stands_with_its_bounds(demo_home):
    page = pages_of(demo_home.current / "site")["area-kuiwen.html"]
    [row] = demo_home.rows(
        "select frame_count, assessed_count, transformed_count, coverage_pct, coverage_low_pct, coverage_high_pct"
        " from digital_coverage where area_id = 'kuiwen' and scope = 'all' order by as_of desc limit 1"
    )
    cells = [words(cell) for cell in page.xpath("//table[caption/@id='t-coverage']/tbody/tr[1]/td")]
    low, high = (text.number(value, 1) for value in row[4:])
    assert cells[1:4] == [text.number(count) for count in row[:3]]
    assert cells[4] == f"{text.number(row[3])}%" and cells[5] == f"{low}–{high}"


def test_counts_of_the_ledger_are_the_marts_and_every_overdue_task_is_listed(demo_home):
    page = pages_of(demo_home.current / "site")["ledger.html"]
    counts = dict(
        demo_home.rows(
            "select coalesce(rag, 'grey'), count(*) from task_ledger"
            " where period = (select max(period) from task_ledger) group by 1"
        )
    )
    tally = {
        item.get("class"): int(item.xpath("./b/text()")[0]) for item in page.xpath("//ul[@class='tally']/li")
    }
    assert tally == {code: counts.get(code, 0) for code in ("red", "yellow", "green", "grey")}
    assert len(page.xpath("//table[caption/@id='t-overdue']/tbody/tr")) == counts["red"] > 0


def test_every_violation_is_shown_with_its_evidence(demo_home):
    page = pages_of(demo_home.current / "site")["clusters.html"]
    rows = page.xpath("//table[caption/@id='t-violations']/tbody/tr")
    [(violations,)] = demo_home.rows("select count(*) from cluster_compliance where result = 'violation'")
    assert len(rows) == violations > 0
    cited = demo_home.rows(
        "select count(*) from cluster_compliance where result = 'violation' and evidence is not null"
    )
    assert sum(bool(row.xpath(".//ul[@class='cells']/li")) for row in rows) == cited[0][0]


def test_every_indicator_and_every_published_value_is_in_the_dictionary(home):
    page = pages_of(home.current / "site")["indicators.html"]
    [(indicators,)] = home.rows("select count(*) from dim_indicator")
    [(values,)] = home.rows("select count(*) from fct_indicator_value")
    assert len(page.xpath("//article[@class='entry']")) == indicators
    assert len(page.xpath("//article[@class='entry']//tbody/tr")) == values


def test_demo_data_is_marked_wherever_it_stands_and_nowhere_else(demo_home, real_home):
    for name, page in pages_of(real_home.current / "site").items():
        assert page.xpath("//*[contains(@class, 'is-demo')] | //*[contains(@class, 'badge demo')]") == [], (
            name
        )
        assert page.xpath("//div[contains(@class, 'notice demo')]") == [], name
    pages = pages_of(demo_home.current / "site")
    for name, page in pages.items():
        assert page.xpath("//div[contains(@class, 'notice demo')]"), name
    origins = {
        line.target_id: line.data_origin
        for line in plan_progress(open_release(demo_home.current))
        if line.value is not None
    }
    for card in pages["index.html"].xpath("//article[@data-target]"):
        is_demo = origins.get(card.get("data-target")) == "demo"
        assert ("is-demo" in card.get("class").split()) is is_demo
        assert bool(card.xpath(".//span[contains(@class, 'badge demo')]")) is is_demo


def test_the_draft_and_the_release_are_announced_on_every_page(home):
    [(release_id, built_at)] = home.rows("select release_id, built_at from meta.release")
    for name, page in pages_of(home.current / "site").items():
        assert "征求意见稿" in words(page.xpath("//div[contains(@class, 'notice draft')]")[0]), name
        assert page.xpath("//time[@id='built']/@datetime") == [built_at]
        assert release_id in words(page.xpath("//footer")[0])


def test_tables_say_what_they_are_and_scroll_by_keyboard(home):
    for name, page in pages_of(home.current / "site").items():
        assert (
            page.xpath("//table[not(caption)] | //thead//th[not(@scope)] | //tbody//th[not(@scope)]") == []
        ), name
        for region in page.xpath("//div[@class='scroll']"):
            assert region.get("tabindex") == "0"
            assert page.xpath("//*[@id=$id]", id=region.get("aria-labelledby")), name
        assert page.xpath("//img[not(@alt)] | //svg[not(@aria-label)]") == [], name


def test_what_a_publisher_or_firm_wrote_is_text_and_never_markup(spoiled):
    pages = spoiled(
        "update dim_cluster set cluster_name = '<script>alert(1)</script>', industry_text = '\"><img src=x onerror=alert(1)>'",
        "update fct_indicator_value set origin_title = '<b onclick=x>', origin_url = 'javascript:alert(1)'",
        "update meta.provenance set origin_url = 'javascript:alert(2)', value_text = '</q><script>'",
        "update plan_progress set reason = '<svg onload=alert(1)>'",
        "update fct_green_event set name_text = '=cmd()|<iframe>' where city_area_id = 'weifang'",
    )
    for name, page in pages.items():
        assert len(page.xpath("//script")) == 1, name
        assert page.xpath("//iframe | //b[@onclick] | //@onerror | //@onload") == [], name
        assert not [link for link in page.xpath("//a/@href") if link.startswith("javascript")], name
    assert "<script>alert(1)</script>" in words(pages["clusters.html"])


def test_a_month_of_which_nothing_was_returned_is_not_shown_as_a_month_without_delay(
    spoiled, demo_home, nothing_returned
):
    before, newest = [
        month
        for (month,) in demo_home.rows(
            "select distinct period from task_ledger where source_row_ids is not null order by 1"
        )
    ][-2:]
    [(late,)] = demo_home.rows(f"select count(*) from task_ledger where period = '{before}' and rag = 'red'")
    pages = spoiled(nothing_returned(newest))
    assert f"{before} 调度" in words(pages["ledger.html"])
    assert words(pages["ledger.html"].xpath("//h2[@id='overdue']/small")[0]) == str(late)
    assert late > 0


def test_where_nobody_has_a_frame_no_county_is_said_to_have_no_firm_above_scale(spoiled, demo_home):
    [(county,)] = demo_home.rows(
        "select area_id from dim_enterprise where is_current group by all order by 1 limit 1"
    )
    [page] = [spoiled("update dim_enterprise set is_above_scale = null")[f"area-{county}.html"]]
    [shown] = page.xpath("//dt[contains(., '其中规上工业')]/following-sibling::dd[1]")
    assert words(shown) == "—"
    assert shown.xpath(".//@title") == ["没有规上工业企业名录"]


def test_the_cockpit_says_how_many_targets_of_a_colour_rest_on_demo_data(home):
    page = pages_of(home.current / "site")["index.html"]
    shown = {
        item.get("class"): [words(mark) for mark in item.xpath(".//small//*[@lang='zh-CN']")]
        for item in page.xpath("//section[@class='summary']//li")
    }
    progress = plan_progress(open_release(home.current))
    expected = Counter(
        line.colour for line in progress if line.data_origin == "demo" and line.value is not None
    )
    assert shown == {code: [f"其中演示 {expected[code]}"] if expected[code] else [] for code in shown}


def test_a_release_without_some_marts_has_a_site_that_says_what_is_missing(spoiled):
    pages = spoiled(
        *(
            f"drop table {mart}"
            for mart in (
                "area_scorecard",
                "task_ledger",
                "digital_coverage",
                "fct_green_event",
                "green_titles",
            )
        ),
        *(
            f"drop table {mart}"
            for mart in ("cluster_compliance", "dim_cluster", "data_gaps", "revisions", "obligation_calendar")
        ),
    )
    assert "没有分县市区的指标数据" in words(pages["areas.html"])
    assert "没有台账资料" in words(pages["ledger.html"])
    assert "没有绿色制造名单" in words(pages["enterprises.html"])
    assert "没有名录资料" in words(pages["clusters.html"])
