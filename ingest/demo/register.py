"""The enterprise register: streamed in chunks, with the dirt that real registers were measured to have.

One row per firm. Memory is bounded by the chunk, whatever the number of firms; what the other demo files need
(the above-scale frame and the firms clusters draw on) is set aside on the way.
"""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ingest.demo import codes, naming
from ingest.demo.naming import COMPANY, COOPERATIVE, INDIVIDUAL, NameMaker
from ingest.demo.places import Places
from ingest.demo.pools import TWO_HIGH_CODES, is_industrial, profile, words

HEADER = (
    "统一社会信用代码", "企业名称", "曾用名", "企业类型", "登记状态", "成立日期", "注销日期", "注册资本",
    "登记机关代码", "所在县区", "行业代码", "两高", "法定代表人", "联系电话", "数据性质",
)  # fmt: skip
ENCODING = "gb18030"
CHUNK_ROWS = 65_536

# measured on real registers
INVALID_CODE_SHARE = 0.0028
DUPLICATE_NAME_SHARE = 0.00006
ASCII_BRACKET_SHARE = 0.79
NO_COUNTY_SHARE = 0.075
BRACKETS_IN_NAMES_SHARE = 0.009
# not measured, only "a few" and "often"
SHIFTED_ROW_SHARE = 0.0001
MIN_SHIFTED_ROWS = 2
FORMER_NAME_SHARE = 0.08
FULL_AREA_NAME_SHARE = 0.2
BUSINESS_TAIL_SHARE = 0.25
BROKEN_CAPITAL_SHARE = 0.0015

_EPOCH = date(1970, 1, 1)
_BUSINESS_TAILS = ["实业", "产业发展", "工程技术", "控股", "国际实业发展"]
_STATUSES = ["在营", "注销", "吊销", "迁出"]
_STATUS_CUMULATIVE = np.cumsum([0.755, 0.17, 0.06, 0.015])
_CAPITALS_10K = (
    3, 5, 10, 20, 30, 50, 60, 80, 100, 118, 200, 300, 500, 518, 800, 1000, 1080, 2000, 3000, 5000, 10000,
)  # fmt: skip
_TYPES = {
    "有限公司": [
        "有限责任公司(自然人投资或控股)", "有限责任公司(自然人独资)", "有限责任公司(法人独资)", "其他有限责任公司",
    ],
    "有限责任公司": ["有限责任公司(自然人投资或控股)", "有限责任公司(国有控股)"],
    "集团公司": ["有限责任公司(国有独资)"],
    "股份有限公司": ["股份有限公司(非上市、自然人投资或控股)", "股份有限公司(上市)"],
    "公司": ["全民所有制", "集体所有制"],
    "总公司": ["全民所有制", "集体所有制"],
    "分公司": ["有限责任公司分公司(自然人投资或控股)", "其他有限责任公司分公司"],
    "合伙企业(有限合伙)": ["有限合伙企业"],
    "厂": ["个人独资企业", "集体所有制", "股份合作制"],
}  # fmt: skip
_OTHER_TYPES = ["个人独资企业", "集体所有制", "普通合伙企业"]
_TYPE_OF_KIND = {INDIVIDUAL: "个体工商户", COOPERATIVE: "农民专业合作社"}


@dataclass(frozen=True)
class Register:
    """What the rest of the demo needs to know of the register written.

    `frame` (one row per firm chosen for the above-scale frame) and `others` (more firms in business, from the
    first chunk) have uscc, name, former_name, area, industry_code, family_id, established_on, is_two_high.
    """

    rows: int
    frame: pl.DataFrame
    others: pl.DataFrame


def write_register(
    path: Path, rows: int, seed: int, reference_date: date, places: Places, frame_rows: int
) -> Register:
    """Write the register and choose `frame_rows` industrial firms (fewer if there are not so many)."""
    maker = _RowMaker(seed, reference_date, places)
    frame: list[tuple[Any, ...]] = []
    others = None
    with path.open("wb") as file:
        file.write((",".join(HEADER) + "\r\n").encode(ENCODING))
        # even chunks: a last chunk of a few rows would have no company to name a branch after
        chunks = math.ceil(rows / CHUNK_ROWS)
        for number in range(chunks):
            start, stop = rows * number // chunks, rows * (number + 1) // chunks
            chunk = maker.chunk(number, start, stop)
            text = chunk.select(HEADER).write_csv(include_header=False, line_terminator="\r\n")
            file.write(text.encode(ENCODING))
            wanted = frame_rows * stop // rows - frame_rows * start // rows
            usable = chunk.filter("_usable").select(
                uscc="统一社会信用代码",
                name="企业名称",
                former_name="曾用名",
                area="_area",
                industry_code="行业代码",
                family_id="_family",
                established_on="_established",
                is_two_high=pl.col("两高") == "是",
                is_candidate="_candidate",
                kind="_kind",
            )
            chosen = _choose(usable, wanted, np.random.default_rng([seed, 3, number]))
            # as plain values: a filtered text column would keep the whole chunk's text in memory
            frame += usable.filter(chosen).rows()
            if others is None:
                others = usable.filter(~chosen & usable["kind"].is_in([COMPANY, COOPERATIVE]))
    assert others is not None  # there is a chunk at the least
    return Register(rows, pl.DataFrame(frame, schema=others.schema, orient="row"), others)


def _choose(usable: pl.DataFrame, wanted: int, rng: np.random.Generator) -> pl.Series:
    candidates = usable["is_candidate"].arg_true().to_numpy()
    picked = rng.choice(candidates, min(wanted, len(candidates)), replace=False)
    chosen = np.zeros(usable.height, dtype=bool)
    chosen[picked] = True
    return pl.Series(chosen)


class _RowMaker:
    def __init__(self, seed: int, reference_date: date, places: Places) -> None:
        self.seed = seed
        self.reference_day = (reference_date - _EPOCH).days
        self.places = places
        self.names = NameMaker(seed)
        self.code_multiplier = int(np.random.default_rng([seed, 0]).integers(10**7, 5 * 10**7))
        self.established = _EstablishedDays(reference_date)
        self.characters = pl.Series(naming.CHARACTERS)
        self.words = pl.Series(words().word)
        self.forms = pl.Series([cell.form for cell in self.names.cells])
        self.prefixes = pl.Series(places.prefixes)
        self._pool_tables()

    def _pool_tables(self) -> None:
        cells = self.names.cells
        self.kind_of_cell = np.array([cell.kind for cell in cells])
        self.industrial_form = np.array([cell.is_industrial_form for cell in cells])
        self.branch_cell = next(n for n, cell in enumerate(cells) if cell.form == naming.BRANCH_FORM)
        self.company_cells = np.array([cell.form in naming.COMPANY_FORMS for cell in cells])
        self.style_start = np.stack([self.places.prefix_start[cell.style] for cell in cells])
        self.style_slots = np.array([self.places.prefix_slots[cell.style] for cell in cells])
        options = [
            [_TYPE_OF_KIND[cell.kind]] if cell.kind in _TYPE_OF_KIND else _TYPES.get(cell.form, _OTHER_TYPES)
            for cell in cells
        ]
        self.type_start = np.cumsum([0] + [len(option) for option in options[:-1]])
        self.type_count = np.array([len(option) for option in options])
        self.types = pl.Series([text for option in options for text in option])
        self.industry_codes = pl.Series(words().industry_code)
        self.families = pl.Series(words().family_id)
        self.industrial_word = np.array([is_industrial(code) for code in words().industry_code])
        self.two_high_word = np.array([code in TWO_HIGH_CODES for code in words().industry_code])
        patterns = profile()["weifang_capital_patterns"]
        self.capital_patterns = pl.Series([text for text, _ in patterns])
        self.capital_cumulative = np.cumsum([count for _, count in patterns]) / sum(n for _, n in patterns)

    def chunk(self, number: int, start: int, stop: int) -> pl.DataFrame:
        """Rows `start` to `stop` of the register, and helper columns whose names begin with an underscore."""
        rng = np.random.default_rng([self.seed, 2, number])
        rows = stop - start
        cores = self.names.cores(start, stop)
        order = rng.permutation(rows)
        cell, word, characters = cores.cell[order], cores.word[order], cores.characters[order]
        kind = self.kind_of_cell[cell]
        authority, area = self.places.draw(rng, rows)

        names, former = self._names(rng, cell, word, characters, area)
        established = self.established.draw(rng, rows)
        status = np.searchsorted(_STATUS_CUMULATIVE[:-1], rng.random(rows), side="right")
        status[established > self.reference_day - 90] = 0
        ended = (
            established + 30 + (rng.random(rows) * (self.reference_day - established - 30)).astype(np.int64)
        )
        is_ma = (established >= (date(2015, 10, 1) - _EPOCH).days) | (rng.random(rows) < 0.15)

        invalid, lender, duplicate, shifted = self._dirty_rows(rng, kind, start, stop)
        is_ma[invalid] = True  # so that a code has letters to print in lower case
        uscc = codes.credit_codes(start + rng.permutation(rows), kind, is_ma, self.code_multiplier)
        self._spoil_codes(rng, uscc, invalid)
        if len(duplicate):
            names = names.scatter(duplicate, names.gather(lender))

        dirty = np.zeros(rows, dtype=bool)
        dirty[np.concatenate([invalid, duplicate, lender, shifted])] = True
        no_county = rng.random(rows) < NO_COUNTY_SHARE
        full_area = rng.random(rows) < FULL_AREA_NAME_SHARE
        two_high = self.two_high_word[word] & (rng.random(rows) < 0.9)
        is_industrial_row = self.industrial_word[word]
        area_text = self._area_text(area, full_area)
        status_text = pl.Series(_STATUSES).gather(status)
        type_text = self.types.gather(
            self.type_start[cell] + (rng.random(rows) ** 2 * self.type_count[cell]).astype(np.int64)
        )
        owner = kind == INDIVIDUAL
        person = np.where(owner[:, None], characters, naming.person_characters(rng, rows))
        usable = (status == 0) & ~dirty & ~owner

        frame = pl.DataFrame(
            {
                HEADER[0]: uscc.tolist(),
                HEADER[1]: names,
                HEADER[2]: former,
                HEADER[3]: type_text,
                HEADER[4]: status_text,
                HEADER[5]: _iso(established),
                HEADER[6]: _iso(ended).zip_with(pl.Series(status == 1), pl.Series([None], dtype=pl.String)),
                HEADER[7]: self._capital(rng, rows),
                HEADER[8]: pl.Series(self.places.authority_codes).gather(authority),
                HEADER[9]: area_text.zip_with(pl.Series(~no_county), pl.Series([None], dtype=pl.String)),
                HEADER[10]: self.industry_codes.gather(word),
                HEADER[11]: pl.Series([None, "否", "是"]).gather(
                    np.where(is_industrial_row, 1 + two_high, 0)
                ),
                HEADER[12]: self._spell(person),
                HEADER[13]: _phones(rng, rows),
                HEADER[14]: pl.repeat("演示", rows, eager=True),
                "_area": area,
                "_family": self.families.gather(word),
                "_established": established,
                "_kind": kind,
                "_usable": usable,
                # a firm reaches the scale after some time, not in its first year
                "_candidate": usable
                & (established < self.reference_day - 400)
                & is_industrial_row
                & self.industrial_form[cell]
                & (kind == COMPANY),
            }
        )
        return _shift(frame, shifted)

    def _spell(self, characters: np.ndarray) -> pl.Series:
        parts = [self.characters.gather(characters[:, column]) for column in range(3)]
        return pl.select(pl.concat_str(parts)).to_series()

    def _names(
        self,
        rng: np.random.Generator,
        cell: np.ndarray,
        word: np.ndarray,
        characters: np.ndarray,
        area: np.ndarray,
    ) -> tuple[pl.Series, pl.Series]:
        """Current and former names. Branches take the name of a company of the same chunk."""
        rows = len(cell)
        slot = (rng.random(rows) * self.style_slots[cell]).astype(np.int64)
        prefix = self.prefixes.gather(self.style_start[cell, area] + slot)
        company = self.company_cells[cell]
        draw = rng.random(rows)
        with_place = company & (draw < BRACKETS_IN_NAMES_SHARE / 2)
        with_group = company & (draw >= 1 - BRACKETS_IN_NAMES_SHARE / 2)
        with_tail = company & ~with_group & (rng.random(rows) < BUSINESS_TAIL_SHARE)
        places = ["", "(潍坊)", "(山东)", *(f"({name})" for name in self.places.area_shorts)]
        place = np.where(with_place, rng.choice([1, 2, -1], rows), 0)
        place = np.where(place == -1, 3 + area, place)
        tails = ["", *_BUSINESS_TAILS, "(集团)"]
        tail = np.where(with_tail, 1 + rng.integers(0, len(_BUSINESS_TAILS), rows), 0)
        tail = np.where(with_group, len(tails) - 1, tail)
        after = [
            pl.Series(places).gather(place),
            self.words.gather(word),
            pl.Series(tails).gather(tail),
            self.forms.gather(cell),
        ]
        names = pl.select(pl.concat_str([prefix, self._spell(characters), *after])).to_series()

        has_former = np.flatnonzero(company & (rng.random(rows) < FORMER_NAME_SHARE / company.mean()))
        old = self._spell(naming.former_characters(rng, len(has_former)))
        old = pl.select(
            pl.concat_str([prefix.gather(has_former), old, *(s.gather(has_former) for s in after)])
        ).to_series()
        former = pl.repeat(None, rows, dtype=pl.String, eager=True).scatter(has_former, old)

        branches = np.flatnonzero(cell == self.branch_cell)
        parents = rng.choice(np.flatnonzero(company), len(branches), replace=False)
        branch_place = pl.Series(self.places.area_shorts).gather(area[branches])
        branch_names = pl.concat_str([names.gather(parents), branch_place, pl.lit(naming.BRANCH_FORM)])
        names = names.scatter(branches, pl.select(branch_names).to_series())
        return self._widen_brackets(rng, names), self._widen_brackets(rng, former)

    def _widen_brackets(self, rng: np.random.Generator, names: pl.Series) -> pl.Series:
        """Print the full-width brackets that a fifth of the bracketed names have."""
        bracketed = names.str.contains("(", literal=True).arg_true().to_numpy()
        wide = bracketed[rng.random(len(bracketed)) >= ASCII_BRACKET_SHARE]
        return names.scatter(wide, names.gather(wide).str.replace_many(["(", ")"], ["（", "）"]))

    def _dirty_rows(
        self, rng: np.random.Generator, kind: np.ndarray, start: int, stop: int
    ) -> tuple[np.ndarray, ...]:
        """Disjoint rows: invalid codes, lenders and borrowers of a duplicate name, shifted columns.

        Counts are exact at any size, not just on average.
        """
        counts = [math.floor(share * stop) - math.floor(share * start) for share in (
            INVALID_CODE_SHARE, DUPLICATE_NAME_SHARE, SHIFTED_ROW_SHARE
        )]  # fmt: skip
        if start == 0:
            counts[1] = max(counts[1], 1)
            counts[2] = max(counts[2], MIN_SHIFTED_ROWS)
        invalid, duplicate, shifted = counts
        # no individual business lends or borrows a name: the name is its owner's
        firms = rng.choice(np.flatnonzero(kind == COMPANY), 2 * duplicate, replace=False)
        free = np.ones(stop - start, dtype=bool)
        free[firms] = False
        others = rng.choice(np.flatnonzero(free), invalid + shifted, replace=False)
        return others[:invalid], firms[:duplicate], firms[duplicate:], others[invalid:]

    def _spoil_codes(self, rng: np.random.Generator, uscc: np.ndarray, invalid: np.ndarray) -> None:
        for row, draw in zip(invalid, rng.random(len(invalid)), strict=True):
            code = str(uscc[row])
            if draw < 0.4:  # registration number of before 2015
                uscc[row] = f"{codes.REGION}2{int(row):07d}{int(draw * 20)}"
            elif draw < 0.6:
                uscc[row] = code.lower()
            elif draw < 0.85:
                uscc[row] = codes.next_symbol(code)
            else:
                uscc[row] = "无"

    def _area_text(self, area: np.ndarray, full: np.ndarray) -> pl.Series:
        names = self.places.area_names + self.places.area_full_names
        return pl.Series(names).gather(area + full * len(self.places.area_names))

    def _capital(self, rng: np.random.Generator, rows: int) -> pl.Series:
        pattern = np.searchsorted(self.capital_cumulative[:-1], rng.random(rows), side="right")
        amounts = pl.Series(_CAPITALS_10K).cast(pl.String)
        amount = amounts.gather(rng.integers(0, len(_CAPITALS_10K), rows))
        draw = rng.random(rows)
        decimals = pl.Series(["", ".000000", ".5"]).gather(
            np.where(draw < 0.3, 1, np.where(draw > 0.97, 2, 0))
        )
        broken = rng.random(rows)
        amount = pl.select(pl.concat_str([amount, decimals])).to_series()
        fault = pl.Series(["", "1E-06"]).gather((broken > BROKEN_CAPITAL_SHARE / 2).astype(np.int64))
        pattern_text = self.capital_patterns.gather(pattern)
        # the broken ones are all of the commonest pattern: 万人民币 and 1E-06万人民币
        pattern_text = pattern_text.zip_with(
            pl.Series(broken >= BROKEN_CAPITAL_SHARE), pl.repeat(self.capital_patterns[0], rows, eager=True)
        )
        amount = amount.zip_with(pl.Series(broken >= BROKEN_CAPITAL_SHARE), fault)
        parts = pattern_text.str.split_exact("#", 1).struct.unnest()
        has_amount = pattern_text.str.contains("#", literal=True)
        with_amount = pl.concat_str([parts["field_0"], amount, parts["field_1"]])
        return pl.select(pl.when(has_amount).then(with_amount).otherwise(pattern_text)).to_series()


class _EstablishedDays:
    """Days of establishment with the profile's years; years its files do not cover are filled in."""

    def __init__(self, reference_date: date) -> None:
        seen = {int(year): count for year, count in profile()["weifang_by_file_year"].items()}
        del seen[2019]  # a partial file, it would make a hole of the last years
        recent = sum(seen[year] for year in (2010, 2011, 2012, 2013)) / 4
        years = np.arange(1980, reference_date.year + 1)
        counts = np.interp(years, sorted(seen), [seen[year] for year in sorted(seen)])
        counts[years > 2013] = recent
        days_of_last_year = (reference_date - date(reference_date.year, 1, 1)).days + 1
        counts[-1] *= days_of_last_year / 365
        self.cumulative = np.cumsum(counts) / counts.sum()
        self.first_day = np.array([(date(int(year), 1, 1) - _EPOCH).days for year in years])
        self.length = np.full(len(years), 365)
        self.length[-1] = days_of_last_year

    def draw(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        year = np.searchsorted(self.cumulative[:-1], rng.random(rows), side="right")
        days: np.ndarray = self.first_day[year] + (rng.random(rows) * self.length[year]).astype(np.int64)
        return days


def day_to_date(day: int) -> date:
    """A date from its number of days since 1970-01-01."""
    return _EPOCH + timedelta(days=int(day))


def _iso(days: np.ndarray) -> pl.Series:
    return pl.Series(days.astype(np.int32)).cast(pl.Date).cast(pl.String)


def _phones(rng: np.random.Generator, rows: int) -> pl.Series:
    """Eleven digits that look like a mobile number; 154 is not a prefix handed out to subscribers."""
    tail = pl.Series(rng.integers(0, 10_000, rows)).cast(pl.String).str.zfill(4)
    phones = pl.select(pl.lit("1540000") + tail).to_series()
    return phones.zip_with(pl.Series(rng.random(rows) < 0.8), pl.Series([None], dtype=pl.String))


def _shift(frame: pl.DataFrame, shifted: np.ndarray) -> pl.DataFrame:
    """Rows that lost their third cell: all that follows stands one column to the left, the last is empty."""
    if not len(shifted):
        return frame
    mask = np.zeros(frame.height, dtype=bool)
    mask[shifted] = True
    moved = [
        pl.when(pl.Series(mask)).then(pl.col(following)).otherwise(pl.col(name)).alias(name)
        for name, following in zip(HEADER[2:-1], HEADER[3:], strict=True)
    ]
    last = (
        pl.when(pl.Series(mask)).then(pl.lit(None, pl.String)).otherwise(pl.col(HEADER[-1])).alias(HEADER[-1])
    )
    return frame.with_columns(*moved, last)
