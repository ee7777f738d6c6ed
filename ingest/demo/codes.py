"""Vectorised credit codes for the demo registers. Checking a printed code belongs to ingest.normalise."""

import numpy as np

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# In no list of divisions, so no demo code can be a real firm's.
REGION = "370799"

_SYMBOLS = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)
_VALUE = np.full(128, 255, dtype=np.int64)
_VALUE[_SYMBOLS] = np.arange(31)
# GB 11714 counts letters A=10 … Z=35 without gaps, unlike the 31 symbols of GB 32100.
_GB11714_VALUE = np.array([int(symbol, 36) for symbol in ALPHABET], dtype=np.int64)
_GB11714_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int64)
_GB11714_CHECK = np.array([_VALUE[ord(symbol)] for symbol in "0123456789X"], dtype=np.int64)
_GB32100_WEIGHTS = np.array([pow(3, position, 31) for position in range(17)], dtype=np.int64)

_MA_CODES = 31**6
_DIGIT_CODES = 10**8


def check_values(bodies: np.ndarray) -> np.ndarray:
    """Values 0–30 of the GB 32100-2015 check characters of bodies given as symbol values, shape (n, 17)."""
    return (31 - bodies @ _GB32100_WEIGHTS % 31) % 31


def credit_codes(numbers: np.ndarray, kinds: np.ndarray, is_ma: np.ndarray, multiplier: int) -> np.ndarray:
    """One valid 18-character code per row, as an array of "U18".

    `numbers` are the rows' own numbers: different numbers never give the same code (below 10**8 rows).
    `kinds` holds the second character's value (1 company, 2 individual business, 3 cooperative);
    `is_ma` tells codes issued after October 2015 (MA…) from converted organisation codes (digits only).
    """
    numbers = numbers.astype(np.int64)
    organisation = np.empty((len(numbers), 8), dtype=np.int64)
    # multiplication by a unit of the ring permutes it: distinct rows, scattered codes
    digits = numbers * _unit(multiplier, 10) % _DIGIT_CODES
    letters = numbers * _unit(multiplier, 31) % _MA_CODES
    for position in range(8):
        organisation[:, 7 - position] = digits // 10**position % 10
    for position in range(6):
        value = letters // 31**position % 31
        organisation[is_ma, 7 - position] = value[is_ma]
    organisation[is_ma, 0] = _VALUE[ord("M")]
    organisation[is_ma, 1] = _VALUE[ord("A")]
    remainder = _GB11714_VALUE[organisation] @ _GB11714_WEIGHTS % 11
    body = np.empty((len(numbers), 17), dtype=np.int64)
    body[:, 0] = 9
    body[:, 1] = kinds
    body[:, 2:8] = [int(digit) for digit in REGION]
    body[:, 8:16] = organisation
    body[:, 16] = _GB11714_CHECK[(11 - remainder) % 11]
    values = np.concatenate([body, check_values(body)[:, None]], axis=1)
    return _text(values)


def next_symbol(code: str) -> str:
    """The code with its last character moved on by one: same shape, wrong check character."""
    return code[:-1] + ALPHABET[(ALPHABET.index(code[-1]) + 1) % 31]


def _text(values: np.ndarray) -> np.ndarray:
    return (
        np.ascontiguousarray(_SYMBOLS[values])
        .view(f"S{values.shape[1]}")
        .ravel()
        .astype(f"U{values.shape[1]}")
    )


def _unit(multiplier: int, base: int) -> int:
    """The multiplier, moved to the next number that shares no factor with `base`."""
    while np.gcd(multiplier, base) != 1:
        multiplier += 1
    return multiplier
