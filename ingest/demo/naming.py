"""Names of demo firms, distinct by construction. Places, dates and credit codes are added in register.py.

A name is place + fancy word + business word + legal form. Each legal form is a *cell* with its own counter,
and the counter is mapped one-to-one on (fancy word, business word): no table of names seen is kept, so memory
does not grow with the register. Two characters make a fancy word until they run out, then three do. Owners' names run out in a
register of some 14 million and begin anew, as those of real sole traders do: they are masked while parsing anyway.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ingest.demo.pools import FIRM_MARKERS, PARTNERS, PERSON_MARKERS, SURNAMES, profile, words

COMPANY_FORMS = ("有限公司", "公司", "股份有限公司", "有限责任公司", "总公司", "集团公司")
SHOP_FORMS = ("部", "店", "站", "行", "所", "中心", "社", "馆")
MAIN_FORM = "有限公司"
BRANCH_FORM = "分公司"
OWN_NAME_BRACKET = "(个体工商户)"

TWO_CHARACTER_SHARE = 0.62
# of firms: individual businesses that print the bracket; they end in none of the profile's forms
BRACKETED_INDIVIDUAL_SHARE = 0.013
PARTNERSHIP_SHARE = 0.003

CHARACTERS = ["", *PARTNERS, *FIRM_MARKERS, *PERSON_MARKERS, *SURNAMES]
_PARTNER0 = 1
_MARKER0 = _PARTNER0 + len(PARTNERS)
_PERSON0 = _MARKER0 + len(FIRM_MARKERS)
_SURNAME0 = _PERSON0 + len(PERSON_MARKERS)

COMPANY, INDIVIDUAL, COOPERATIVE = 1, 2, 3


@dataclass(frozen=True)
class Cell:
    """Firms of one legal form and kind; `share` of all firms, the rest cell has none."""

    form: str
    pool: str
    kind: int
    share: float
    style: str  # whose place prefixes it takes: company or local

    @property
    def is_industrial_form(self) -> bool:
        return self.form in COMPANY_FORMS or self.form == "厂"


def cells() -> list[Cell]:
    """All cells; the first is the main legal form and takes whatever the others leave."""
    suffixes = dict(profile()["weifang_name_suffix"])
    kinds = profile()["weifang_kind_of_uscc"]
    firms = profile()["rows_weifang"]
    share = {form: count / firms for form, count in suffixes.items()}
    individuals = kinds["92"] / firms - BRACKETED_INDIVIDUAL_SHARE
    cooperatives = kinds["93"] / firms
    of_shops = individuals / sum(share[form] for form in SHOP_FORMS)

    made = [Cell(MAIN_FORM, "company", COMPANY, 0.0, "company")]
    made += [Cell(form, "company", COMPANY, share[form], "company") for form in COMPANY_FORMS[1:]]
    made.append(Cell(BRANCH_FORM, "company", COMPANY, share[BRANCH_FORM], "company"))
    made += [
        Cell("厂", "plant", COMPANY, share["厂"], "local"),
        Cell("场", "场", COMPANY, share["场"], "local"),
        Cell("专业合作社", "coop", COOPERATIVE, share["专业合作社"], "local"),
        Cell("合作社", "coop", COOPERATIVE, cooperatives - share["专业合作社"], "local"),
        Cell("供销合作社", "coop", COMPANY, share["合作社"] + share["专业合作社"] - cooperatives, "local"),
        Cell("合伙企业(有限合伙)", "partnership", COMPANY, PARTNERSHIP_SHARE, "company"),
        Cell("", "other", COMPANY, share["other"] - PARTNERSHIP_SHARE - BRACKETED_INDIVIDUAL_SHARE, "local"),
        Cell("店" + OWN_NAME_BRACKET, "店", INDIVIDUAL, BRACKETED_INDIVIDUAL_SHARE / 2, "local"),
        Cell("部" + OWN_NAME_BRACKET, "部", INDIVIDUAL, BRACKETED_INDIVIDUAL_SHARE / 2, "local"),
    ]
    for form in SHOP_FORMS:
        made.append(Cell(form, form, COMPANY, share[form] * (1 - of_shops), "local"))
        made.append(Cell(form, form, INDIVIDUAL, share[form] * of_shops, "local"))
    return made


@dataclass(frozen=True)
class Cores:
    """Fancy and business words of some firms: three indices into CHARACTERS and one into words()."""

    characters: np.ndarray  # (n, 3)
    word: np.ndarray
    cell: np.ndarray


class NameMaker:
    """Gives every row of a register its name's core; the same seed gives the same names."""

    def __init__(self, seed: int) -> None:
        self.cells = cells()
        self._shares = np.array([cell.share for cell in self.cells])
        self._keys = np.random.default_rng([seed, 1]).integers(1, 2**31, size=(len(self.cells), 4))

    def cores(self, start: int, stop: int) -> Cores:
        """Cores of rows `start` to `stop`, grouped by cell: the caller shuffles them."""
        first, last = self._totals(start), self._totals(stop)
        characters, word, cell_number = [], [], []
        for number, cell in enumerate(self.cells):
            made = self._cell(number, cell, int(first[number]), int(last[number]))
            for three, words_index in made:
                characters.append(three)
                word.append(words_index)
                cell_number.append(np.full(len(words_index), number))
        return Cores(np.concatenate(characters), np.concatenate(word), np.concatenate(cell_number))

    def _totals(self, rows: int) -> np.ndarray:
        """Firms of each cell among the first `rows` rows: exact shares at any size, not just on average."""
        totals: np.ndarray = np.floor(self._shares * rows).astype(np.int64)
        totals[0] = rows - totals.sum()
        return totals

    def _cell(self, number: int, cell: Cell, first: int, last: int) -> list[tuple[np.ndarray, np.ndarray]]:
        pool_size = words().size[cell.pool]
        if cell.kind == INDIVIDUAL:
            return [self._distinct(number, cell, np.arange(first, last), _owner, _OWNER_WORDS, 0)]
        short_capacity = _SHORT_WORDS * pool_size
        short_first, short_last = (
            min(int(TWO_CHARACTER_SHARE * total), short_capacity) for total in (first, last)
        )
        long = np.arange(first - short_first, last - short_last)
        return [
            self._distinct(number, cell, np.arange(short_first, short_last), _short, _SHORT_WORDS, 0),
            self._distinct(number, cell, long, _long, _LONG_WORDS, 2),
        ]

    def _distinct(
        self,
        number: int,
        cell: Cell,
        count: np.ndarray,
        spell: Callable[[np.ndarray], np.ndarray],
        fancy_words: int,
        key: int,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Map the counter on pairs of fancy and business word: a Latin square, so that no pair repeats."""
        multiplier, offset = (int(value) for value in self._keys[number, key : key + 2])
        multiplier %= fancy_words
        while np.gcd(multiplier, fancy_words) != 1:
            multiplier += 1
        fancy = (count % fancy_words * multiplier + offset) % fancy_words
        pool_size = words().size[cell.pool]
        scattered = (fancy * 2_654_435_761 + offset) // 65_536
        word = (scattered + count // fancy_words) % pool_size
        return spell(fancy), word + words().start[cell.pool]


_SHORT_WORDS = 2 * len(FIRM_MARKERS) * len(PARTNERS)
_LONG_WORDS = len(FIRM_MARKERS) * len(PARTNERS) ** 2
_OWNER_WORDS = len(SURNAMES) * len(FIRM_MARKERS) * len(PERSON_MARKERS)


def _short(fancy: np.ndarray) -> np.ndarray:
    """Marker and partner, in either order."""
    partner = _PARTNER0 + fancy % len(PARTNERS)
    rest = fancy // len(PARTNERS)
    marker = _MARKER0 + rest % len(FIRM_MARKERS)
    marker_first = rest // len(FIRM_MARKERS) == 1
    first = np.where(marker_first, marker, partner)
    second = np.where(marker_first, partner, marker)
    return np.stack([first, second, np.zeros_like(fancy)], axis=1)


def _long(fancy: np.ndarray) -> np.ndarray:
    """Two partners, then the marker: where the marker stands tells long from short words."""
    first = fancy % len(PARTNERS)
    rest = fancy // len(PARTNERS)
    second = rest % len(PARTNERS)
    marker = rest // len(PARTNERS)
    return np.stack([_PARTNER0 + first, _PARTNER0 + second, _MARKER0 + marker], axis=1)


def _owner(fancy: np.ndarray) -> np.ndarray:
    """An invented person: surname, firm marker, person marker."""
    surname = fancy % len(SURNAMES)
    rest = fancy // len(SURNAMES)
    marker = rest % len(FIRM_MARKERS)
    person = rest // len(FIRM_MARKERS)
    return np.stack([_SURNAME0 + surname, _MARKER0 + marker, _PERSON0 + person], axis=1)


def former_characters(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Fancy words of former names: partner and two markers, a pattern no current name has."""
    return np.stack(
        [
            _PARTNER0 + rng.integers(0, len(PARTNERS), rows),
            _MARKER0 + rng.integers(0, len(FIRM_MARKERS), rows),
            _MARKER0 + rng.integers(0, len(FIRM_MARKERS), rows),
        ],
        axis=1,
    )


def person_characters(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Invented persons: surname, in two of three cases a middle character, and a person marker."""
    middle = _PARTNER0 + rng.integers(0, len(PARTNERS), rows)
    return np.stack(
        [
            _SURNAME0 + rng.integers(0, len(SURNAMES), rows),
            np.where(rng.random(rows) < 0.66, middle, 0),
            _PERSON0 + rng.integers(0, len(PERSON_MARKERS), rows),
        ],
        axis=1,
    )
