"""Links the benchmark's list with Splink 5 or with RapidFuzz alone, in an environment of its own; linkage.py calls it.

    .venv-bench/bin/python tests/benchmarks/rivals.py splink|rapidfuzz FOLDER [--city CITY]

FOLDER holds `rivals.parquet` and `listed.parquet` as linkage.py made them: names normalised and taken apart already, for
all alike. Writes `FOLDER/NAME.parquet`, the best enterprise of each entry (nth, uscc, score), and prints seconds. Both look
at the same blocks as the house: a shared pair of the first three characters of the core, of the present or the former name.
With a city, only firms of it are looked at: reading them out of the register counts.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import duckdb

REGISTER = """
    create table register as
    select row_id as unique_id, uscc, area_id as county, name_core as core, name_form as form, name_places as places,
        name_normalised as name, former_name_normalised as former_name, former_name_core as former_core,
        {blocks} as blocks
    from '{folder}/rivals.parquet' where name_core is not null and {within}
"""
LISTED = """
    create table listed as
    select row_id as unique_id, null::varchar as uscc, county_area_id as county, name_core as core, name_form as form,
        name_places as places, name_plain as name, name_aside as former_name, null::varchar as former_core,
        {blocks} as blocks
    from '{folder}/listed.parquet' where name_core is not null
"""
BEST = """
    select cast(substr(listed_id, 2) as integer) as nth, uscc, score
    from (
        select *, row_number() over (partition by listed_id order by score desc, uscc) as place from scored
    ) where place = 1
"""


def blocks(*cores: str) -> str:
    """SQL of the list of blocks that a row stands in, by its cores."""
    pairs = ("substr({0}, 1, 2)", "substr({0}, 1, 1) || substr({0}, 3, 1)", "substr({0}, 2, 2)")
    keys = ", ".join(pair.format(core) for core in cores for pair in pairs)
    return f"list_distinct(list_filter([{keys}], block -> length(block) > 0))"


def splink(connection: duckdb.DuckDBPyConnection) -> None:
    """Trained by expectation maximisation on the data itself; comparisons as its documentation advises for names."""
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    api = DuckDBAPI(connection)
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("name", [0.98, 0.94, 0.88]),
            cl.JaroWinklerAtThresholds("core", [0.98, 0.92, 0.85]),
            cl.ExactMatch("county"),
            cl.ExactMatch("form"),
            cl.ExactMatch("places"),
            # a list may print the name that a firm bore before, or both
            cl.CustomComparison(
                output_column_name="former_name",
                comparison_levels=[
                    cll.CustomLevel("former_name_l is null and former_name_r is null").configure(
                        is_null_level=True
                    ),
                    cll.CustomLevel(
                        "name_l = former_name_r or name_r = former_name_l or former_name_l = former_name_r"
                    ),
                    cll.ElseLevel(),
                ],
            ),
        ],
        blocking_rules_to_generate_predictions=[block_on("blocks", arrays_to_explode=["blocks"])],
        additional_columns_to_retain=["uscc"],
    )
    linker = Linker(
        [
            api.register("register", dataset_display_name="register"),
            api.register("listed", dataset_display_name="listed"),
        ],
        settings,
        log_level=40,
    )
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("name")], recall=0.6)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("name"), block_on("core", "county")):
        training.estimate_parameters_using_expectation_maximisation(rule, record_sample_proportion=1.0)
    linker.inference.predict(threshold_match_probability=0.01).as_duckdbpyrelation().create("pairs")
    connection.execute("""
        create table scored as
        select
            case when unique_id_l like 'r%' then unique_id_l else unique_id_r end as listed_id,
            case when unique_id_l like 'r%' then uscc_r else uscc_l end as uscc,
            match_probability as score
        from pairs
    """)


def rapidfuzz(connection: duckdb.DuckDBPyConnection) -> None:
    """The similarity that orders the house's queue, by itself: blocks by DuckDB, scores by RapidFuzz, no rule."""
    from rapidfuzz.distance import JaroWinkler, Levenshtein

    pairs = connection.execute("""
        with firms as (
            select unique_id, uscc, county, form, core, blocks from register
            union all
            select unique_id, uscc, county, form, former_core, blocks from register where former_core is not null
        )
        select distinct listed.unique_id, firms.uscc, listed.core, firms.core,
            case when listed.county = firms.county then 0.05 when listed.county is null then 0 else -0.05 end
            + case when listed.form = firms.form then 0.01 else 0 end
        from (select *, unnest(blocks) as block from listed) as listed
        inner join (select *, unnest(blocks) as block from firms) as firms
            on listed.block = firms.block and abs(length(listed.core) - length(firms.core)) <= 3
    """).fetchall()
    scored = [
        (
            one,
            code,
            0.6 * JaroWinkler.normalized_similarity(a, b)
            + 0.4 * Levenshtein.normalized_similarity(a, b)
            + float(more),
        )
        for one, code, a, b, more in pairs
    ]
    import polars as pl

    frame = pl.DataFrame(scored, schema=["listed_id", "uscc", "score"], orient="row")
    connection.register("scores", frame)
    connection.execute("create table scored as select listed_id, uscc, score from scores")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=("splink", "rapidfuzz"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--city")
    given = parser.parse_args()
    connection = duckdb.connect(config={"memory_limit": "12GB", "temp_directory": str(given.folder / "tmp")})
    within = f"city = '{given.city}'" if given.city else "true"
    began = time.perf_counter()
    connection.execute(
        REGISTER.format(folder=given.folder, blocks=blocks("name_core", "former_name_core"), within=within)
    )
    connection.execute(LISTED.format(folder=given.folder, blocks=blocks("name_core")))
    {"splink": splink, "rapidfuzz": rapidfuzz}[given.name](connection)
    connection.execute(f"copy ({BEST}) to '{given.folder}/{given.name}.parquet' (format parquet)")
    print(f"{time.perf_counter() - began:.2f}")


if __name__ == "__main__":
    main()
