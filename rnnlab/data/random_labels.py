"""random_labels: rows of random bits with random labels, to be learned by heart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnlab.config.schema import require
from rnnlab.data.contents import Sequences
from rnnlab.data.generated import Generated
from rnnlab.data.spec import SPLITS

MOST_BITS = 62  # a row is drawn as one whole number of 64 bits


class RandomLabels(Generated):
    """How much fits into the weights (Collins et al. 2017, section 2.1, capacity per parameter).

        input    0 1 1 0 1 0 0 1      class 1
        input    1 1 0 0 1 0 1 0      class 0      N rows that differ, and a coin for each
        ...

    val is train, on purpose: what is measured is how many labels were stored. With a share p of them right,
    N (1 + p log2 p + (1 - p) log2(1 - p)) bits were (their equation 1); they find about 5 for each parameter.
    test is drawn anew: nothing can be known there, and a model that has learned by heart is far above ln 2.

    Their networks see all bits at once; here they come one a step. No single place holds what is needed:
    there is no lag. Without memory: ln 2.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Generated.Config):
        """examples: rows to be learned, N. length: bits T of each row."""

        examples: int = 1_000
        length: int = 32

        def __post_init__(self) -> None:
            Generated.Config.__post_init__(self)
            require(1 <= self.length <= MOST_BITS, "data.length", self.length, f"it must be from 1 to {MOST_BITS}")
            for name in ("examples", "held_out"):
                given = getattr(self, name)
                differ = f"the rows must differ, and {self.length} bits give {2**self.length}; make data.length larger"
                require(given <= 2**self.length, f"data.{name}", given, differ)

    shape = "sequences"
    symbols = ("0", "1")
    classes = 2
    config: Config

    @property
    def sizes(self) -> dict[str, int]:
        return {"train": self.config.examples, "val": self.config.examples, "test": self.config.held_out}

    @property
    def max_length(self) -> int:
        return self.config.length

    def split(self, name: str) -> Sequences:
        """See ``Generated.split``; val is train."""
        assert name in SPLITS, name
        return Generated.split(self, "train" if name == "val" else name)

    def draw(self, generator: np.random.Generator, count: int) -> Sequences:
        """inputs uint8 (N, T), no two rows equal; labels int64 (N,)."""
        numbers = generator.choice(2**self.config.length, count, replace=False)
        bits = (numbers[:, None] >> np.arange(self.config.length)) & 1
        return Sequences(bits.astype(np.uint8), generator.integers(0, 2, count))
