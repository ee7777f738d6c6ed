"""Areas by their printed names. The names are rows of a table handed in; no name of any place stands here."""

import difflib
import re
from dataclasses import dataclass

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


class AreaIndex:
    """Areas by every name they are known by. Built once, then only read."""

    def __init__(self, matches: dict[str, AreaMatch]) -> None:
        self._matches = matches

    @classmethod
    def from_rows(cls, rows: list[dict[str, str | None]]) -> "AreaIndex":
        """The index over rows of alias, area_id, coverage_basis and scope_note; other keys are not looked at.

        Raises:
            NormaliseError: two rows give one name to different areas, or with a different note or basis.
        """
        matches: dict[str, AreaMatch] = {}
        for row in rows:
            basis = row.get("coverage_basis") or "unstated"
            match = AreaMatch(row["area_id"], row.get("scope_note") or None, basis)
            known = matches.setdefault(_fold(row["alias"]), match)
            if known != match:
                raise NormaliseError(
                    f"alias {row['alias']!r} stands for two areas or scopes: {known} and {match}",
                    "one area and one scope per alias",
                )
        return cls(matches)

    def find(self, text: str) -> AreaMatch:
        """The area of a printed name; a bracket at its end becomes a scope note, unless the name has it.

        Raises:
            NormaliseError: the name is not listed; the nearest listed names are offered, never taken.
        """
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
