"""The bundle that Superset imports: one zip of YAML files, its bytes and ids a function of the release's dictionary alone."""

from __future__ import annotations

import io
import uuid
import zipfile
from pathlib import Path
from typing import Any

import yaml

from warehouse.bi import charts as drawing
from warehouse.bi.charts import LayoutError
from warehouse.bi.datasets import DEMO_MARK, Dataset, as_yaml, datasets
from warehouse.bi.dictionary import tables
from warehouse.home import Home
from warehouse.reader import run_query
from warehouse.release import Release

LAYOUT = Path(__file__).with_name("layout.yml")
FOLDER = "blue_ledger"
NAMESPACE = uuid.UUID(
    "5a5f2c0e-7a3b-5d0e-9a53-0a6d1c7f4b10"
)  # ids are made from names in this space; never change it
DATABASE = "蓝账(当前发布)"
# Where a bundle that is made for nobody in particular has the address of the file, to be filled in by whoever imports it.
PLACEHOLDER = "duckdb:////PATH/TO/HOME/current/marts.duckdb"
_STAMP = (1980, 1, 1, 0, 0, 0)

# As warehouse.engine.connect_reader: a way to a release, and to nothing else. superset_config.py lays the same upon every
# connection, whatever the database entry says.
CONNECT_ARGS = {
    "read_only": True,
    "config": {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "enable_external_access": "false",
        "python_enable_replacements": "false",
        "temp_directory": "",
        "threads": "2",
        "memory_limit": "1GB",
        "lock_configuration": "true",
    },
}


def make(release: Release, home: Home | None = None, layout: Path = LAYOUT) -> bytes:
    """The bundle as bytes; with `home`, the database entry reads that home's current release.

    Raises:
        LayoutError: the layout asks for a table, column or metric that the release does not have.
        ValueError: a column of the release has no description in Chinese.
    """
    files = entries(release, home, yaml.safe_load(layout.read_text(encoding="utf-8")))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in files.items():
            text = yaml.dump(content, Dumper=yaml.CSafeDumper, allow_unicode=True, width=120)
            member = zipfile.ZipInfo(f"{FOLDER}/{name}", _STAMP)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            bundle.writestr(member, text)
    return buffer.getvalue()


def entries(release: Release, home: Home | None, layout: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every file of the bundle by its name, in the order of the archive."""
    known = datasets(tables(release))
    files: dict[str, dict[str, Any]] = {
        "metadata.yaml": {"version": "1.0.0", "type": "Dashboard", "timestamp": "1980-01-01T00:00:00+00:00"},
        "databases/blue_ledger.yaml": _database(home),
    }
    for name, dataset in known.items():
        files[f"datasets/blue_ledger/{name}.yaml"] = as_yaml(
            dataset, identity("dataset", name), identity("database", "")
        )
    for name, chart in layout["charts"].items():
        dataset = _dataset(f"chart {name}", chart["table"], known)
        files[f"charts/{name}.yaml"] = drawing.as_yaml(
            name, chart, dataset, identity("chart", name), identity("dataset", chart["table"])
        )
    files["dashboards/blue_ledger.yaml"] = _dashboard(layout, known, _banner(release))
    return files


def identity(kind: str, name: str) -> str:
    """The same id for the same thing in every bundle, so that an import replaces and never doubles."""
    return str(uuid.uuid5(NAMESPACE, f"{kind}/{name}"))


def _database(home: Home | None) -> dict[str, Any]:
    return {
        "database_name": DATABASE,
        "sqlalchemy_uri": f"duckdb:///{home.current / 'marts.duckdb'}" if home else PLACEHOLDER,
        "cache_timeout": 0,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_file_upload": False,
        "impersonate_user": False,
        "extra": {
            "engine_params": {"connect_args": CONNECT_ARGS},
            "metadata_params": {},
            "metadata_cache_timeout": {},
            "schemas_allowed_for_file_upload": [],
            "allows_virtual_table_explore": True,
        },
        "uuid": identity("database", ""),
        "version": "1.0.0",
    }


def _banner(release: Release) -> str:
    """【征求意见稿】 while the plan is a draft; nothing once it is issued."""
    found = run_query(release, "select banner_zh from meta.release where plan_status = 'draft'")[
        "banner_zh"
    ].to_list()
    return "".join(f"【方案为{text}】" for text in found if text)


def _dataset(asker: str, table: str, known: dict[str, Dataset]) -> Dataset:
    if table not in known:
        raise LayoutError(f"{asker}: the release has no table {table}")
    return known[table]


# ── the dashboard ────────────────────────────────────────────────────────────────────────────────────────────────


def _dashboard(layout: dict[str, Any], known: dict[str, Dataset], banner: str) -> dict[str, Any]:
    return {
        "dashboard_title": layout["title"],
        "description": layout["description"],
        "slug": layout["slug"],
        "css": "",
        "published": True,
        "uuid": identity("dashboard", ""),
        "position": _position(layout, banner),
        "metadata": {
            "color_scheme": "supersetColors",
            "label_colors": _colours(layout["colours"]),
            "shared_label_colors": [],
            "cross_filters_enabled": False,
            "expanded_slices": {},
            "refresh_frequency": 0,
            "timed_refresh_immune_slices": [],
            "default_filters": "{}",
            "filter_bar_orientation": "HORIZONTAL",
            "native_filter_configuration": [_native_filter(one, layout, known) for one in layout["filters"]],
        },
        "version": "1.0.0",
    }


def _colours(of_words: dict[str, str]) -> dict[str, str]:
    """Every word's colour, and half as strong where the word is of demo data: two parts of one bar are told apart."""

    def paler(colour: str) -> str:
        return "#" + "".join(f"{(int(colour[at : at + 2], 16) + 255) // 2:02X}" for at in (1, 3, 5))

    return of_words | {f"{word}{DEMO_MARK}": paler(colour) for word, colour in of_words.items()}


def _position(layout: dict[str, Any], banner: str) -> dict[str, Any]:
    """The tree of rows and tabs, each node by its id."""
    nodes: dict[str, Any] = {"DASHBOARD_VERSION_KEY": "v2"}
    numbers = {name: number for number, name in enumerate(layout["charts"], start=1)}

    def add(kind: str, key: str, parents: list[str], meta: dict[str, Any] | None = None) -> list[str]:
        node = {"type": kind, "id": key, "children": [], "meta": meta or {}}
        if parents:
            node["parents"] = parents
            nodes[parents[-1]]["children"].append(key)
        nodes[key] = node
        return [*parents, key]

    def add_chart(name: str, width: int, height: int, parents: list[str]) -> None:
        if name not in numbers:
            raise LayoutError(f"the dashboard asks for a chart {name} that layout.yml does not declare")
        meta = {"chartId": numbers[name], "uuid": identity("chart", name), "width": width, "height": height}
        add("CHART", f"CHART-{name}", parents, meta | {"sliceName": layout["charts"][name]["title"]})

    plain = {"background": "BACKGROUND_TRANSPARENT"}
    root = add("ROOT", "ROOT_ID", [])
    nodes["HEADER_ID"] = {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": layout["title"]}}
    grid = add("GRID", "GRID_ID", root)
    top = add("ROW", "ROW-top", grid, plain)
    text = layout["header"].format(banner=banner)
    add("MARKDOWN", "MARKDOWN-header", top, {"code": text, "width": 5, "height": 22})
    add_chart(layout["top"], 7, 22, top)
    tabs = add("TABS", "TABS-all", grid)
    for number, tab in enumerate(layout["tabs"]):
        inside = add("TAB", _tab_id(layout, tab["title"]), tabs, {"text": tab["title"]})
        for place, row in enumerate(tab["rows"]):
            line = add("ROW", f"ROW-{number}-{place}", inside, plain)
            for cell in row:
                add_chart(cell["chart"], cell["width"], cell["height"], line)
    return nodes


def _tab_id(layout: dict[str, Any], title: str) -> str:
    return f"TAB-{[tab['title'] for tab in layout['tabs']].index(title)}"


def _native_filter(one: dict[str, Any], layout: dict[str, Any], known: dict[str, Dataset]) -> dict[str, Any]:
    dataset = _dataset(f"filter {one['name']}", one["table"], known)
    if dataset.column(one["column"]) is None:
        raise LayoutError(f"filter {one['name']}: {one['table']} has no column {one['column']}")
    scope = [_tab_id(layout, title) for title in one.get("tabs", ())] or ["ROOT_ID"]
    return {
        "id": f"NATIVE_FILTER-{identity('filter', one['name'])[:8]}",
        "name": one["name"],
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "targets": [{"datasetUuid": identity("dataset", one["table"]), "column": {"name": one["column"]}}],
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "cascadeParentIds": [],
        "scope": {"rootPath": scope, "excluded": []},
        "controlValues": {
            "multiSelect": True,
            "enableEmptyFilter": False,
            "defaultToFirstItem": False,
            "searchAllOptions": False,
            "inverseSelection": False,
            "sortAscending": True,
        },
        "description": "",
    }
