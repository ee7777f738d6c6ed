"""The benchmarks' report: what people wrote in the document stays, what is measured is replaced, stages add up."""

import pytest

from tests.benchmarks import report

DOCUMENT = """\
# Performance
by hand
<!-- bench:night -->
old
<!-- /bench -->
more by hand
<!-- bench:suites -->
<!-- /bench -->
"""
NIGHT = """\
| night | whole, s | fetch | take | build | audit | publish | ratio |
|---|---|---|---|---|---|---|---|
| cold | 30.0 | 1.0 | 5.0 | 10.0 | 5.5 | 4.0 | 3.1 |
| nothing changed | 4.0 | 0.2 | — | — | — | — | 0.4 |
"""


def test_a_new_table_replaces_the_old_one_and_nothing_else():
    assert report.filled(DOCUMENT, {"night": "\nnew\n"}) == DOCUMENT.replace("old", "new")


def test_a_benchmark_without_a_place_is_told():
    with pytest.raises(LookupError, match="no place for readers"):
        report.filled(DOCUMENT, {"readers": "x"})


def test_what_a_night_takes_outside_its_stages_is_told_as_start_and_end():
    rows = report.stages(NIGHT)
    seconds = {(row["night"], row["stage"]): row["seconds"] for row in rows}
    assert seconds["cold", "start and end"] == 4.5
    assert seconds["nothing changed", "start and end"] == 3.8
    assert seconds["nothing changed", "take"] == 0.0
    assert len(rows) == 12


@pytest.mark.slow
def test_the_chart_holds_every_stage_of_every_night(tmp_path):
    report.draw(report.stages(NIGHT), tmp_path / "chart.svg")
    drawn = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert all(word in drawn for word in ("cold", "nothing changed", "start and end", "publish"))
