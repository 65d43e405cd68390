"""copy: ten symbols, a long pause, and then the same ten symbols again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnlab.config.schema import require
from rnnlab.data.contents import Sequences
from rnnlab.data.generated import Generated

KINDS = 8
RECALLED = 10
BLANK, DELIMITER = KINDS, KINDS + 1


class Copy(Generated):
    """The copying memory problem (Arjovsky et al. 2016, after Hochreiter & Schmidhuber 1997).

    Here with 3 symbols in the place of 10, and a delay of T = 5:

        input    c a f _ _ _ _ : _ _ _      the symbols, T - 1 blanks, a delimiter, as many blanks as symbols
        asked    _ _ _ _ _ _ _ _ c a f      T blanks and those of reading, then the symbols
        lag      0 0 0 0 0 0 0 0 8 8 8      T + the number of symbols; 0 where a blank is asked

    All T + 20 steps count, as in the literature. Who knows the step but no symbol answers the blanks for
    certain and guesses the rest among 8: 10 ln 8 / (T + 20) nats.

    With a ``variable`` delay each row has its own, uniform in 1 .. T, and ends after its last symbol: then
    the delimiter must be waited for, and who knows the step alone does not even know which are blanks.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Generated.Config):
        """delay: T, steps between the last symbol and the first that is asked. variable: up to T."""

        delay: int = 200
        variable: bool = False

        def __post_init__(self) -> None:
            Generated.Config.__post_init__(self)
            require(self.delay >= 1, "data.delay", self.delay, "it must be at least 1, for the delimiter")

    shape = "steps"
    symbols = (*"abcdefgh"[:KINDS], "_", ":")
    classes = KINDS + 1  # the delimiter is never asked for
    config: Config

    @property
    def max_length(self) -> int:
        return self.config.delay + 2 * RECALLED

    def draw(self, generator: np.random.Generator, count: int) -> Sequences:
        """inputs uint8 (N, T + 20); labels int32 of the same shape; lengths only where the delay varies."""
        longest, variable = self.config.delay, self.config.variable
        symbols = generator.integers(0, KINDS, (count, RECALLED), dtype=np.uint8)
        delays = generator.integers(1, longest + 1, count) if variable else np.full(count, longest)
        rows, lengths = np.arange(count), delays + 2 * RECALLED
        recall = delays[:, None] + RECALLED + np.arange(RECALLED)
        inputs = np.full((count, self.max_length), BLANK, dtype=np.uint8)
        inputs[:, :RECALLED] = symbols
        inputs[rows, delays + RECALLED - 1] = DELIMITER
        labels = np.full(inputs.shape, BLANK, dtype=np.int32)
        labels[rows[:, None], recall] = symbols
        lags = np.zeros(inputs.shape, dtype=np.int32)
        lags[rows[:, None], recall] = (delays + RECALLED)[:, None]
        padding = np.arange(self.max_length) >= lengths[:, None]
        labels[padding] = lags[padding] = -1
        return Sequences(inputs, labels, lengths if variable else None, lags)
