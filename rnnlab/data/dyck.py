"""dyck: well nested brackets of several types; at each closing one, which type it closes."""

from __future__ import annotations

import string
from dataclasses import dataclass

import numpy as np

from rnnlab.config.schema import require
from rnnlab.data.contents import Sequences
from rnnlab.data.generated import Generated, asked_at

LETTERS = string.ascii_lowercase


class Dyck(Generated):
    """Bounded nesting, Dyck-(k, m): k types of bracket, never more than m open (Hewitt et al. 2020).

    They ask a model for the closing bracket and report by the distance to the opening one; so here. An
    opening bracket shows its type, a closing one does not, and its type is what is asked:

        input    a b . c a . . .      k = 3 types a, b, c; "." closes what was opened last and is open still
        asked    - - b - - a c a
        lag      - - 1 - - 1 3 7      steps back to the opening bracket
        open     1 2 1 2 3 2 1 0      never above m = 3; 0 at the end

    Whether a bracket opens or closes is a fair coin, except with none open (opens), with m open, or with as
    many open as there are steps left (closes). The types are uniform: without memory ln k.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Generated.Config):
        """length: steps T, an even number. kinds: types of bracket k. depth: m, the most that are open at once."""

        length: int = 100
        kinds: int = 4
        depth: int = 8

        def __post_init__(self) -> None:
            Generated.Config.__post_init__(self)
            even = self.length >= 2 and self.length % 2 == 0
            require(even, "data.length", self.length, "it must be even and at least 2: what opens is closed")
            letters = f"it must be from 2 to {len(LETTERS)}, a letter for each"
            require(2 <= self.kinds <= len(LETTERS), "data.kinds", self.kinds, letters)
            require(self.depth >= 1, "data.depth", self.depth, "it must be at least 1")

    shape = "steps"
    config: Config

    @property
    def symbols(self) -> tuple[str, ...]:  # type: ignore[override]
        return (*LETTERS[: self.config.kinds], ".")

    @property
    def classes(self) -> int:
        return self.config.kinds

    @property
    def max_length(self) -> int:
        return self.config.length

    def draw(self, generator: np.random.Generator, count: int) -> Sequences:
        """inputs uint8 (N, T); labels int32 (N, T), -1 at opening brackets."""
        steps, kinds = self.config.length, self.config.kinds
        types = generator.integers(0, kinds, (count, steps), dtype=np.uint8)
        coins = generator.integers(0, 2, (count, steps), dtype=bool)
        opener, closes = np.zeros((count, steps), dtype=np.int64), np.zeros((count, steps), dtype=bool)
        rows, open_now = np.arange(count), np.zeros(count, dtype=np.int64)
        stack = np.zeros((count, self.config.depth + 1), dtype=np.int64)  # the step at which each level was opened
        for t in range(steps):
            must = (open_now == self.config.depth) | (open_now == steps - t)
            closes[:, t] = (open_now > 0) & (must | coins[:, t])
            stack[rows, np.where(closes[:, t], 0, open_now + 1)] = t  # level 0 is never read
            opener[:, t] = stack[rows, open_now]
            open_now += np.where(closes[:, t], -1, 1)
        labels = asked_at(closes, np.take_along_axis(types, opener, axis=1))
        inputs = np.where(closes, np.uint8(kinds), types)
        return Sequences(inputs, labels, lags=asked_at(closes, np.arange(steps) - opener))
