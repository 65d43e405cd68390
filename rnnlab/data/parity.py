"""parity: whether the ones so far are odd in number."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from rnnlab.config.schema import require
from rnnlab.data.contents import Sequences
from rnnlab.data.generated import Generated, asked_at


class Asked(str, Enum):
    """At which steps the parity of all bits so far is asked for."""

    every = "every"
    last = "last"


class Parity(Generated):
    """Parity of random bits, one of the three problems of Bengio et al. 1994.

        input          1 0 1 1 0 1      T = 6
        asked: every   1 1 0 1 1 0      1 where the ones so far are odd in number
        asked: last    - - - - - 0
        lag            0 1 2 3 4 5      from the first bit, since all of them are needed

    Asked at every step it can be learned from short rows upwards: each answer is the one before it, turned
    round by a 1. Asked at the last step alone, no part of the bits says anything. Without memory: ln 2.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Generated.Config):
        """length: bits T of each row. asked: at every step, or at the last one."""

        length: int = 50
        asked: Asked = Asked.every

        def __post_init__(self) -> None:
            Generated.Config.__post_init__(self)
            require(self.length >= 1, "data.length", self.length, "it must be at least 1")

    shape = "steps"
    symbols = ("0", "1")
    classes = 2
    config: Config

    @property
    def max_length(self) -> int:
        return self.config.length

    def draw(self, generator: np.random.Generator, count: int) -> Sequences:
        """inputs uint8 (N, T); labels int32 (N, T)."""
        steps = np.arange(self.config.length)
        bits = generator.integers(0, 2, (count, self.config.length), dtype=np.uint8)
        marked = np.full(bits.shape, self.config.asked is Asked.every)
        marked[:, -1] = True
        odd = np.bitwise_xor.accumulate(bits, axis=1)
        return Sequences(bits, asked_at(marked, odd), lags=asked_at(marked, steps))
