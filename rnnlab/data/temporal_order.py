"""temporal_order: which of two symbols came first, second, (third), among much that says nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnlab.config.schema import require
from rnnlab.data.contents import Sequences
from rnnlab.data.generated import Generated

TENTHS = {2: (1, 5), 3: (1, 3, 6)}
"""In which tenth of a row each relevant symbol stands."""
RELEVANT, DISTRACTORS = 2, 4


class TemporalOrder(Generated):
    """The temporal order problem (Hochreiter & Schmidhuber 1997, experiments 6a and 6b).

    The layout is that of Pascanu et al. 2013 and their code: an X or Y stands somewhere in the second
    tenth of the row, another in the sixth, and all else is drawn from a, b, c, d.

        step     0         L/10      2L/10               5L/10      6L/10            L-1
        input    d a c b a | b Y c a | d b a c d a c b d | a c X b | b d c a d b c a b
        class    Y X: of XX, YX, XY, YY the number 1           lag: from the first of them to L-1

    With three symbols (tenths 1, 3 and 6, counted from 0) there are 8 classes. The class is the sum of
    (symbol is Y) 2**k over the symbols k. Without memory: ln 4, or ln 8.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Generated.Config):
        """length: steps L. min_length: each row has its own L, from this up to length. symbols: 2 or 3."""

        length: int = 100
        min_length: int | None = None
        symbols: int = 2

        def __post_init__(self) -> None:
            Generated.Config.__post_init__(self)
            least, most = self.min_length, self.length
            require(most >= 10, "data.length", most, "it must be at least 10, a step in each tenth")
            between = f"it must be from 10 to data.length = {most}, or null for one length"
            require(least is None or 10 <= least <= most, "data.min_length", least, between)
            require(self.symbols in TENTHS, "data.symbols", self.symbols, "it must be 2 or 3")

    shape = "sequences"
    symbols = ("X", "Y", "a", "b", "c", "d")
    config: Config

    @property
    def classes(self) -> int:
        return RELEVANT**self.config.symbols

    @property
    def max_length(self) -> int:
        return self.config.length

    def draw(self, generator: np.random.Generator, count: int) -> Sequences:
        """inputs uint8 (N, L) with distractors as padding too; labels int64 (N,)."""
        longest, least = self.config.length, self.config.min_length
        lengths = np.full(count, longest) if least is None else generator.integers(least, longest + 1, count)
        inputs = generator.integers(RELEVANT, RELEVANT + DISTRACTORS, (count, longest), dtype=np.uint8)
        labels, lags, rows = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64), np.arange(count)
        for number, tenth in enumerate(TENTHS[self.config.symbols]):
            places = tenth * lengths // 10 + generator.integers(0, lengths // 10)
            inputs[rows, places] = kinds = generator.integers(0, RELEVANT, count, dtype=np.uint8)
            labels += kinds.astype(np.int64) << number
            lags = lengths - 1 - places if number == 0 else lags
        return Sequences(inputs, labels, None if least is None else lengths, lags)
