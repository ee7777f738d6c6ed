"""How alike two cores of names are, for the order of the review queue. Nothing is accepted by it."""

from rapidfuzz.distance import JaroWinkler, Levenshtein

_JARO, _EDITS = JaroWinkler.normalized_similarity, Levenshtein.normalized_similarity


def name_similarity(one: str, other: str) -> float:
    """0 to 1, counted in characters: DuckDB's own distances count bytes, three to a Chinese character."""
    return 0.6 * _JARO(one, other) + 0.4 * _EDITS(one, other)
