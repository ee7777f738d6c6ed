"""`blue-ledger plan` and another city's folder as a person uses them: what is printed, and how the command ends."""

from __future__ import annotations

import json

import pytest

from orchestration import cli, settings
from tests.cities import FIRST, SECOND, add_second_version, copy_of_bundled, rewrite, write_small_city

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of the city that is in use, to be spoiled."""
    folder = copy_of_bundled(tmp_path / "city")
    monkeypatch.setenv(settings.CITY_VARIABLE, str(folder))
    return folder


@pytest.fixture
def ask(capsys, monkeypatch):
    """Run the command line in this process: exit code, standard output, standard error."""

    def ask(*arguments):
        monkeypatch.setattr("sys.argv", ["blue-ledger", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return ask


def test_versions_are_listed_with_their_standing_and_their_rows(ask):
    code, out, _ = ask("plan", "list", "--json")
    [version] = json.loads(out)["versions"]
    assert (code, version["plan_version"], version["status"], version["is_assessed"]) == (
        0,
        FIRST,
        "draft",
        True,
    )
    assert (version["rows"]["plan_targets"], version["rows"]["plan_clauses"]) == (15, 126)
    assert f"{FIRST}  draft 征求意见稿, assessed" in ask("plan", "list")[1]


def test_a_second_version_stands_beside_the_first(ask, folder):
    add_second_version(folder)
    versions = json.loads(ask("plan", "list", "--json")[1])["versions"]
    assert [(v["plan_version"], v["is_assessed"], v["rows"]["plan_rules"]) for v in versions] == [
        (FIRST, True, 32),
        (SECOND, False, 31),
    ]


def test_a_good_city_has_no_fault(ask):
    code, out, _ = ask("plan", "check")
    assert code == 0
    assert out.endswith("tables, no fault\n")


def test_faults_are_told_with_file_and_line_and_end_with_2(ask, folder):
    def spoil(rows):
        rows[0]["task_id"] = "T999"
        return rows

    rewrite(folder, "plan/plan_task_actions.csv", spoil)
    code, out, _ = ask("plan", "check")
    assert code == 2
    assert (
        f"plan/plan_task_actions.csv, line 2, column task_id: 'T999'; expected what plan_tasks has of {FIRST}"
        in out
    )
    assert json.loads(ask("plan", "check", "--json")[1])["faults"][0]["line"] == 2


def test_differences_are_told_row_by_row_and_cell_by_cell(ask, folder):
    add_second_version(folder)
    code, out, _ = ask("plan", "diff", FIRST, SECOND, "--json")
    tables = json.loads(out)["tables"]
    assert code == 0
    assert {"key": {"target_id": "TG01"}, "column": "target_value", "old": "2000", "new": "2100"} in (
        tables["plan_targets"]["changed"]
    )
    out = ask("plan", "diff", FIRST, SECOND)[1]
    line = next(line for line in out.splitlines() if "target_value" in line)
    assert line.split() == ["plan_targets", "TG01", "changed", "target_value", "2000", "2100"]
    assert "2 rows added, 1 removed, 4 cells changed" in out


def test_a_version_beside_itself_says_the_same(ask):
    assert ask("plan", "diff", FIRST, FIRST)[:2] == (0, f"{FIRST} and {FIRST} say the same\n")


def test_a_version_that_is_not_there_is_bad_usage(ask):
    code, _, err = ask("plan", "diff", FIRST, "final")
    assert (code, err) == (
        2,
        f"plan/plan_versions.csv, column plan_version: there is no version 'final'; expected one of {FIRST}\n",
    )


def test_a_night_without_a_column_or_a_table_of_the_city_is_bad_usage(ask, folder, home):
    text = (folder / "plan" / "plan_rules.csv").read_text(encoding="utf-8")
    (folder / "plan" / "plan_rules.csv").write_text(text.replace("threshold", "limit", 1), encoding="utf-8")
    (folder / "areas.csv").unlink()
    code, _, err = ask("nightly", "--home", str(home.root))
    assert code == 2
    assert "plan/plan_rules.csv, line 1, column threshold: the table has no such column" in err
    assert "areas.csv: " in err and "has no such table" in err


def test_a_city_that_is_no_folder_is_bad_usage(ask, monkeypatch, tmp_path):
    monkeypatch.setenv(settings.CITY_VARIABLE, str(tmp_path / "nowhere"))
    code, _, err = ask("plan", "check")
    assert (code, err) == (2, f"BLUE_LEDGER_CITY: there is no folder {tmp_path / 'nowhere'}\n")


def test_another_city_and_a_changed_parameter_are_another_version_of_the_project(monkeypatch, tmp_path):
    bundled = settings.project_version()
    same = copy_of_bundled(tmp_path / "same")
    monkeypatch.setenv(settings.CITY_VARIABLE, str(same))
    assert settings.project_version() == bundled
    changed = copy_of_bundled(tmp_path / "changed")
    rewrite(changed, "plan_parameters.csv", lambda rows: [rows[0], *rows[2:]])
    monkeypatch.setenv(settings.CITY_VARIABLE, str(changed))
    assert settings.project_version() != bundled
    monkeypatch.setenv(settings.CITY_VARIABLE, str(write_small_city(tmp_path / "small")))
    assert settings.project_version() not in (bundled, "")
