"""Areas by their printed names. The names are rows of a table handed in; no name of any place stands here."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ingest.normalise import NormaliseError
from ingest.normalise.typography import BRACKETS, squeeze

_BRACKETS = str.maketrans(BRACKETS)
_EXCLUDING = ("不含", "不包括", "不包含", "不计", "扣除", "剔除", "除外")
_INCLUDING = ("含", "包括", "包含")


@dataclass(frozen=True)
class AreaMatch:
    """An area that a printed name stands for.

    scope_note: what the name or its bracket adds (含经济开发区), or None.
    coverage_basis: administrative, excl_zones, zone_only, incl_zone or unstated.
    Figures of different bases neither compare nor add up.
    """

    area_id: str
    scope_note: str | None
    coverage_basis: str


@dataclass(frozen=True)
class _Use:
    """The years in which a name or code was used, None where that is open; what it meant before, if something else."""

    first: int | None = None
    last: int | None = None
    earlier_meaning: str | None = None


class AreaIndex:
    """Areas by every name they are known by. Built once, then only read."""

    def __init__(self, matches: dict[str, AreaMatch], uses: dict[str, _Use]) -> None:
        self._matches = matches
        self._uses = uses

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, str]]) -> "AreaIndex":
        """The index over rows of alias, area_id, coverage_basis, scope_note, valid_from, valid_to and earlier_meaning.

        Raises:
            NormaliseError: two rows give one name to different areas, or with a different note or basis.
        """
        matches: dict[str, AreaMatch] = {}
        uses: dict[str, _Use] = {}
        for row in rows:
            basis = row.get("coverage_basis") or "unstated"
            match = AreaMatch(row["area_id"], row.get("scope_note") or None, basis)
            known = matches.setdefault(_fold(row["alias"]), match)
            if known != match:
                raise NormaliseError(
                    f"alias {row['alias']!r} stands for two areas or scopes: {known} and {match}",
                    "one area and one scope per alias",
                )
            first, last = (int(row[key]) if row.get(key) else None for key in ("valid_from", "valid_to"))
            use = _Use(first, last, row.get("earlier_meaning") or None)
            if use != _Use():
                uses[_fold(row["alias"])] = use
        return cls(matches, uses)

    def is_dated(self, text: str) -> bool:
        """Whether the name or code was not in use at all times, so that the year of a figure says more of it."""
        return self._use(text) is not None

    def find(self, text: str, year: int | None = None) -> AreaMatch:
        """The area of a printed name; a bracket at its end becomes a scope note, unless the name has it.

        A name that was not in use in the figure's year is taken with a note: tables that look back print today's names,
        and a county that was renamed stayed where it was. One that meant other ground then is refused.

        Raises:
            NormaliseError: the name is not listed (the nearest listed names are offered, never taken), or it meant
                another area in that year.
        """
        found = self._named(text)
        use = self._use(text)
        if year is None or use is None:
            return found
        if use.first is not None and year < use.first:
            if use.earlier_meaning:
                raise NormaliseError(
                    f"{text!r} was another ground in {year}: {use.earlier_meaning}",
                    "the name that the area had then",
                )
            note = f"该名称或代码自{use.first}年起使用，数据为{year}年"
        elif use.last is not None and year > use.last:
            note = f"该名称或代码用至{use.last}年，数据为{year}年"
        else:
            return found
        return replace(found, scope_note="；".join(part for part in (found.scope_note, note) if part))

    def _use(self, text: str) -> _Use | None:
        name = _fold(text)
        return self._uses.get(name) or self._uses.get(name.partition("(")[0])

    def _named(self, text: str) -> AreaMatch:
        name = _fold(text)
        if name in self._matches:
            return self._matches[name]
        bracket = re.fullmatch(r"(?P<name>[^()]+)\((?P<note>[^()]+)\)", name)
        if bracket and bracket["name"] in self._matches:
            plain, note = self._matches[bracket["name"]], bracket["note"]
            notes = "；".join(part for part in (plain.scope_note, note) if part)
            return AreaMatch(plain.area_id, notes, _basis(note))
        near = difflib.get_close_matches(name.partition("(")[0], self._matches, n=3, cutoff=0.5)
        nearest = f"; nearest: {'、'.join(near)}" if near else ""
        raise NormaliseError(
            f"unknown area {text!r}", f"one of the {len(self._matches)} known names{nearest}"
        )


def _basis(note: str) -> str:
    if any(word in note for word in _EXCLUDING):  # first: 不含 holds 含
        return "excl_zones"
    return "incl_zone" if any(word in note for word in _INCLUDING) else "unstated"


def _fold(text: str) -> str:
    return squeeze(text).translate(_BRACKETS)
