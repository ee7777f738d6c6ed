"""Measures linkage on names whose truth is known: kinds of dirt, and lookalikes of firms that no register holds.

`python tests/benchmarks/linkage.py --companies 1500000 --seed 7` prints a table in Markdown. The register is the demo one with
hard siblings put in; what links is the models of the night, run by dbt. Rules were written against seed 1. With
`--rivals PYTHON`, the interpreter of an environment that has them, Splink and RapidFuzz link the same list (rivals.py).
With `--province N`, the register has N firms more, of the province's other cities: ours reads the city's firms out of it,
the rivals look at them alone, or at all.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from ingest.datasets import DATASETS, LISTED_PARTS, REGISTER_PARTS
from ingest.linkage import decisions
from ingest.normalise import NormaliseError, company_names
from ingest.reference import Reference
from warehouse import build, engine

PROJECT = Path(__file__).resolve().parents[2]
DBT = PROJECT / "dbt_project"
DAY = date(2026, 10, 31)
CITY = "潍坊"
OTHER_CITIES = (
    "济南",
    "青岛",
    "淄博",
    "枣庄",
    "东营",
    "烟台",
    "济宁",
    "泰安",
    "威海",
    "日照",
    "临沂",
    "德州",
)

#: entries of each kind: those with a true enterprise, then those with none
TRUE = {
    "clean": 1275, "fmt": 595, "region": 595, "form": 425, "former": 340, "typo_like": 340, "typo_edit": 212,
    "annot": 170, "branch": 86, "branch_registered": 84, "traditional": 128,
}  # fmt: skip
ABSENT = {"other_county": 225, "other_prefix": 100, "other_character": 188, "other_trade": 150, "new": 188}
LIKE = [
    "鑫新欣馨",
    "源元原圆",
    "海还",
    "盛胜圣",
    "达大",
    "丰峰锋枫",
    "瑞锐睿",
    "华化花",
    "诚成城",
    "泰太",
    "兴星",
    "宏洪鸿弘",
    "利力立丽",
    "金锦今",
    "永勇",
    "昌畅常",
    "隆龙",
    "佳嘉家",
    "汇惠慧",
    "雨宇玉裕",
    "天田",
    "恒衡",
    "明铭鸣",
    "德得",
    "润闰",
    "械戒",
    "机几",
    "料科",
    "品晶",
    "工王",
    "材才",
]
ENDINGS = ("有限责任公司", "股份有限公司", "有限公司", "总公司", "公司", "厂")


@dataclass(frozen=True)
class Labelled:
    """A register, and a list with the code that each of its names means; null where it means none."""

    register: pl.DataFrame  # uscc, name, former_name, area_id
    listed: pl.DataFrame  # kind, name, county, truth


def labelled(register_csv: Path, seed: int, share: float = 1.0) -> Labelled:
    """The list drawn from a demo register; ``share`` of the full number of entries."""
    rng = np.random.default_rng(seed)
    reference = Reference(DBT / "seeds")
    columns = ["统一社会信用代码", "企业名称", "曾用名", "企业类型", "所在县区"]
    # the file as a whole: a benchmark has the memory
    raw = pl.read_csv(
        register_csv, encoding="gb18030", columns=columns, infer_schema=False, truncate_ragged_lines=True
    )
    raw = raw.rename(dict(zip(columns, ("uscc", "name", "former_name", "type", "area"), strict=True)))
    raw = raw.filter(
        pl.col("uscc").str.len_chars() == 18,
        ~pl.col("uscc").str.starts_with("92"),
        ~pl.col("type").str.contains("个体"),
    )
    # names too, before firms are drawn: one of two that bear a name would be missing from the register
    raw = raw.unique("uscc", keep="first", maintain_order=True).unique(
        "name", keep="first", maintain_order=True
    )
    areas = {}
    for text in raw["area"].drop_nulls().unique():
        with contextlib.suppress(NormaliseError):  # a row shifted by a cell has a code there
            areas[text] = reference.areas.find(text).area_id
    raw = raw.with_columns(
        area_id=pl.col("area").replace_strict(areas, default=None, return_dtype=pl.String),
        form=pl.col("name").str.extract(f"({'|'.join(ENDINGS)})$"),
    )
    counties = [row["area_id"] for row in reference._rows("areas.csv") if row["area_level"] == "county"]
    words = {row["area_id"]: row["name_zh"] for row in reference._rows("areas.csv")}
    parts = company_names.parts(
        company_names.normalise_series(raw["name"]), reference.regions, ("core", "places", "form")
    )
    raw = raw.with_columns(core=parts["core"])
    usable = raw.filter(
        pl.col("area_id").is_in(counties),
        pl.col("form").is_in(ENDINGS[:3]),
        pl.col("core").str.len_chars() >= 4,
    )
    counts = {kind: max(4, int(n * share)) for kind, n in (TRUE | ABSENT).items()}
    wanted = sum(counts.values())
    with_former = usable.filter(pl.col("former_name").is_not_null() & (pl.col("former_name") != ""))
    formers = with_former.sample(counts["former"], seed=seed)
    others = usable.join(formers, on="uscc", how="anti").sample(
        wanted - counts["former"], seed=seed, shuffle=True
    )
    rows, siblings = [], []
    at = 0
    for kind, number in counts.items():
        firms = formers if kind == "former" else others[at : at + number]
        at += 0 if kind == "former" else number
        for firm in firms.to_dicts():
            name, truth = _spoil(kind, firm, rng, words), firm["uscc"]
            if kind in ABSENT:
                truth = None
            county = firm["area_id"]
            if kind == "other_county":
                county = str(rng.choice([c for c in counties if c != county]))
                name = words[county] + firm["core"] + firm["form"]
            if kind == "branch_registered":
                siblings.append((_code(rng), name, None, county))
                truth = siblings[-1][0]
            if kind in TRUE and rng.random() < 0.45:  # a hard sibling of the firm in the register
                other, where = _sibling(firm, rng, counties, words)
                siblings.append((_code(rng), other, None, where))
            if rng.random() < 0.1:
                county = None
            elif rng.random() < 0.07:
                county = str(rng.choice(["gaoxin", "binhai"]))
            rows.append((kind, name, county, truth))
    register = pl.concat([
        raw.select("uscc", "name", pl.col("former_name").replace("", None), "area_id"),
        pl.DataFrame(siblings, schema={c: pl.String for c in ("uscc", "name", "former_name", "area_id")}, orient="row"),
    ]).unique("name", keep="first", maintain_order=True)  # fmt: skip
    listed = pl.DataFrame(
        rows, schema={c: pl.String for c in ("kind", "name", "county", "truth")}, orient="row"
    )
    # the demo register has branches of its own: one that bears the name is what the name means
    branches = register.filter(pl.col("name").str.ends_with("分公司"))
    known = dict(zip(branches["name"], branches["uscc"], strict=True))
    is_branch = pl.col("kind").str.starts_with("branch")
    registered = pl.col("name").replace_strict(known, default=None, return_dtype=pl.String)
    # a made-up name that some firm of the register happens to bear is not absent from it
    held = listed.filter(pl.col("kind").is_in(list(ABSENT))).join(register, on="name", how="semi")
    listed = listed.join(held, on=["kind", "name"], how="anti", maintain_order="left")
    return Labelled(
        register,
        listed.with_columns(
            truth=pl.when(is_branch).then(pl.coalesce(registered, "truth")).otherwise("truth")
        ),
    )


def prepare(data: Labelled, others: Iterator[pl.DataFrame], folder: Path) -> None:
    """Names normalised and taken apart, for all alike: `rivals.parquet`, the whole register by city, and `listed.parquet`.

    others: registers of other cities, part by part; a column says which.
    """
    reference = Reference(DBT / "seeds")
    (folder / "parts").mkdir()
    at = 0
    for nth, part in enumerate([data.register.with_columns(city=pl.lit(CITY)), *others]):
        parted = _company(part, "name", REGISTER_PARTS, reference).pipe(
            _company, "former_name", REGISTER_PARTS, reference
        )
        _with_provenance(parted.with_columns(status=pl.lit("in_business")), "enterprises", at).with_columns(
            part["city"]
        ).write_parquet(folder / "parts" / f"{nth:03}.parquet")
        at += part.height
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * from '{folder}/parts/*.parquet') to '{folder}/rivals.parquet' (format parquet, compression zstd)"
        )
    listed = data.listed.with_row_index("nth").with_columns(
        tier=pl.lit("municipal"), category=pl.lit("factory"), batch=pl.lit("1"), action=pl.lit("add"),
        status=pl.lit("granted"), effective_on=pl.lit(date(2025, 5, 1)), county_area_id="county",
    )  # fmt: skip
    listed = _with_provenance(_company(listed, "name", LISTED_PARTS, reference), "green_list_entries")
    listed.write_parquet(folder / "listed.parquet")


def link(folder: Path) -> tuple[float, float]:
    """Run the models on what was prepared in ``folder/build.duckdb``.

    Returns seconds of reading the city and of linking, and what of them a start of dbt takes, which a night has behind it.
    """
    began = time.perf_counter()
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * exclude (city) from '{folder}/rivals.parquet' where city = '{CITY}') "
            f"to '{folder}/register.parquet' (format parquet)"
        )
    reading = time.perf_counter() - began
    file = folder / "build.duckdb"
    connection = engine.connect_build(file)
    build.register_raw(
        connection,
        {"enterprises": [folder / "register.parquet"], "green_list_entries": [folder / "listed.parquet"]},
        {name: dataset.duckdb_columns for name, dataset in DATASETS.items()},
    )
    night = pl.DataFrame({"as_of_date": [DAY], "plan_version": ["draft_2024-10-11"]})
    build.write_context(connection, "night", night)
    build.write_context(connection, "sources", pl.DataFrame({"source_id": ["bench"]}))
    build.write_context(connection, "link_decisions", decisions.frame([]))
    connection.close()
    _dbt(folder, "seed")
    _dbt(folder, "run", "--select", "+int_listed_names", "+int_enterprises", "+int_enterprise_names")
    began = time.perf_counter()
    _dbt(folder, "run", "--select", "int_link_decisions", "int_link_exact", "int_link_register", "int_link_core",
         "int_link_rules", "int_link_pairs", "int_link_scores", "int_link_candidates", "int_link_results")  # fmt: skip
    linking = time.perf_counter() - began
    began = time.perf_counter()
    _dbt(folder, "run", "--select", "int_link_decisions")  # of nothing: nobody has decided
    return reading + linking, time.perf_counter() - began


def province(folder: Path, companies: int) -> Iterator[pl.DataFrame]:
    """Registers of invented firms of other cities, with the columns of `Labelled.register` and the city's name."""
    from ingest.demo.generator import generate

    for nth, city in enumerate(OTHER_CITIES):
        register = generate(
            folder / city, companies // len(OTHER_CITIES), plan_dir=DBT / "seeds", seed=1000 + nth
        )["enterprise_register"]
        raw = pl.read_csv(register, encoding="gb18030", infer_schema=False, truncate_ragged_lines=True)
        shutil.rmtree(folder / city)
        yield raw.select(
            uscc="统一社会信用代码",
            name=pl.col("企业名称").str.replace("潍坊", city),
            former_name=pl.col("曾用名").replace("", None).str.replace("潍坊", city),
            area_id=pl.lit(None, pl.String),
            city=pl.lit(city),
        ).filter(pl.col("uscc").str.len_chars() == 18)


def outcome(data: Labelled, folder: Path) -> pl.DataFrame:
    """One row per kind: entries, with_truth, accepted, right, in_review, truth_in_top3."""
    with duckdb.connect(str(folder / "build.duckdb"), read_only=True) as connection:
        links = connection.execute(
            "select l.source_row_ids, r.state, r.uscc, l.list_id from intermediate.int_listed_names l "
            "join intermediate.int_link_results r using (list_id)"
        ).fetchall()
        shown: dict[str, set[str]] = {}
        for list_id, uscc in connection.execute(
            "select list_id, uscc from intermediate.int_link_candidates where nth <= 3"
        ).fetchall():
            shown.setdefault(list_id, set()).add(uscc)
    rows = []
    listed = data.listed.to_dicts()
    for row_ids, state, uscc, list_id in links:
        for row_id in row_ids.split(";"):
            entry = listed[int(row_id.removeprefix("r"))]
            truth = entry["truth"]
            rows.append({
                "kind": entry["kind"],
                "entries": 1,
                "with_truth": int(truth is not None),
                "accepted": int(state == "accepted"),
                "right": int(state == "accepted" and uscc == truth),
                "in_review": int(state == "review"),
                "truth_in_top3": int(state == "review" and truth in shown.get(list_id, ())),
            })  # fmt: skip
    order = {kind: number for number, kind in enumerate(TRUE | ABSENT)}
    table = pl.DataFrame(rows).group_by("kind").sum()
    return table.sort(pl.col("kind").replace_strict(order, return_dtype=pl.Int64))


def _spoil(kind: str, firm: dict, rng, words: dict[str, str]) -> str:
    name, core, form = firm["name"], firm["core"], firm["form"]
    prefix = name[: name.find(core[:2])] if core[:2] in name else ""
    match kind:
        case "fmt":
            return str(rng.choice([
                name.replace("(", "（").replace(")", "）") + "①", name[:4] + " " + name[4:], name[:3] + "\u200b" + name[3:],
                f"{rng.integers(1, 99)}、{name}", f"{name}*", "\u3000".join(name[i : i + 5] for i in range(0, len(name), 5)),
            ]))  # fmt: skip
        case "region":
            fewer = [core + form, words[firm["area_id"]] + core + form, "潍坊市" + core + form]
            return str(rng.choice(["山东省" + name if "山东" not in prefix else core + form, *fewer]))
        case "form":
            return (
                name.removesuffix(form)
                + {"有限公司": "有限责任公司", "有限责任公司": "有限公司", "股份有限公司": "股份公司"}[form]
            )
        case "former":
            return firm["former_name"]
        case "typo_like":
            return _replace(name, core, rng, like=True)
        case "typo_edit":
            at = name.find(core[:2]) + int(rng.integers(0, len(core) - 1))
            return str(rng.choice([name[:at] + name[at + 1 :], name[:at] + name[at] + name[at:]]))
        case "annot":
            return str(
                rng.choice([f"{name}（原{core[:2]}实业{form}）", f"{core[:2]}（潍坊）{core[2:]}{form}"])
            )
        case "branch" | "branch_registered":
            return f"{name}{rng.choice(['寿光', '诸城', '滨海', '第二'])}分公司"
        case "traditional":
            return name.translate(_TRADITIONAL)
        case "other_prefix":  # the province's or another city's firm where the register has the city's
            if "山东" in prefix or "潍坊" not in prefix:
                return "青岛" + core + form
            return "山东" + core + form
        case "other_character":
            return _replace(name, core, rng, like=False)
        case "other_trade":
            return name.replace(core[-2:], str(rng.choice(["物流", "建材", "食品", "纺织", "电子"])))
        case "new":
            return f"潍坊{''.join(rng.choice(list('沧溟碧澜霁曜翊琰'), 3))}{core[-2:]}{form}"
    return name


_TRADITIONAL = str.maketrans({s: t for t, s in company_names._simplified().items()})


def _replace(name: str, core: str, rng, *, like: bool) -> str:
    start = name.find(core[:2])
    for at in rng.permutation(len(core)) if like else [0]:
        for group in LIKE if like else []:
            if core[at] in group:
                other = str(rng.choice([c for c in group if c != core[at]]))
                return name[: start + at] + other + name[start + at + 1 :]
    at = int(rng.integers(0, 2))
    return name[: start + at] + str(rng.choice(list("海盛达丰瑞华诚泰兴宏"))) + name[start + at + 1 :]


def _sibling(firm: dict, rng, counties: list[str], words: dict[str, str]) -> tuple[str, str]:
    """Name and county of another firm that a careless rule would take for this one."""
    core, form = firm["core"], firm["form"]
    county = str(rng.choice([county for county in counties if county != firm["area_id"]]))
    names = [
        words[county] + core + form,
        _replace(firm["name"], core, rng, like=False),
        "潍坊" + core + "厂",
        firm["name"].replace(core[-2:], "贸易"),
    ]
    return str(rng.choice(names)), county


def _code(rng) -> str:
    return "91370799Z" + "".join(rng.choice(list("0123456789ABCDEFGH"), 9))


def _company(frame: pl.DataFrame, name: str, wanted: tuple[str, ...], reference: Reference) -> pl.DataFrame:
    normalised = company_names.normalise_series(frame[name])
    made = company_names.parts(normalised, reference.regions, wanted)
    return frame.with_columns(
        frame[name].alias(f"{name}_text"), normalised.alias(f"{name}_normalised"),
        *(made[part].alias(f"{name}_{part}") for part in wanted),
    )  # fmt: skip


def _with_provenance(frame: pl.DataFrame, dataset: str, first: int = 0) -> pl.DataFrame:
    prefix = "r" if dataset == "green_list_entries" else "e"
    frame = frame.with_columns(
        row_id=pl.lit(prefix) + pl.int_range(first, first + pl.len()).cast(pl.String), source_id=pl.lit("bench"),
        source_sha256=pl.lit("0" * 64), source_locator=pl.lit("!"), data_origin=pl.lit("demo"),
        published_on=pl.lit(date(2025, 5, 1)), snapshot_on=pl.lit(DAY),
    )  # fmt: skip
    columns = DATASETS[dataset].columns
    return frame.select(
        (pl.col(column) if column in frame.columns else pl.lit(None)).cast(dtype).alias(column)
        for column, dtype in columns.items()
    )


def _dbt(folder: Path, *command: str) -> None:
    variables = {
        "BLUE_LEDGER_BUILD_FILE": str(folder / "build.duckdb"),
        "BLUE_LEDGER_TEMP": str(folder / "tmp"),
    }
    folders = ["--project-dir", str(DBT), "--profiles-dir", str(DBT)]
    made = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    done = subprocess.run(
        [str(Path(sys.executable).parent / "dbt"), "--quiet", *command, *folders, *made],
        env=os.environ | variables, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


def report(table: pl.DataFrame, say: Callable[[str], None] = print) -> None:
    say("| kind | entries | accepted | precision | in review | truth in top 3 | recall with review |")
    say("|---" * 7 + "|")
    for row in [*table.to_dicts(), {"kind": "all"} | table.drop("kind").sum().to_dicts()[0]]:
        precision = f"{row['right'] / row['accepted']:.4f}" if row["accepted"] else "—"
        found = row["right"] + row["truth_in_top3"]
        recall = f"{found / row['with_truth']:.3f}" if row["with_truth"] else "—"
        say(
            f"| {row['kind']} | {row['entries']} | {row['accepted']} | {precision} | {row['in_review']} "
            f"| {row['truth_in_top3']} | {recall} |"
        )


def compare(
    data: Labelled,
    folder: Path,
    seconds: tuple[float, float],
    python: Path,
    places: Sequence[str | None],
    say: Callable[[str], None] = print,
) -> None:
    """Ours beside the rivals': what is accepted by itself, and what a rival accepts where it finds as many of the true links.

    places: the cities that a rival looks at, each in a run of its own; none is all. A rival accepts the best enterprise of an
    entry from a score on. Recall is of the entries that have a true enterprise.
    """
    table = outcome(data, folder).drop("kind").sum().to_dicts()[0]
    recall = table["right"] / table["with_truth"]
    say("| | s | accepted | precision | recall | precision at our recall | recall at our precision |")
    say("|---" * 7 + "|")
    ours = table["right"] / table["accepted"]
    say(
        f"| ours, rules alone | {seconds[0]:.1f}, without dbt's start {seconds[0] - seconds[1]:.1f} | {table['accepted']} "
        f"| {ours:.4f} | {recall:.3f} | {ours:.4f} | {recall:.3f} |"
    )
    truth = data.listed.with_row_index("nth").select(pl.col("nth").cast(pl.Int32), "truth")
    # RapidFuzz alone holds every pair of a province in memory: 19 GB and more
    for rival, where in [*(("splink", place) for place in places), ("rapidfuzz", places[0])]:
        done = subprocess.run(
            [
                python,
                Path(__file__).with_name("rivals.py"),
                rival,
                folder,
                *(["--city", where] if where else []),
            ],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
        best = (
            pl.read_parquet(folder / f"{rival}.parquet")
            .join(truth, on="nth")
            .sort("score", descending=True)
            .with_columns(right=(pl.col("uscc") == pl.col("truth")).fill_null(False))
            .with_columns(n=pl.int_range(1, pl.len() + 1), found=pl.col("right").cum_sum())
            # a threshold takes all of one score, or none
            .group_by("score", maintain_order=True)
            .agg(pl.col("n").last(), pl.col("found").last())
            .with_columns(
                precision=pl.col("found") / pl.col("n"), recall=pl.col("found") / table["with_truth"]
            )
        )
        as_many = best.filter(pl.col("recall") >= recall)
        as_right = best.filter(pl.col("precision") >= ours)
        best_f1 = best.sort(
            2 * pl.col("precision") * pl.col("recall") / (pl.col("precision") + pl.col("recall")),
            descending=True,
        ).row(0, named=True)
        at_recall = f"{as_many['precision'][0]:.4f}" if as_many.height else "never reached"
        at_precision = f"{as_right['recall'].max():.3f}" if as_right.height else "never reached"
        taken = float(done.stdout.splitlines()[-1])
        looked = ", the whole province" if where is None and len(places) > 1 else ""
        say(
            f"| {rival}{looked}, best F1 | {taken:.1f} | {best_f1['n']} | {best_f1['precision']:.4f} "
            f"| {best_f1['recall']:.3f} | {at_recall} | {at_precision} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--companies", type=int, default=1_500_000)
    parser.add_argument("--seed", type=int, default=777001, help="of the list; 1 was used for development")
    parser.add_argument("--register", type=Path, help="a demo register already made")
    parser.add_argument(
        "--rivals", type=Path, metavar="PYTHON", help="link with Splink and RapidFuzz as well"
    )
    parser.add_argument(
        "--province", type=int, default=0, metavar="N", help="firms of other cities beside them"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        register = given.register
        if register is None:
            from ingest.demo.generator import generate

            register = generate(folder / "demo", given.companies, plan_dir=DBT / "seeds")[
                "enterprise_register"
            ]
        data = labelled(register, given.seed)
        others = f" and {given.province:,} of other cities" if given.province else ""
        print(f"{data.register.height:,} firms{others}, {data.listed.height:,} entries, seed {given.seed}\n")
        prepare(data, province(folder, given.province) if given.province else iter(()), folder)
        seconds, start = link(folder)
        report(outcome(data, folder))
        print(f"\nlinkage models: {seconds:.1f} s, of which dbt's start takes {start:.1f} s")
        if given.rivals:
            print()
            compare(data, folder, (seconds, start), given.rivals, [CITY, None] if given.province else [None])


if __name__ == "__main__":
    main()
