"""The lines of the work ledger: which body owes a return on which task and action. What was returned is not known here."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: the collective bodies of the plan, and the areas that each stands for
COLLECTIVES = {"G01": "county", "G02": "zone"}
#: a body without a name cannot file anything
UNNAMED = "G03"
ROLES_ZH = {
    "lead": "牵头",
    "joint_lead": "共同牵头",
    "cooperate": "配合",
    "joint": "按职责分工",
    "implement": "落实",
}


@dataclass(frozen=True)
class Line:
    """What one body is asked about one task, or about one action of it (`action_id`)."""

    plan_version: str
    body_id: str
    body_zh: str
    role: str
    task_id: str
    action_id: str | None
    text_zh: str

    @property
    def id(self) -> str:
        """Such as D05-T211, or D05-T211-03 for an action."""
        return f"{self.body_id}-{self.action_id or self.task_id}"


def lines(seeds: Path, plan_version: str | None = None) -> Iterator[Line]:
    """Every line of the ledger, body by body in the plan's order, each task followed by its actions.

    `seeds` is the city's folder of tables; `plan_version` None means every version. The collective bodies are their
    counties and zones, those outside the plan's own list included: whether these owe a return is not said here.
    """
    tasks = {(row["plan_version"], row["task_id"]): row for row in _rows(seeds, "plan/plan_tasks.csv")}
    actions: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in _rows(seeds, "plan/plan_task_actions.csv"):
        actions.setdefault((row["plan_version"], row["task_id"]), []).append(row)
    areas = _rows(seeds, "areas.csv")
    links: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    names = {
        (row["plan_version"], row["dept_id"]): row["short_name_zh"]
        for row in _rows(seeds, "plan/plan_departments.csv")
    }
    for link in _rows(seeds, "plan/plan_task_departments.csv"):
        version, dept = link["plan_version"], link["dept_id"]
        if dept == UNNAMED or plan_version not in (None, version):
            continue
        level = COLLECTIVES.get(dept)
        bodies = (
            [(area["area_id"], area["name_zh"]) for area in areas if area["area_level"] == level]
            if level
            else [(dept, names[version, dept])]
        )
        for body in bodies:
            links.setdefault((version, *body), []).append(link)
    for (version, body_id, body_zh), owed in links.items():
        for link in owed:
            key = (version, link["task_id"])
            head = (version, body_id, body_zh, link["role_code"], link["task_id"])
            yield Line(*head, None, tasks[key]["task_title_zh"])
            for action in actions.get(key, ()):
                yield Line(*head, action["action_id"], action["action_text_zh"])


def _rows(seeds: Path, name: str) -> list[dict[str, str]]:
    with (seeds / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
