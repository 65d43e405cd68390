"""A text in two halves: what is chosen by looking at one is scored on the other."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rnnlab.errors import RequestError

LEAST = 4000
"""Characters without which two halves say little."""
BLOCKS, LONGEST_BLOCK = 40, 2000
GAP = 10
"""A tenth of each block, at its beginning, belongs to neither half: it still depends on the block before."""


@dataclass(frozen=True, slots=True)
class Halves:
    """Blocks of a text of N characters in turn: the first one for choosing, the second for scoring, and so on.

    So both halves see all of the text's parts, and a text that changes on its way favours neither.

    block        characters of a block
    choosing, scoring  int64, the places of each half in their order
    """

    block: int
    choosing: np.ndarray
    scoring: np.ndarray

    @classmethod
    def of(cls, characters: int, block: int | None = None) -> Halves:
        """Of so many characters; blocks of 2,000, or shorter ones where these would be fewer than 40.

        RequestError below ``LEAST`` characters.
        """
        if characters < LEAST:
            raise RequestError(f"the text has {characters:,} characters; two halves need at least {LEAST:,}")
        block = block or min(LONGEST_BLOCK, characters // BLOCKS)
        places = np.arange(characters // block * block)
        number = places // block
        kept = places % block >= block // GAP
        return cls(block, places[kept & (number % 2 == 0)], places[kept & (number % 2 == 1)])


def spread(characters: int, block: int, wanted: int) -> np.ndarray:
    """Places of at least ``wanted`` characters, or all: pairs of neighbouring blocks, spread evenly over the text.

    Read one after the other they are again blocks in turn, one of each half.
    """
    pairs = characters // (2 * block)
    count = min(pairs, math.ceil(wanted / (2 * block)))
    chosen = np.unique(np.linspace(0, pairs - 1, count).round().astype(int))
    return (chosen[:, None] * 2 * block + np.arange(2 * block)).ravel()
