"""recall: keys with their values, and later some keys again: what was the value of each?"""

from __future__ import annotations

import string
from dataclasses import dataclass

import numpy as np

from rnnlab.config.schema import require
from rnnlab.data.contents import Sequences
from rnnlab.data.generated import Generated

LETTERS = len(string.ascii_lowercase)


class Recall(Generated):
    """Multi-query associative recall (Arora et al. 2023, Zoology: multiquery_ar).

        input    c K a B f K . . a . . . f c .      3 pairs, T = 15
        asked    - - - - - - - - B - - - K K -
        lag      - - - - - - - - 5 - - - 7 12 -     steps back to the value (lower-case letters are keys)

    The keys of a row differ, their values are independent and uniform among as many; each key is asked for
    once, in any order, at steps that are uniform among those after the pairs. The rest is blank: theirs draws
    the gaps from a power law and fills them with random symbols. Without memory: ln of the kinds.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Generated.Config):
        """length: steps T. pairs: keys with a value, in each row. kinds: different keys, and different values."""

        length: int = 64
        pairs: int = 4
        kinds: int = 8

        def __post_init__(self) -> None:
            Generated.Config.__post_init__(self)
            require(2 <= self.kinds <= LETTERS, "data.kinds", self.kinds, f"it must be from 2 to {LETTERS}")
            keys = f"it must be from 1 to data.kinds = {self.kinds}, since the keys of a row differ"
            require(1 <= self.pairs <= self.kinds, "data.pairs", self.pairs, keys)
            room = f"it must be at least {3 * self.pairs}: two steps for each pair, and one to ask"
            require(self.length >= 3 * self.pairs, "data.length", self.length, room)

    shape = "steps"
    config: Config

    @property
    def symbols(self) -> tuple[str, ...]:  # type: ignore[override]
        kinds = self.config.kinds
        return (*string.ascii_lowercase[:kinds], *string.ascii_uppercase[:kinds], ".")

    @property
    def classes(self) -> int:
        return self.config.kinds

    @property
    def max_length(self) -> int:
        return self.config.length

    def draw(self, generator: np.random.Generator, count: int) -> Sequences:
        """inputs uint8 (N, T); labels int32 (N, T): values counted from 0, -1 where no key is asked for."""
        steps, pairs, kinds = self.config.length, self.config.pairs, self.config.kinds
        keys = distinct(generator, count, pairs, kinds)
        values = generator.integers(0, kinds, (count, pairs))
        places = 2 * pairs + distinct(generator, count, pairs, steps - 2 * pairs)
        inputs = np.full((count, steps), 2 * kinds, dtype=np.uint8)
        inputs[:, 0 : 2 * pairs : 2], inputs[:, 1 : 2 * pairs : 2] = keys, kinds + values
        np.put_along_axis(inputs, places, keys.astype(np.uint8), axis=1)
        labels, lags = np.full((2, count, steps), -1, dtype=np.int32)
        np.put_along_axis(labels, places, values.astype(np.int32), axis=1)
        np.put_along_axis(lags, places, (places - (2 * np.arange(pairs) + 1)).astype(np.int32), axis=1)
        return Sequences(inputs, labels, lags=lags)


def distinct(generator: np.random.Generator, count: int, chosen: int, among: int) -> np.ndarray:
    """``chosen`` different numbers below ``among`` in a random order, for each row: int64 (N, chosen)."""
    ranked = generator.random((count, among), dtype=np.float32)
    subset = np.argpartition(ranked, chosen - 1, axis=1)[:, :chosen]
    return generator.permuted(subset, axis=1)
