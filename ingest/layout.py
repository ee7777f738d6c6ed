"""Layouts: how one release of a dataset is printed, declared in YAML. Nothing here reads a file's cells."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ingest.datasets import DATASETS

LAYOUTS = Path(__file__).parent / "layouts"


class LayoutError(Exception):
    """A layout file is wrong, or a file does not fit its layout; the message names both and what was expected."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Measure(_Strict):
    """A column that holds one indicator's figures, in a table that is wide."""

    indicator: str
    growth: str | None = None  # header of the column with this indicator's growth rate
    unit: str | None = None  # only where neither header nor unit row prints one


class Table(_Strict):
    """One table of a file: where its header stands, where its data end, what its columns are.

    Rows are numbered from 1 as a person sees them. A header of several rows is joined by "/".
    """

    grid: str = ".*"  # regular expression on the grid's name
    header_rows: tuple[int, ...] = (1,)
    unit_row: int | None = None
    repeated_header: bool = False  # printed anew on every page
    notes_begin: tuple[str, ...] = ("注:", "注：", "说明:", "说明：")
    furniture: tuple[str, ...] = ()  # first cells of rows that are decoration, such as a sheet's subtitle
    columns: dict[str, str]  # header -> field
    measures: dict[str, Measure] = {}
    ignored: dict[str, str] = {}  # header -> why the column does not leave landing
    constants: dict[str, str] = {}  # field -> text, where the file says it once for all rows

    @property
    def headers(self) -> list[str]:
        growth = [measure.growth for measure in self.measures.values() if measure.growth]
        return [*self.columns, *self.measures, *growth, *self.ignored]


class Sentence(_Strict):
    """A sentence that the prose grammar knows: one pattern, or a list of items that share a pattern."""

    name: str
    pattern: str  # named groups are fields; "unit" is the quantity's unit
    items: str | None = None  # pattern of one item inside the group "items"
    constants: dict[str, str] = {}


class Prose(_Strict):
    """A bulletin text: head lines `label:value`, then sentences."""

    head: dict[str, str]  # label -> field, or "" for furniture
    period_from: str  # pattern with the group "period", looked up in the title
    sentences: tuple[Sentence, ...]
    constants: dict[str, str] = {}


class Layout(_Strict):
    """How the files of a source are printed."""

    dataset: str
    reader: Literal["csv", "xlsx", "html", "pdf", "text"]
    tables: Annotated[tuple[Table, ...], Field(default=())]
    prose: Prose | None = None

    @model_validator(mode="after")
    def _fits_its_dataset(self) -> Layout:
        if self.dataset not in DATASETS:
            raise ValueError(f"dataset {self.dataset!r} is not one of {sorted(DATASETS)}")
        if bool(self.tables) == bool(self.prose):
            raise ValueError("a layout has either tables or prose")
        fields = {field.name for field in DATASETS[self.dataset].fields} | {"unit"}
        named: set[str] = set()
        for table in self.tables:
            named |= set(table.columns.values()) | set(table.constants)
        if self.prose:
            named |= {name for name in self.prose.head.values() if name} | set(self.prose.constants)
        if unknown := named - fields:
            raise ValueError(f"{sorted(unknown)} are no fields of {self.dataset}; it has {sorted(fields)}")
        return self


def load(name: str, directory: Path = LAYOUTS) -> Layout:
    """The layout of that name.

    Raises:
        LayoutError: naming the file and the entry that is wrong.
    """
    path = directory / f"{name}.yml"
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in directory.glob("*.yml")))
        raise LayoutError(f"layout {name!r} does not exist; known layouts: {known}")
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if parent := content.pop("extends", None):
        content = load(parent, directory).model_dump(exclude_defaults=True) | content
    try:
        return Layout.model_validate(content)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'layout'}: {e['msg']}" for e in error.errors())
        raise LayoutError(f"{path.name}: {faults}") from error
