"""The catalogue: what it says of a source, and what it says of its own faults."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from ingest import catalogue
from ingest.catalogue import CatalogueError

ENTRY = {
    "id": "gdp_county",
    "title_zh": "各县市区生产总值",
    "title_en": "GDP of counties",
    "publisher_zh": "潍坊市统计局",
    "dataset": "indicator_figures",
    "connector": "file",
    "location": "gdp.csv",
    "layout": "figures_csv",
    "cadence": "annual",
    "expected_by": ["03-31"],
    "licence": "公开数据",
    "tier": "M",
    "data_origin": "published",
    "owner_department": "D01",
}


@pytest.fixture
def load(tmp_path):
    """Load a catalogue of these entries; a file of other content where text is given."""

    def load(*entries, text=None):
        path = tmp_path / "sources.yml"
        path.write_text(
            yaml.safe_dump({"sources": list(entries)}) if text is None else text, encoding="utf-8"
        )
        return catalogue.load(path)

    return load


def refusal(load, *entries, text=None) -> str:
    with pytest.raises(CatalogueError) as error:
        load(*entries, text=text)
    return str(error.value)


# ── the bundled one and others ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def bundled():
    return catalogue.load()


def test_the_bundled_catalogue_loads_and_holds_no_source_without_owner_or_licence(bundled):
    assert len(bundled.sources) == len({source.id for source in bundled.sources}) == 22
    assert bundled.sources[0].id == "weifang_shandong_gop"
    assert all(source.owner_department and source.licence for source in bundled.sources)


def test_a_night_without_demo_data_uses_none_of_it(bundled):
    left_out = {source.id for source in bundled.enabled()} - {s.id for s in bundled.enabled(demo=False)}
    assert len(left_out) == 8 and all(id_.startswith("demo_") for id_ in left_out)
    assert {source.data_origin for source in bundled.enabled(demo=False)} == {"published", "submitted"}


def test_every_file_source_of_the_bundled_catalogue_is_there(bundled):
    folder = catalogue.BUNDLED_CATALOGUE.parent
    files = [source.location for source in bundled.sources if source.connector == "file"]
    assert len(files) == 13 and all((folder / location).is_file() for location in files)


def test_another_catalogue_file_is_read_with_the_same_rules(load):
    given = load(ENTRY, ENTRY | {"id": "gdp_city", "enabled": False, "tolerance_days": 400})
    assert [source.id for source in given.sources] == ["gdp_county", "gdp_city"]
    assert [source.id for source in given.enabled()] == ["gdp_county"]
    assert [source.tolerance_days for source in given.sources] == [30, 400]
    assert given.sources[0].max_rejected_share == 0.0 and given.sources[0].optional is False


# ── faults ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("cadence", "weekly", "'once', 'annual', 'quarterly', 'monthly' or 'irregular' (given: 'weekly')"),
        ("connector", "ftp", "'file', 'inbox', 'http' or 'demo' (given: 'ftp')"),
        ("tier", "A", "'O', 'P', 'M', 'E' or 'demo' (given: 'A')"),
        ("data_origin", "real", "'published', 'submitted' or 'demo' (given: 'real')"),
        ("owner_department", "统计局", "(given: '统计局')"),
        ("title_zh", "  ", "at least 1 character"),
        ("tolerance_days", -1, "greater than or equal to 0 (given: -1)"),
        ("max_rejected_share", 5, "less than or equal to 1 (given: 5)"),
        ("tolerance", 30, "Extra inputs are not permitted (given: 30)"),
        ("enabled", "perhaps", "valid boolean"),
    ],
)
def test_a_wrong_field_is_named_with_its_entry(load, field, value, expected):
    message = refusal(load, ENTRY | {field: value})
    assert message.startswith("sources.yml has 1 fault(s):\n  entry gdp_county, field " + field)
    assert expected in message


@pytest.mark.parametrize("text", ["3-31", "13-01", "02-30", "0331", "31-03", "０3-31", "03-31x"])
def test_a_day_that_is_no_month_and_day_is_named(load, text):
    message = refusal(load, ENTRY | {"expected_by": ["06-30", text]})
    assert "entry gdp_county, field expected_by.1: " in message
    assert repr(text) in message


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"dataset": "figures"}, "dataset", "'figures' is not one of above_scale_frame, "),
        (
            {"layout": "gdp_pdf"},
            "layout",
            "layout 'gdp_pdf' does not exist; known layouts: above_scale_frame,",
        ),
        (
            {"layout": "ledger_returns"},
            "layout",
            "'ledger_returns' is for ledger_returns, not for indicator_figures",
        ),
        ({"expected_by": []}, "expected_by", "a source of annual cadence says by which days"),
        ({"connector": "http"}, "location", "an http source needs an address that begins with http://"),
        ({"connector": "http", "location": "http:///gdp.csv"}, "location", "and names a host"),
        ({"connector": "http", "location": "http://[::1/gdp.csv"}, "location", "and names a host"),
        ({"tier": "demo"}, "data_origin", "demo data, and only demo data, have tier 'demo'"),
        ({"data_origin": "demo"}, "data_origin", "demo data, and only demo data, have tier 'demo'"),
        ({"connector": "demo"}, "data_origin", "what connector 'demo' makes is demo data"),
    ],
)
def test_fields_that_contradict_each_other_are_named_with_their_entry(load, changes, field, expected):
    message = refusal(load, ENTRY | changes)
    assert f"\n  entry gdp_county: {field}: " in message
    assert expected in message


def test_demo_data_never_have_the_tier_of_an_official_page(load):
    demo = {"connector": "demo", "data_origin": "demo"}
    assert "have tier 'demo'" in refusal(load, ENTRY | demo | {"tier": "O"})
    assert load(ENTRY | demo | {"tier": "demo"}).sources[0].tier == "demo"


def test_every_fault_of_every_entry_is_named_and_not_only_the_first(load):
    wrong = {key: value for key, value in ENTRY.items() if key != "licence"} | {"cadence": "weekly"}
    message = refusal(load, ENTRY, wrong | {"id": "gdp_city"}, ENTRY | {"id": "GDP", "tier": "A"})
    assert message.splitlines()[0] == "sources.yml has 4 fault(s):"
    assert "entry gdp_city, field cadence" in message
    assert "entry gdp_city, field licence: Field required" in message
    assert "entry GDP, field id" in message and "entry GDP, field tier" in message


def test_an_entry_without_an_id_is_named_by_its_number(load):
    nameless = {key: value for key, value in ENTRY.items() if key != "id"}
    assert "entry number 2, field id: Field required" in refusal(load, ENTRY, nameless)
    assert "entry number 1: " in refusal(load, "gdp_county")


def test_an_id_that_stands_twice_is_named(load):
    message = refusal(load, ENTRY, ENTRY | {"id": "gdp_city"}, ENTRY)
    assert message == "sources.yml has 1 fault(s):\n  catalogue: ids appear more than once: gdp_county"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "sources.yml: expected a list of entries under `sources:`"),
        ("- id: gdp", "sources.yml: expected a list of entries under `sources:`"),
        ("sources: [", "sources.yml: not readable as YAML"),
        ("sources:", "sources.yml has 1 fault(s):\n  sources: "),
        ("source: []", "sources: Field required"),
    ],
)
def test_a_file_that_is_no_catalogue_is_named(load, text, expected):
    assert expected in refusal(load, text=text)


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path):
    with pytest.raises(CatalogueError, match=r"other\.yml: there is no such catalogue"):
        catalogue.load(tmp_path / "other.yml")
    with pytest.raises(CatalogueError, match="expected a text file in UTF-8; reading it failed"):
        catalogue.load(tmp_path)
    (tmp_path / "gb.yml").write_bytes("sources: [] # 来源".encode("gb18030"))
    with pytest.raises(CatalogueError, match=r"gb\.yml: expected a text file in UTF-8"):
        catalogue.load(tmp_path / "gb.yml")


# ── when a publisher is due ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("days", "today", "due"),
    [
        (("03-31",), date(2026, 3, 30), (date(2024, 3, 31), date(2025, 3, 31))),
        (("03-31",), date(2026, 3, 31), (date(2025, 3, 31), date(2026, 3, 31))),
        (("10-20", "04-20", "07-20", "01-20"), date(2026, 5, 1), (date(2026, 1, 20), date(2026, 4, 20))),
        (("07-31", "01-31"), date(2026, 1, 31), (date(2025, 7, 31), date(2026, 1, 31))),
        (("02-29",), date(2026, 6, 1), (date(2025, 2, 28), date(2026, 2, 28))),
        (("02-29",), date(2024, 2, 28), (date(2022, 2, 28), date(2023, 2, 28))),
        ((), date(2026, 6, 1), None),
    ],
)
def test_a_source_was_due_on(source_of, days, today, due):
    assert source_of(expected_by=days).due_dates(today) == due
