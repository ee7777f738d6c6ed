"""One word for a code: what is said elsewhere, because it must, is what the table says."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml

from ingest.ledger import ROLES_ZH
from warehouse import words
from warehouse.bi.dictionary import codes_in
from warehouse.words import chinese

DBT = Path(__file__).parents[2] / "dbt_project"


def described(table: str, column: str) -> str:
    """What the dictionary says of a mart's column in Chinese."""
    for file in sorted((DBT / "models" / "marts").glob("_*.yml")):
        for model in yaml.safe_load(file.read_text("utf-8")).get("models") or ():
            if model["name"] == table:
                [found] = [one for one in model["columns"] if one["name"] == column]
                return found["config"]["meta"]["zh"]
    raise KeyError(table)


@pytest.mark.parametrize(
    ("table", "column", "said"),
    [
        ("fct_cluster_title", "status", words.CLUSTER_STATUSES),
        ("task_ledger", "role", words.ROLES),
        ("task_ledger", "status", words.TASK_STATUSES),
        ("obligation_calendar", "status", words.OBLIGATION_STATUSES),
    ],
)
def test_the_dictionary_of_the_marts_says_the_same_words(table, column, said):
    assert dict(codes_in(described(table, column))) == chinese(said)


def test_the_form_of_the_ledger_asks_for_roles_by_the_same_words():
    assert chinese(words.ROLES) == ROLES_ZH


def test_the_seed_of_vintages_has_the_same_words():
    with (DBT / "seeds" / "vintages.csv").open(encoding="utf-8", newline="") as file:
        seeded = {row["vintage"]: row["label_zh"] for row in csv.DictReader(file)}
    assert seeded.items() <= chinese(words.VINTAGES).items()


def test_what_a_rule_asks_for_is_a_number_or_has_words():
    with (DBT / "seeds" / "plan" / "plan_rules.csv").open(encoding="utf-8", newline="") as file:
        asked = {row["threshold"] for row in csv.DictReader(file)} - {""}
    assert {text for text in asked if not text.replace(".", "").isdigit()} == set(words.RULE_THRESHOLDS)


def test_a_mark_before_the_words_is_no_word():
    assert chinese(words.RESULTS)["violation"] == "不符合"
