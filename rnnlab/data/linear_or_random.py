"""linear_or_random: rows of numbers that grow evenly, among rows of numbers that do not, of different lengths."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rnnlab.config.schema import require
from rnnlab.data.contents import Sequences
from rnnlab.data.generated import Generated
from rnnlab.data.spec import DataSpec

STEP = 0.001
LABELS = ("linear", "random")
LINEAR = LABELS.index("linear")
SHORTEST = 2  # a single number is both


class LinearOrRandom(Generated):
    """Two classes of rows of 3 to 20 numbers in [0, 1), as in the dynamic RNN of TensorFlow-Examples (Damien 2016).

        .731 .732 .733 .734          class linear: from a random start on, each number 0.001 above the last
        .402 .915 .033               class random: each number by itself

    Half of each on average, the lengths uniform. There numbers are multiples of 0.001, so that 17,811 linear rows
    exist in all and a test of some thousands meets many of training again; here a start can be any number, and no
    row is drawn twice. No single place holds what is needed: there is no lag. Without memory: ln 2.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Generated.Config):
        """min_length, max_length: steps of a row, uniform between them."""

        examples: int = 20_000
        min_length: int = 3
        max_length: int = 20

        def __post_init__(self) -> None:
            Generated.Config.__post_init__(self)
            least, most = self.min_length, self.max_length
            require(least >= SHORTEST, "data.min_length", least, f"it must be at least {SHORTEST}")
            room = round(1 / STEP) - 1
            require(
                least <= most <= room, "data.max_length", most, f"it must be from data.min_length = {least} to {room}"
            )

    shape = "sequences"
    input_size = 1
    classes = len(LABELS)
    config: Config

    @property
    def max_length(self) -> int:
        return self.config.max_length

    def prepare(self) -> DataSpec:
        """See ``Dataset.prepare``."""
        return replace(Generated.prepare(self), labels=LABELS)

    def draw(self, generator: np.random.Generator, count: int) -> Sequences:
        """inputs float32 (N, T, 1), zeros behind the end of a row; labels int64 (N,)."""
        longest = self.config.max_length
        lengths = generator.integers(self.config.min_length, longest + 1, count)
        labels = generator.integers(0, 2, count)
        starts = generator.random(count) * (1 - STEP * (lengths - 1))
        steps = np.arange(longest)
        linear = starts[:, None] + STEP * steps
        values = np.where(labels[:, None] == LINEAR, linear, generator.random((count, longest)))
        values[steps >= lengths[:, None]] = 0
        return Sequences(values[:, :, None].astype(np.float32), labels, lengths, shortened=True)
