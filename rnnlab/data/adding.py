"""adding: the sum of the two marked numbers of a row, asked for at its end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnlab.config.schema import require
from rnnlab.data.contents import Sequences
from rnnlab.data.generated import Generated


class Adding(Generated):
    """The adding problem (Hochreiter & Schmidhuber 1997, experiment 4; layout of Le et al. 2015).

        step     0    1    2    3    4    5    6    7         T = 8
        value   .31  .84  .12  .57  .90  .04  .66  .25        uniform in [0, 1)
        marker   0    1    0    0    0    0    1    0         one in each half, uniform there
        asked                                     1.50        = .84 + .66
        lag                                          6        from the first marker to the end

    Predicting the mean, 1, gives the variance of two uniform numbers: a mean squared error of
    2 / 12 = 0.1667. Who remembers the second number alone halves that.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Generated.Config):
        """length: steps T of each row."""

        length: int = 200

        def __post_init__(self) -> None:
            Generated.Config.__post_init__(self)
            require(self.length >= 2, "data.length", self.length, "it must be at least 2, a marker in each half")

    shape = "numbers"
    input_size = 2
    classes = 0
    config: Config

    @property
    def max_length(self) -> int:
        return self.config.length

    def draw(self, generator: np.random.Generator, count: int) -> Sequences:
        """inputs float32 (N, T, 2): value and marker; labels float32 (N,)."""
        steps, rows = self.config.length, np.arange(count)
        first = generator.integers(0, steps // 2, count)
        second = generator.integers(steps // 2, steps, count)
        inputs = np.zeros((count, steps, 2), dtype=np.float32)
        inputs[..., 0] = generator.random((count, steps), dtype=np.float32)
        inputs[rows, first, 1] = inputs[rows, second, 1] = 1
        labels = inputs[rows, first, 0] + inputs[rows, second, 0]
        return Sequences(inputs, labels, lags=steps - 1 - first)
