"""Reference tables that ingest reads by: areas, indicators and vocabularies. Their content is data, never code."""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from ingest import ledger
from ingest.normalise import NormaliseError
from ingest.normalise.areas import AreaIndex
from ingest.normalise.company_names import Regions

VOCABULARIES = Path(__file__).parent / "vocabularies.yml"


@dataclass(frozen=True)
class Reference:
    """The tables of one city: areas and indicators from the seeds folder, words from ``vocabularies.yml``."""

    seeds: Path

    def _rows(self, name: str) -> list[dict[str, str]]:
        with (self.seeds / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @cached_property
    def areas(self) -> AreaIndex:
        return AreaIndex.from_rows(self._rows("area_aliases.csv"))

    @cached_property
    def city_zh(self) -> str:
        """The city's name as it is printed."""
        return next(row["name_zh"] for row in self._rows("areas.csv") if row["area_level"] == "city")

    @cached_property
    def regions(self) -> Regions:
        """Places that names of companies begin with."""
        return Regions.from_rows(self._rows("area_aliases.csv"), self._rows("areas.csv"))

    @cached_property
    def indicators(self) -> dict[str, str]:
        """Indicator code by name as printed, white space removed."""
        return {_squeeze(row["alias"]): row["indicator_code"] for row in self._rows("indicator_aliases.csv")}

    @cached_property
    def _vocabularies(self) -> dict[str, Any]:
        words: dict[str, Any] = yaml.safe_load(VOCABULARIES.read_text(encoding="utf-8"))
        return words

    def indicator(self, text: str) -> str:
        """The code of an indicator's printed name; raises NormaliseError on a name that is not listed."""
        try:
            return self.indicators[_squeeze(text)]
        except KeyError:
            raise NormaliseError(
                f"unknown indicator {text!r}", "a name listed in indicator_aliases.csv"
            ) from None

    @cached_property
    def _ledger_lines(self) -> dict[str, tuple[str, str, str | None]]:
        return {line.id: (line.body_id, line.task_id, line.action_id) for line in ledger.lines(self.seeds)}

    def ledger_line(self, text: str) -> tuple[str, str, str | None]:
        """Body, task and action of a line of the work ledger; raises NormaliseError on a line that the plan does not have."""
        try:
            return self._ledger_lines["".join(text.split())]
        except KeyError:
            raise NormaliseError(
                f"{text!r} is no line of the work ledger",
                "body and task as the form prints them, such as D05-T211",
            ) from None

    def word(self, vocabulary: str, text: str) -> str:
        """The code of a printed word; raises NormaliseError on a word that is not listed."""
        words = {_squeeze(str(key)): str(code) for key, code in self._vocabularies[vocabulary].items()}
        squeezed = _squeeze(text)
        if squeezed in words:
            return words[squeezed]
        if vocabulary in self._vocabularies["by_beginning"]:
            beginnings = [word for word in words if squeezed.startswith(word)]
            if beginnings:
                return words[max(beginnings, key=len)]
        raise NormaliseError(f"unknown word {text!r} for {vocabulary}", "one of " + "、".join(words))


def _squeeze(text: str) -> str:
    """As words are compared: without white space, and punctuation of full width as that of half width."""
    return unicodedata.normalize("NFKC", "".join(text.split()))
