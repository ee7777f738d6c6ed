"""Writes all demo files into a folder. What each file holds is decided in its own module."""

import json
from datetime import date
from pathlib import Path

from ingest.demo import clusters, frame, green, ledger, records
from ingest.demo.errors import DemoError
from ingest.demo.places import read_places
from ingest.demo.pools import read_plan
from ingest.demo.register import write_register

GENERATOR_VERSION = "3"
MIN_COMPANIES = 300  # with fewer, chance may leave too few firms in the frame for the green lists
MANIFEST = "demo.json"
FILES = {
    "enterprise_register": "demo_enterprise_register.csv",
    "above_scale_frame": "demo_above_scale_frame.xlsx",
    "digital_assessment": "demo_digital_assessment.html",
    "clusters": "demo_clusters.xlsx",
    "cluster_members": "demo_cluster_members.csv",
    "green_provincial": "demo_green_provincial.html",
    "green_municipal": "demo_green_municipal.pdf",
    "ledger_returns": "demo_ledger_returns.csv",
    "plan_records": "demo_plan_records.csv",
    "programmes": "demo_programmes.csv",
}


def generate(
    out: Path,
    companies: int = 20_000,
    seed: int = 20241011,
    reference_date: date = date(2026, 10, 31),
    *,
    plan_dir: Path,
) -> dict[str, Path]:
    """Write the demo registers to `out` and return their paths by dataset.

    The same arguments give the same bytes. `plan_dir` is the folder of seeds: areas.csv, and the plan's area
    industries, departments and task departments under plan/. `demo.json` is written last: a folder without it
    is incomplete.
    Raises DemoError for arguments that cannot be met or plan tables that lack what is needed.
    """
    if companies < MIN_COMPANIES:
        raise DemoError(f"companies={companies}: at least {MIN_COMPANIES} are needed to fill the other files")
    if seed < 0:
        raise DemoError(f"seed={seed}: must not be negative")
    plan = read_plan(plan_dir)
    places = read_places(plan)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / MANIFEST).unlink(missing_ok=True)
    paths = {dataset: out / name for dataset, name in FILES.items()}
    rows = {}

    current, exited = frame.frame_size(companies)
    register = write_register(
        paths["enterprise_register"], companies, seed, reference_date, places, current + exited
    )
    rows["enterprise_register"] = register.rows
    firms = frame.date_frame(register.frame, exited, seed, reference_date)
    rows["above_scale_frame"] = frame.write_frame(paths["above_scale_frame"], firms, places, reference_date)
    rows["digital_assessment"] = frame.write_assessments(
        paths["digital_assessment"], firms, seed, reference_date
    )

    titles, members = clusters.make_clusters(plan, firms, register.others, seed, reference_date)
    rows["clusters"] = clusters.write_clusters(paths["clusters"], titles, places, reference_date)
    rows["cluster_members"] = clusters.write_members(paths["cluster_members"], members)

    municipal = green.make_events(green.MUNICIPAL, firms, members, places, seed, reference_date)
    rows["green_municipal"] = green.write_municipal(paths["green_municipal"], municipal, places)
    listed = frozenset(event.uscc for event in municipal if event.uscc)
    provincial = green.make_events(
        green.PROVINCIAL, firms, members, places, seed, reference_date, below=listed
    )
    rows["green_provincial"] = green.write_provincial(paths["green_provincial"], provincial, places)
    rows["ledger_returns"] = ledger.write_returns(paths["ledger_returns"], plan, seed, reference_date)

    rows["plan_records"] = records.write_records(paths["plan_records"], titles, seed, reference_date)
    rows["programmes"] = records.write_programmes(
        paths["programmes"], titles, members, places.area_names, seed, reference_date
    )

    manifest = {
        "mark": "演示数据",
        "generator_version": GENERATOR_VERSION,
        "companies": companies,
        "seed": seed,
        "reference_date": reference_date.isoformat(),
        "files": {dataset: {"file": FILES[dataset], "rows": rows[dataset]} for dataset in FILES},
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    (out / MANIFEST).write_text(text, encoding="utf-8")
    return paths


def renew(folder: Path, *, plan_dir: Path) -> None:
    """Make the demo files where there are none, and anew, as they were asked for, where an older generator made them."""
    file = folder / MANIFEST
    try:
        made = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # a damaged one is as good as none
        made = {}
    whole = all((folder / name).is_file() for name in FILES.values())
    if made.get("generator_version") == GENERATOR_VERSION and whole:
        return
    asked = {name: made[name] for name in ("companies", "seed") if name in made}
    if "reference_date" in made:
        asked["reference_date"] = date.fromisoformat(made["reference_date"])
    generate(folder, **asked, plan_dir=plan_dir)
