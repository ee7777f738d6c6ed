"""Where every figure comes from and who reads it, as a page that opens by double click and as JSON: a part of every release.

The page is dbt's own (`dbt docs generate --static`), which is a template with two places for JSON. They are filled here: dbt
would have to be started once more, would open the build file again, and would write folders of this machine into the page.
"""

from __future__ import annotations

import json
import re
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from orchestration import marts
from orchestration.settings import PROJECT, city_folder
from warehouse.release import MartSpec

TEMPLATE = "dbt/task/docs/index.html"
#: dbt's page needs its own scripts and styles, which stand in it, and nothing from anywhere
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:;"
    " font-src data:; form-action 'none'; base-uri 'none'"
)
_HEAD = f'<head><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
#: said of the run and the machine, not of the project
_OF_THE_RUN = ("invocation_id", "invocation_started_at", "run_started_at", "user_id", "env", "project_id")


class LineageError(Exception):
    """dbt's page is not the page that was tried."""


def write_lineage(
    folder: Path, release_id: str, manifest: dict[str, Any], specs: list[MartSpec], rows: dict[str, int]
) -> None:
    """Write `index.html` and `lineage.json` into a folder, which is made. rows: of each mart, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(_lineage(release_id, manifest, specs, rows), ensure_ascii=False, indent=1) + "\n"
    (folder / "lineage.json").write_text(text, encoding="utf-8")
    (folder / "index.html").write_text(_page(release_id, manifest, specs, rows), encoding="utf-8")


def read_by(manifest: dict[str, Any]) -> dict[str, list[str]]:
    """The exposures that read each published table, by its name."""
    found: dict[str, list[str]] = {
        node["name"]: [] for node in manifest["nodes"].values() if marts.leaves_the_house(node)
    }
    for exposure in sorted(manifest["exposures"].values(), key=lambda one: one["name"]):
        for id_ in exposure["depends_on"]["nodes"]:
            found[manifest["nodes"][id_]["name"]].append(exposure["name"])
    return found


def _lineage(
    release_id: str, manifest: dict[str, Any], specs: list[MartSpec], rows: dict[str, int]
) -> dict[str, Any]:
    """Per mart: what it is made of, however far up, and what people read it in."""
    feeds, readers = marts.feeds(manifest), read_by(manifest)
    datasets = {source["name"] for source in manifest["sources"].values()}
    return {
        "release": release_id,
        "marts": {
            spec.name: {
                "zh": spec.description_zh,
                "en": spec.description_en,
                "key": spec.key,
                "rows": rows.get(spec.name),
                "datasets": sorted(feeds[spec.name] & datasets),
                "city_tables": sorted(feeds[spec.name] - datasets),
                "read_by": readers[spec.name],
            }
            for spec in specs
        },
        "exposures": {
            exposure["name"]: {
                "label": exposure["label"],
                "description": exposure["description"],
                "owner": exposure["owner"]["name"],
                "type": exposure["type"],
            }
            for exposure in manifest["exposures"].values()
        },
    }


def _page(release_id: str, manifest: dict[str, Any], specs: list[MartSpec], rows: dict[str, int]) -> str:
    page = Path(str(distribution("dbt-core").locate_file(TEMPLATE))).read_text(encoding="utf-8")
    shown = _shown(manifest, specs, release_id)
    parts = {
        '"MANIFEST.JSON INLINE DATA"': _inline(shown),
        '"CATALOG.JSON INLINE DATA"': _inline(_catalogue(shown, specs, rows)),
        "<head>": _HEAD,
    }
    for place, content in parts.items():
        if page.count(place) != 1:
            raise LineageError(f"dbt's page has {page.count(place)} places {place}; expected one")
        page = page.replace(place, content)
    return page


def _inline(content: dict[str, Any]) -> str:
    """JSON inside a script: no text of it may end the script, or tell of a folder of this machine."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    for folder in (PROJECT, city_folder()):
        text = text.replace(f"{folder}/", "")
    return text


def _shown(manifest: dict[str, Any], specs: list[MartSpec], release_id: str) -> dict[str, Any]:
    """dbt's manifest as the page needs it: ours alone, in both languages, and nothing of the run or the machine."""
    said = {spec.name: spec for spec in specs}
    is_ours = re.compile(r"(macro|doc)\.blue_ledger\.").match
    metadata = {key: value for key, value in manifest["metadata"].items() if key not in _OF_THE_RUN}

    def told(node: dict[str, Any]) -> dict[str, Any]:
        node = node | {
            "depends_on": node["depends_on"]
            | {"macros": list(filter(is_ours, node["depends_on"].get("macros", ())))}
        }
        node.pop("root_path", None)
        node.pop("unrendered_config", None)
        spec = said.get(node["name"]) if marts.leaves_the_house(node) else None
        if spec is None:
            return node
        columns = {
            column.name: node["columns"][column.name]
            | {"description": f"{column.description_zh} | {column.description_en}"}
            for column in spec.columns
        }
        return node | {"columns": columns, "description": f"{spec.description_zh} | {spec.description_en}"}

    return manifest | {
        "metadata": metadata,
        "nodes": {id_: told(node) for id_, node in manifest["nodes"].items()},
        "sources": {
            id_: {key: value for key, value in source.items() if key != "root_path"}
            for id_, source in manifest["sources"].items()
        },
        "macros": {id_: macro for id_, macro in manifest["macros"].items() if is_ours(id_)},
        "docs": {
            id_: doc | {"block_contents": f"发布 Release **{release_id}**\n\n{doc['block_contents']}"}
            for id_, doc in manifest["docs"].items()
            if is_ours(id_)
        },
        "unit_tests": {},
    }


def _catalogue(shown: dict[str, Any], specs: list[MartSpec], rows: dict[str, int]) -> dict[str, Any]:
    """What dbt would read from the build file, of what is published: types, and the rows of this release."""
    said = {spec.name: spec for spec in specs}
    nodes = {}
    for id_, node in shown["nodes"].items():
        if not marts.leaves_the_house(node):
            continue
        spec = said[node["name"]]
        nodes[id_] = {
            "unique_id": id_,
            "metadata": {
                "type": "BASE TABLE",
                "schema": "main",
                "name": spec.name,
                "database": "marts",
                "comment": None,
                "owner": None,
            },
            "columns": {
                column.name: {"type": column.type or "", "index": n, "name": column.name, "comment": None}
                for n, column in enumerate(spec.columns, start=1)
            },
            "stats": {
                "has_stats": {
                    "id": "has_stats",
                    "label": "Has Stats?",
                    "value": True,
                    "include": False,
                    "description": "",
                },
                "row_count": {
                    "id": "row_count",
                    "label": "行数 Rows",
                    "value": rows.get(spec.name, 0),
                    "include": True,
                    "description": "Rows in this release",
                },
            },
        }
    return {"metadata": {}, "nodes": nodes, "sources": {}, "errors": None}
