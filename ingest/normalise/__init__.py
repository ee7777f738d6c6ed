"""Normalising: settles language and print, one small module per kind of text. No files, no business rules.

Every parser is a pure function: it returns its result or raises ``NormaliseError``, and never guesses.
"""


class NormaliseError(ValueError):
    """A text cannot be read for certain: ``reason`` says why, ``expected`` what would have been read."""

    def __init__(self, reason: str, expected: str) -> None:
        super().__init__(f"{reason}; expected {expected}")
        self.reason = reason
        self.expected = expected
