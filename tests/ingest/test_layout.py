"""Layouts: those that are there fit their datasets and are used, and a wrong one says which entry is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ingest import catalogue, layout
from ingest.datasets import DATASETS
from ingest.layout import LAYOUTS, LayoutError

TABLE = {
    "header_rows": [1],
    "columns": {
        "地区": "area",
        "指标": "indicator",
        "数值": "value",
        "来源级别": "source_tier",
        "采用": "is_actual",
    },
}
LAYOUT = {"dataset": "indicator_figures", "reader": "csv", "tables": [TABLE]}
PROSE = {
    "head": {"标题": "origin_title"},
    "period_from": r"(?P<period>\d{4})年",
    "sentences": [{"name": "the city", "pattern": r"全市(?P<value>[\d.]+)(?P<unit>亿元)"}],
}
BULLETIN = {"dataset": "indicator_figures", "reader": "text", "prose": PROSE}


@pytest.fixture
def load(tmp_path):
    """Load the first of these layouts, given by name."""

    def load(**layouts):
        for name, content in layouts.items():
            text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True)
            (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
        return layout.load(next(iter(layouts)), tmp_path)

    return load


def refusal(load, **layouts) -> str:
    with pytest.raises(LayoutError) as error:
        load(**layouts)
    return str(error.value)


# ── the layouts that are there ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def known():
    return {path.stem: layout.load(path.stem) for path in sorted(LAYOUTS.glob("*.yml"))}


PAGE = Path(__file__).parents[2] / "docs" / "layouts.md"


def ready() -> set[str]:
    """The layouts for files that a person hands in or a publisher's next release brings; tests/ingest/shapes reads each."""
    table = PAGE.read_text(encoding="utf-8").partition("## Ready")[2]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_every_layout_loads_and_is_used_by_a_source_or_told_of_as_ready(known):
    used = {source.layout for source in catalogue.load().sources}
    assert set(known) - used == ready()
    assert used <= set(known)


def test_the_layout_that_the_page_explains_is_one_that_is_used(known, load):
    [shown] = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert load(shown=shown) == known["yearbook_counties"]


def test_every_dataset_has_a_layout(known):
    assert {found.dataset for found in known.values()} == set(DATASETS)


def test_every_layout_fills_the_required_fields_of_its_dataset(known):
    for name, found in known.items():
        required = {field.name for field in DATASETS[found.dataset].fields if field.required}
        filled = [{*table.fields, *found.constants} for table in found.tables]
        if found.prose:
            filled = [found.prose.common | known.fields(form) for known, form in found.prose.forms]
        assert all(required <= fields for fields in filled), name


def test_a_layout_names_no_city_and_stands_for_whichever_it_is_read_for(known):
    naming = [path.name for path in LAYOUTS.glob("*.yml") if "潍坊" in path.read_text(encoding="utf-8")]
    assert naming == []
    form = known["ocean_accounts_form"].of_city("蓝湾市")
    assert (form.constants["area"], known["ocean_accounts_form"].constants["area"]) == ("蓝湾市", "本市")
    sentence = known["county_gdp_bulletin"].of_city("蓝湾市").prose.sentences[0]
    assert sentence.constants == {"area": "蓝湾市"}
    assert known["cluster_register"].of_city("蓝湾市").tables[0].constants["city_text"] == "蓝湾市"
    assert known["city_bulletin"].of_city("蓝湾市") == known["city_bulletin"]  # says it nowhere


def test_columns_of_persons_are_named_as_such_and_never_read(known):
    persons = {"法定代表人", "联系电话"}
    for found in known.values():
        for table in found.tables:
            assert not persons & set(table.columns)
            assert all(table.ignored[header] == "personal data" for header in persons & set(table.headers))
    assert persons <= set(known["enterprise_register"].tables[0].ignored)


# ── extends ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_layout_that_extends_another_differs_only_where_it_says_so(known):
    assert known["figures_html"].reader == "html"
    assert known["figures_html"].tables == known["figures_csv"].tables
    whole, parks = known["national_green_list"], known["national_green_list_park"]
    assert parks.tables == whole.tables
    assert parks.constants == whole.constants | {"category": "绿色工业园区"}


def test_a_constant_of_the_layout_is_printed_nowhere_in_its_tables(load):
    message = refusal(load, a=LAYOUT | {"constants": {"area": "潍坊市", "vintage": "公报"}})
    assert message == "a.yml: layout: Value error, area: both a column and a constant"
    wide = {"columns": {"时期": "period"}, "measures": {"总量": {"indicator": "海洋生产总值"}}}
    message = refusal(load, b=LAYOUT | {"tables": [wide], "constants": {"unit": "亿元"}})
    assert "unit: both a column and a constant" in message


def test_constants_of_the_layout_are_not_for_a_bulletin(load):
    message = refusal(load, a=BULLETIN | {"constants": {"area": "潍坊市"}})
    assert "constants: those of a bulletin stand under prose" in message


def test_what_extends_may_itself_be_extended(load):
    found = load(c={"extends": "b", "reader": "pdf"}, b={"extends": "a", "reader": "html"}, a=LAYOUT)
    assert (found.reader, found.tables[0].columns) == ("pdf", TABLE["columns"])


def test_a_layout_that_extends_one_that_is_not_there_names_both(load):
    assert refusal(load, a={"extends": "b"}) == (
        "a.yml: extends: layout 'b' does not exist; known layouts: a"
    )


def test_a_layout_that_extends_itself_is_refused(load):
    assert refusal(load, a={"extends": "b"}, b={"extends": "a"}) == (
        "b.yml: extends: layout 'a' in the end extends itself"
    )


def test_a_layout_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(LayoutError, match="layout 'gdp' does not exist; known layouts: above_scale_frame, "):
        layout.load("gdp")


# ── wrong ones ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dataset": "figures"}, "layout: Value error, dataset 'figures' is not one of ['above_scale_frame'"),
        (
            {"reader": "doc"},
            "reader: Input should be 'csv', 'workbook', 'html', 'pdf', 'docx', 'text' or 'any'",
        ),
        ({"tables": []}, "a layout has either tables or prose"),
        ({"prose": PROSE}, "a layout has either tables or prose"),
        ({"sheet": "x"}, "sheet: Extra inputs are not permitted"),
        ({"tables": [{}]}, "tables.0.columns: Field required"),
        (
            {"tables": [TABLE | {"header_rows": []}]},
            "tables.0.header_rows: Tuple should have at least 1 item",
        ),
        ({"tables": [TABLE | {"header_rows": [0]}]}, "tables.0.header_rows.0: Input should be greater than"),
        ({"tables": [TABLE | {"unit_row": 0}]}, "tables.0.unit_row: Input should be greater than"),
        (
            {"tables": [TABLE, TABLE | {"grid": "("}]},
            "tables.1.grid: Value error, '(' is no regular expression",
        ),
        (
            {"tables": [TABLE | {"columns": {"县": "county"}}]},
            "['county'] are no fields of indicator_figures",
        ),
        (
            {"tables": [TABLE | {"constants": {"county": "x"}}]},
            "['county'] are no fields of indicator_figures",
        ),
        (
            {"tables": [TABLE | {"columns": {"地区": "area", "县": "area"}}]},
            "tables.0: Value error, fields are filled more than once: area",
        ),
        (
            {"tables": [TABLE | {"constants": {"area": "潍坊市"}}]},
            "tables.0: Value error, fields are filled more than once: area",
        ),
        (
            {"tables": [TABLE | {"ignored": {"地区": "known"}}]},
            "tables.0: Value error, headers are declared more than once: 地区",
        ),
        (
            {"tables": [TABLE | {"measures": {"总量": {"indicator": "海洋生产总值"}}}]},
            "fields are filled more than once: indicator, value",
        ),
        (
            {"tables": [TABLE | {"measures": {"总量": {"name": "x"}}}]},
            "tables.0.measures.总量.name: Extra inputs are not permitted",
        ),
        (
            {
                "dataset": "ledger_returns",
                "tables": [{"columns": {"月份": "month"}, "measures": {"进度": {"indicator": "x"}}}],
            },
            "['indicator', 'month', 'unit', 'value'] are no fields of ledger_returns",
        ),
        (
            {"tables": [TABLE | {"constants": {"period": "{year}年"}}]},
            "'{year}年': neither title nor file_name tells year",
        ),
        (
            {"constants": {"period": "{year}年"}},
            "constants.period: not every table's title or file_name tells of '{year}年'",
        ),
        (
            {"tables": [TABLE | {"title": {"pattern": "(?P<year>20..)年", "such_as": "去年"}}]},
            "such_as: '去年' does not tell all that '(?P<year>20..)年' asks for",
        ),
        ({"tables": [TABLE | {"labels": {"header": "县"}}]}, "labels: '县' is none of the columns"),
        (
            {
                "tables": [
                    TABLE | {"labels": {"header": "指标", "names": {"a": "b"}, "ignored_rows": {"a": "c"}}}
                ]
            },
            "tables.0.labels: Value error, a: both named and ignored",
        ),
        (
            {"tables": [TABLE | {"labels": {"header": "指标", "children": [""]}}]},
            "children.0: String should have",
        ),
        ({"tables": [TABLE | {"unit_in": "单位"}]}, "unit_in: it has no group 'unit'"),
        (
            {"tables": [TABLE | {"measures": {"总量": {"sets": {"unit": "亿元"}}}}]},
            "tables.0.measures.总量: Value error, sets: unit cannot be set here",
        ),
        ({"tables": [TABLE | {"groups": "(?P<area>.)"}]}, "fields are filled more than once: area"),
        ({"tables": [TABLE | {"groups": "(?P<county>.)"}]}, "['county'] are no fields of indicator_figures"),
        ({"decimal_mark": "·"}, "decimal_mark: Input should be '.', '、' or ','"),
        (
            {"dataset": "ledger_returns", "tables": [{"columns": {"单位": "unit"}}]},
            "['unit'] are no fields of ledger_returns",
        ),
    ],
)
def test_a_wrong_layout_is_named_with_its_file_and_entry(load, changes, message):
    refused = refusal(load, gdp=LAYOUT | changes)
    assert refused.startswith("gdp.yml: ")
    assert message in refused


def sentence(**changes):
    return {"sentences": [PROSE["sentences"][0] | changes]}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"period_from": r"\d{4}年"}, "prose: Value error, period_from: it has no group 'period'"),
        ({"period_from": "("}, "prose.period_from: Value error, '(' is no regular expression"),
        ({"head": {"标题": "note"}}, "prose: Value error, head: no label holds the origin_title"),
        ({"head": {"标题": "origin_title", "县": "county"}}, "['county'] are no fields of indicator_figures"),
        ({"constants": {"county": "x"}}, "['county'] are no fields of indicator_figures"),
        (sentence(constants={"county": "x"}), "['county'] are no fields of indicator_figures"),
        (sentence(pattern=r"(?P<gdp>\d)(?P<value>\d)"), "['gdp'] are no fields of indicator_figures"),
        (sentence(pattern="全市"), "prose.sentences.0: Value error, pattern: it has no group 'value'"),
        (sentence(items=r"(?P<value>\d)"), "prose.sentences.0: Value error, pattern: a sentence with items"),
        (
            sentence(pattern="(?P<items>.+)", items=r"\d"),
            "prose.sentences.0: Value error, items: it has no group 'value'",
        ),
        (
            sentence(pattern="全市("),
            "prose.sentences.0.pattern: Value error, '全市(' is no regular expression",
        ),
    ],
)
def test_a_wrong_grammar_is_named_with_its_file_and_entry(load, changes, message):
    assert load(good=BULLETIN).prose.fields == {"origin_title", "period", "value", "unit"}
    refused = refusal(load, bulletin=BULLETIN | {"prose": PROSE | changes})
    assert refused.startswith("bulletin.yml: ")
    assert message in refused


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "gdp.yml: expected entries such as `dataset:` and `reader:`"),
        ("- csv", "gdp.yml: expected entries such as `dataset:` and `reader:`"),
        ("dataset: [", "gdp.yml: not readable as YAML: "),
    ],
)
def test_a_file_that_is_no_layout_is_named(load, text, message):
    assert refusal(load, gdp=text).startswith(message)
