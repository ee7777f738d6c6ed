"""Layouts: how one release of a dataset is printed, declared in YAML. Nothing here reads a file's cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from ingest.datasets import DATASETS
from ingest.declared import Declared, Pattern
from ingest.grammar import Prose

LAYOUTS = Path(__file__).parent / "layouts"
#: what a layout's constants call the city whose files it reads: no layout is of one city alone
THIS_CITY = "本市"
#: the safe loader in C where PyYAML was built with it: a catalogue names some twenty layouts, and reads each
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


#: entries of a file, each counted as often as it is referred to; the bundled catalogue has some thousand
_MAX_YAML_NODES = 200_000
_MAX_YAML_DEPTH = 50


def load_yaml(text: str) -> object:
    """What a YAML text says: plain values only, of a bounded number however often they are referred to.

    Raises:
        yaml.YAMLError: it is no YAML, names a Python object, is nested too deeply, or refers to itself or too often.
    """
    try:
        content = yaml.load(text, Loader=YAML_LOADER)
    except (RecursionError, ValueError) as error:
        raise yaml.YAMLError(f"nested too deeply, or a value that is none ({error})") from None
    left, count = [(content, 0)], 0
    while left:
        one, depth = left.pop()
        count += 1
        if count > _MAX_YAML_NODES or depth > _MAX_YAML_DEPTH:
            raise yaml.YAMLError(
                f"more than {_MAX_YAML_NODES:,} entries, aliases counted, or deeper than {_MAX_YAML_DEPTH}"
            )
        if isinstance(one, dict):
            left += [(value, depth + 1) for value in one.values()]
        elif isinstance(one, list | tuple | set):
            left += [(value, depth + 1) for value in one]
    return content


class LayoutError(Exception):
    """A layout file is wrong, or a file does not fit its layout; the message names both and what was expected."""


RowNumber = Annotated[int, Field(ge=1)]
Beginning = Annotated[str, Field(min_length=1)]
#: a place in a text that the title fills: {year}, {year-1}, {quarter*3}
_PLACE = re.compile(r"\{(?P<name>[a-z_]+)(?:(?P<sign>[-+*])(?P<by>\d+))?\}")


def places(text: str) -> set[str]:
    """The names of the places in a text that a title is to fill."""
    return {found["name"] for found in _PLACE.finditer(text)}


def fill(text: str, told: Mapping[str, str]) -> str:
    """The text with what a title told in its places: "{year}年1-{quarter*3}月" is "2024年1-6月".

    Raises:
        LayoutError: a place reckons with what is no number.
    """

    def value(place: re.Match[str]) -> str:
        printed = told[place["name"]]
        if not place["sign"]:
            return printed
        if not printed.isdecimal():
            raise LayoutError(f"{place.group()} of {text!r}: the title tells {printed!r}, which is no number")
        by = int(place["by"])
        return str(int(printed) * by if place["sign"] == "*" else int(printed) + int(place["sign"] + str(by)))

    # what is cumulated from January to January is January's
    return re.sub(r"(?<!\d)1-1月", "1月", _PLACE.sub(value, text))


class Tells(Declared):
    """What a text tells of all rows below it: the named groups of its pattern fill {places}.

    Whoever hands in a file that tells less is shown an example, not the pattern.
    """

    pattern: Pattern
    such_as: Beginning

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(re.compile(self.pattern).groupindex)

    def of(self, text: str) -> dict[str, str] | None:
        """What the text tells; None where it does not tell all that it should."""
        found = re.search(self.pattern, text)
        told = found.groupdict() if found else {}
        return told if found and None not in told.values() else None

    @model_validator(mode="after")
    def _example_is_one(self) -> Tells:
        if self.of(self.such_as) is None:
            raise ValueError(f"such_as: {self.such_as!r} does not tell all that {self.pattern!r} asks for")
        return self


class Title(Tells):
    """A row above the header that tells of all rows."""

    row: RowNumber = 1


class Measure(Declared):
    """A column of figures, in a table that is wide.

    Its indicator and what else it sets hold for every figure in it; what a label column says does not stand here.
    """

    indicator: str | None = None
    growth: str | None = None  # header of the column with the growth rates of these figures
    unit: str | None = None  # only where neither header, unit row nor title prints one
    sets: dict[str, str] = {}  # field -> text

    @property
    def constants(self) -> dict[str, str]:
        return self.sets | ({"indicator": self.indicator} if self.indicator else {})

    @model_validator(mode="after")
    def _sets_what_has_no_entry(self) -> Measure:
        if wrong := {"indicator", "value", "unit", "growth"} & self.sets.keys():
            raise ValueError(f"sets: {', '.join(sorted(wrong))} cannot be set here")
        return self


class Label(Declared):
    """What a printed label stands for, and by how many months its figures lag behind the title ("(1-上月)")."""

    name: str
    lag_months: Annotated[int, Field(ge=0, le=12)] = 0


class Labels(Declared):
    """A column of row labels in which print matters: indentation, 其中, padding, footnote marks.

    A label is looked up without footnote marks and white space, a child's below its parent's: "生产总值/工业".
    """

    header: str
    children: tuple[Beginning, ...] = ()  # beginnings that make a label a child of the last one without
    grandchildren: tuple[Beginning, ...] = ()
    by_path: bool = True  # false where a child's own label says all, as an area's does
    names: dict[str, str | Label] = {}  # label or path -> name; any other label is taken as it stands
    ignored_rows: dict[str, str] = {}  # label or path -> why its row is not kept

    @model_validator(mode="after")
    def _says_of_a_label_one_thing(self) -> Labels:
        if both := sorted(self.names.keys() & self.ignored_rows.keys()):
            raise ValueError(f"{', '.join(both)}: both named and ignored")
        return self


class Flattened(Declared):
    """A table that a page's text prints one cell a line, among other lines.

    It begins at the line that is the first header, and ends before the one that `until` matches, or with the text.
    """

    first_header: str
    cells: Annotated[int, Field(ge=2)]  # of a row
    until: Pattern | None = None


class Table(Declared):
    """One table of a file: where its header stands, where its data end, what its columns are.

    Rows are numbered from 1 as a person sees them. A header of several rows is joined by "/"; the second column of a
    name is "name@2", and the first without any is "". Headers, constants and what measures set may have {places},
    which the title or the file's name fills.
    """

    grid: Pattern = ".*"  # regular expression on the grid's name
    flattened: Flattened | None = None
    title: Title | None = None
    file_name: Tells | None = None
    header_rows: Annotated[tuple[RowNumber, ...], Field(min_length=1)] = (1,)
    unit_row: RowNumber | None = None
    #: a row above the header that states the unit of all measures without their own (单位:亿元), or a pattern with
    #: the group "unit" that one of those rows holds
    unit_in: RowNumber | Pattern | None = None
    codes_row: RowNumber | None = None  # below the header: 甲 乙 1 2 …
    repeated_header: bool = False  # printed anew on every page
    continues: bool = False  # runs on over the grids that follow, whether they print the header or not
    notes_begin: tuple[str, ...] = ("注:", "注：", "说明:", "说明：")
    footer_begins: tuple[
        str, ...
    ] = ()  # first words of the row at which the sheet's footer begins: all below is it
    furniture: tuple[str, ...] = ()  # first cells of rows that are decoration, such as a sheet's subtitle
    #: what alone in its row is a mark of the page: —  1  —, 第 1 页, 续表, (续)
    page_marks: Pattern = r"[—–-]+\s*\d+\s*[—–-]+|第\s*\d+\s*页.*|接?续(上)?表.*|.*[(（]续表?\d*[)）]"
    #: what alone in its row heads the rows below it; its named groups are fields
    groups: Pattern | None = None
    columns: dict[str, str]  # header -> field
    labels: Labels | None = None
    measures: dict[str, Measure] = {}
    ignored: dict[str, str] = {}  # header -> why the column does not leave landing
    constants: dict[str, str] = {}  # field -> text, where the file says it once for all rows

    @property
    def headers(self) -> list[str]:
        growth = [measure.growth for measure in self.measures.values() if measure.growth]
        return [*self.columns, *self.measures, *growth, *self.ignored]

    @property
    def head_rows(self) -> int:
        """The last row of the header, with the rows of units and of column codes."""
        return max(*self.header_rows, self.unit_row or 0, self.codes_row or 0)

    @property
    def is_row_by_row(self) -> bool:
        """Whether below the header each row stands by itself, so that a part of the rows is read as they all are."""
        carried = (self.flattened, self.continues, self.footer_begins, self.groups, self.labels)
        return not any(carried)

    @property
    def grouped(self) -> tuple[str, ...]:
        """The fields that rows heading others fill."""
        return tuple(re.compile(self.groups).groupindex) if self.groups else ()

    @property
    def fields(self) -> list[str]:
        """Every field that a record of this table has, as often as something fills it."""
        measured: set[str] = set()
        if self.measures:
            measured = {"value"}.union(*(measure.constants for measure in self.measures.values()))
            measured |= {"growth"} if any(measure.growth for measure in self.measures.values()) else set()
            measured |= {"unit"} - set(self.columns.values())
        return [*self.columns.values(), *self.constants, *sorted(measured), *self.grouped]

    @model_validator(mode="after")
    def _says_everything_once(self) -> Table:
        if twice := _twice(self.headers):
            raise ValueError(f"headers are declared more than once: {', '.join(twice)}")
        if twice := _twice(self.fields):
            raise ValueError(f"fields are filled more than once: {', '.join(twice)}")
        return self

    @model_validator(mode="after")
    def _refers_to_what_is_there(self) -> Table:
        if self.labels and self.labels.header not in self.columns:
            raise ValueError(f"labels: {self.labels.header!r} is none of the columns")
        if isinstance(self.unit_in, str) and "unit" not in re.compile(self.unit_in).groupindex:
            raise ValueError("unit_in: it has no group 'unit'")
        told = self.told
        for text in (*self.headers, *self.constants.values(), *self._set):
            if unknown := places(text) - told:
                raise ValueError(f"{text!r}: neither title nor file_name tells {', '.join(sorted(unknown))}")
        return self

    @property
    def told(self) -> set[str]:
        """The places that the title and the file's name fill."""
        return {name for told in (self.title, self.file_name) if told for name in told.names}

    @property
    def _set(self) -> list[str]:
        return [text for measure in self.measures.values() for text in measure.constants.values()]


class Layout(Declared):
    """How the files of a source are printed."""

    dataset: str
    reader: Literal["csv", "workbook", "html", "pdf", "docx", "text", "any"]
    tables: Annotated[tuple[Table, ...], Field(default=())]
    prose: Prose | None = None
    ignored_grids: dict[Pattern, str] = {}  # sheets or tables that hold no records -> why
    #: field -> text, for all tables; a layout that extends this one adds to them, a table's own come first
    constants: dict[str, str] = {}
    decimal_mark: Literal[".", "、", ","] = "."  # the mark before decimals; no other is then accepted
    bare_yi_is_money: bool = False  # this publisher's 亿 is 亿元

    def of_city(self, name_zh: str) -> Layout:
        """The same for the files of a city: its name where a constant says `本市`."""
        return Layout.model_validate(_named(self.model_dump(exclude_defaults=True), name_zh))

    @property
    def head_rows(self) -> int | None:
        """The rows that each part of a large file must begin with; None where a file is read as a whole."""
        rows = {table.head_rows for table in self.tables if table.is_row_by_row}
        return rows.pop() if len(self.tables) == 1 and rows else None

    @property
    def reads_name(self) -> bool:
        """Whether a file's name tells of its rows, so that the same bytes under another name are another document."""
        return any(table.file_name for table in self.tables)

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
        for field, text in self.constants.items():
            if self.tables and not all(places(text) <= table.told for table in self.tables):
                raise ValueError(f"constants.{field}: not every table's title or file_name tells of {text!r}")
        return self


def _twice(names: list[str]) -> list[str]:
    return sorted(name for name, times in Counter(names).items() if times > 1)


def _named(content: Any, city_zh: str) -> Any:
    if isinstance(content, list | tuple):
        return [_named(one, city_zh) for one in content]
    if not isinstance(content, dict):
        return content
    return {
        name: {field: city_zh if text == THIS_CITY else text for field, text in inner.items()}
        if name == "constants"
        else _named(inner, city_zh)
        for name, inner in content.items()
    }


@cache  # a night asks for every source's several times, and reading one takes some milliseconds
def load(name: str, directory: Path = LAYOUTS) -> Layout:
    """The layout of that name, as it was when it was first asked for; entries it lacks are those of the layout it extends.

    Raises:
        LayoutError: naming the file and the entry that is wrong.
    """
    return _load(name, directory, ())


def of_dataset(dataset: str, directory: Path = LAYOUTS) -> dict[str, Layout]:
    """The layouts for a dataset by name, for messages: one that does not load is told of where it is used."""
    found: dict[str, Layout] = {}
    for path in sorted(directory.glob("*.yml")):
        try:
            layout = load(path.stem, directory)
        except LayoutError:
            continue
        if layout.dataset == dataset:
            found[path.stem] = layout
    return found


def _load(name: str, directory: Path, extended_by: tuple[str, ...]) -> Layout:
    path = directory / f"{name}.yml"
    wanted_by = f"{extended_by[-1]}.yml: extends: " if extended_by else ""
    if name in extended_by:
        raise LayoutError(f"{wanted_by}layout {name!r} in the end extends itself")
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in directory.glob("*.yml")))
        raise LayoutError(f"{wanted_by}layout {name!r} does not exist; known layouts: {known}")
    try:
        content = load_yaml(path.read_text(encoding="utf-8"))
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
