"""The bare script that the night is held against: one demo register to Parquet, and what the marts ask of it, in DuckDB alone.

    python tests/benchmarks/bare.py --register CSV --raw HOME/raw --out DIR

The register is decoded from GB18030 in a stream, typed with try_cast and written as Parquet. Frame, assessments and lists,
which are a workbook, a page and PDFs, are given as the Parquet that a night made of them; reading them costs this script
nothing. Nothing is checked, masked, normalised, traced or kept: no line here is how the house does it.
"""

from __future__ import annotations

import argparse
import codecs
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

BLOCK_BYTES = 4 << 20
MEMORY = "4GB"

LOAD = """
copy (
    select
        统一社会信用代码 as uscc, 企业名称 as name, 曾用名 as former_name, 企业类型 as enterprise_type,
        登记状态 as status, try_cast(成立日期 as date) as established_on, try_cast(注销日期 as date) as cancelled_on,
        注册资本 as capital_text, 登记机关代码 as authority_code, 所在县区 as area, 行业代码 as industry_code,
        两高 = '是' as is_two_high
    from read_csv('{csv}', all_varchar = true, header = true, delim = ',', quote = '"', escape = '"')
) to '{parquet}' (format parquet, compression zstd)
"""

JOINS = (
    """
    create table enterprise as
    select * from '{register}' where length(uscc) = 18
    qualify row_number() over (partition by uscc order by area nulls last, name) = 1
    """,
    "create table frame as select distinct uscc from read_parquet({frame}) where exited_on is null",
    """
    create table assessment as
    select uscc, level, assessed_on from read_parquet({assessments})
    qualify row_number() over (partition by uscc order by assessed_on desc, row_id) = 1
    """,
    """
    create table release.dim_enterprise as
    select
        enterprise.*, frame.uscc is not null as is_above_scale, assessment.level, assessment.assessed_on
    from enterprise
    left join frame using (uscc)
    left join assessment using (uscc)
    order by uscc
    """,
    "copy release.dim_enterprise to '{out}/dim_enterprise.parquet' (format parquet, compression zstd)",
    """
    create table release.coverage as
    select area, count(*) as frame_count, count(level) as assessed_count,
        count(*) filter (where cast(level as integer) >= 1) as transformed_count,
        count(*) filter (where cast(level as integer) >= 3) as deep_count
    from release.dim_enterprise where is_above_scale group by area order by area
    """,
    """
    create table release.counts as
    select status, area, count(*) as enterprises from release.dim_enterprise group by status, area order by all
    """,
    """
    create table release.listed as
    select lists.name_text, enterprise.uscc
    from (select distinct name_text from read_parquet({lists})) as lists
    left join enterprise on lists.name_text = enterprise.name
    order by all
    """,
)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Prints a stage's seconds as a night does."""
    began = time.perf_counter()
    yield
    print(f"  {name:<8} {time.perf_counter() - began:>6.2f} s", flush=True)


def decode(source: Path, target: Path) -> None:
    """GB18030 to UTF-8, block by block."""
    decoder = codecs.getincrementaldecoder("gb18030")()
    with source.open("rb") as read, target.open("wb") as write:
        while block := read.read(BLOCK_BYTES):
            write.write(decoder.decode(block).encode())
        write.write(decoder.decode(b"", final=True).encode())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--register", type=Path, required=True)
    parser.add_argument(
        "--raw", type=Path, required=True, help="raw/ of a home in which a night took the same files"
    )
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True)
    files = {
        name: str([str(path) for path in sorted((args.raw / dataset).glob("*.parquet"))])
        for name, dataset in (
            ("frame", "above_scale_frame"),
            ("assessments", "digital_assessments"),
            ("lists", "green_list_entries"),
        )
    } | {"register": args.out / "register.parquet", "out": args.out}
    connection = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(args.out / "tmp")})
    connection.execute("set preserve_insertion_order = false")
    with stage("load"):
        decoded = args.out / "register.csv"
        decode(args.register, decoded)
        connection.execute(LOAD.format(csv=decoded, parquet=files["register"]))
    with stage("joins"):
        connection.execute(f"attach '{args.out / 'release.duckdb'}' as release (storage_version 'v1.0.0')")
        for statement in JOINS:
            connection.execute(statement.format(**files))
        connection.execute("detach release")


if __name__ == "__main__":
    main()
