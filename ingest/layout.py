"""Layouts: how one release of a dataset is printed, declared in YAML. Nothing here reads a file's cells."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from ingest.datasets import DATASETS
from ingest.declared import Declared, Pattern
from ingest.grammar import Prose

LAYOUTS = Path(__file__).parent / "layouts"
#: the safe loader in C where PyYAML was built with it: a catalogue names some twenty layouts, and reads each
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class LayoutError(Exception):
    """A layout file is wrong, or a file does not fit its layout; the message names both and what was expected."""


RowNumber = Annotated[int, Field(ge=1)]


class Measure(Declared):
    """A column that holds one indicator's figures, in a table that is wide."""

    indicator: str
    growth: str | None = None  # header of the column with this indicator's growth rate
    unit: str | None = None  # only where neither header nor unit row prints one


class Table(Declared):
    """One table of a file: where its header stands, where its data end, what its columns are.

    Rows are numbered from 1 as a person sees them. A header of several rows is joined by "/".
    """

    grid: Pattern = ".*"  # regular expression on the grid's name
    header_rows: Annotated[tuple[RowNumber, ...], Field(min_length=1)] = (1,)
    unit_row: RowNumber | None = None
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

    @property
    def fields(self) -> list[str]:
        """Every field that a record of this table has, as often as something fills it."""
        measured = ["indicator", "value", "unit", "growth"] if self.measures else []
        return [*self.columns.values(), *self.constants, *measured]

    @model_validator(mode="after")
    def _says_everything_once(self) -> Table:
        if twice := _twice(self.headers):
            raise ValueError(f"headers are declared more than once: {', '.join(twice)}")
        if twice := _twice(self.fields):
            raise ValueError(f"fields are filled more than once: {', '.join(twice)}")
        return self


class Layout(Declared):
    """How the files of a source are printed."""

    dataset: str
    reader: Literal["csv", "workbook", "html", "pdf", "docx", "text", "any"]
    tables: Annotated[tuple[Table, ...], Field(default=())]
    prose: Prose | None = None
    ignored_grids: dict[Pattern, str] = {}  # sheets or tables that hold no records -> why
    #: field -> text, for all tables; a layout that extends this one adds to them, a table's own come first
    constants: dict[str, str] = {}

    @model_validator(mode="after")
    def _fits_its_dataset(self) -> Layout:
        if self.dataset not in DATASETS:
            raise ValueError(f"dataset {self.dataset!r} is not one of {sorted(DATASETS)}")
        if bool(self.tables) == bool(self.prose):
            raise ValueError("a layout has either tables or prose")
        fields = {field.name for field in DATASETS[self.dataset].fields}
        if any(field.kind == "quantity" for field in DATASETS[self.dataset].fields):
            fields.add("unit")
        named = set().union(*(table.fields for table in self.tables))
        named |= self.prose.fields if self.prose else set()
        named |= set(self.constants)
        if self.prose and self.constants:
            raise ValueError("constants: those of a bulletin stand under prose")
        printed = {field for table in self.tables for field in table.fields if field not in table.constants}
        if both := sorted(printed & set(self.constants)):
            raise ValueError(f"{', '.join(both)}: both a column and a constant")
        if unknown := named - fields:
            raise ValueError(f"{sorted(unknown)} are no fields of {self.dataset}; it has {sorted(fields)}")
        return self


def _twice(names: list[str]) -> list[str]:
    return sorted(name for name, times in Counter(names).items() if times > 1)


def load(name: str, directory: Path = LAYOUTS) -> Layout:
    """The layout of that name; entries it does not have are those of the layout it extends.

    Raises:
        LayoutError: naming the file and the entry that is wrong.
    """
    return _load(name, directory, ())


def _load(name: str, directory: Path, extended_by: tuple[str, ...]) -> Layout:
    path = directory / f"{name}.yml"
    wanted_by = f"{extended_by[-1]}.yml: extends: " if extended_by else ""
    if name in extended_by:
        raise LayoutError(f"{wanted_by}layout {name!r} in the end extends itself")
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in directory.glob("*.yml")))
        raise LayoutError(f"{wanted_by}layout {name!r} does not exist; known layouts: {known}")
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=YAML_LOADER)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LayoutError(f"{path.name}: not readable as YAML: {error}") from error
    if not isinstance(content, dict):
        raise LayoutError(f"{path.name}: expected entries such as `dataset:` and `reader:`")
    if parent := content.pop("extends", None):
        inherited = _load(parent, directory, (*extended_by, name)).model_dump(exclude_defaults=True)
        constants = inherited.get("constants", {}) | (content.get("constants") or {})
        content = inherited | content | {"constants": constants}
    try:
        return Layout.model_validate(content)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'layout'}: {e['msg']}" for e in error.errors())
        raise LayoutError(f"{path.name}: {faults}") from error
