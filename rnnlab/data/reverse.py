"""reverse: a word of random letters, to be written backwards."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnnlab.config.schema import require
from rnnlab.data.base import Share
from rnnlab.data.contents import Sequences
from rnnlab.data.generated import Generated

LETTERS = string.ascii_lowercase


class Reverse(Generated):
    """The smallest task that needs a decoder, and shows where it looks: at step u, at the letter u before the last.

        read       c a f d         lengths uniform in min_length .. length, letters uniform and independent
        written    d f a c .       the end (.) is a symbol too

    Without memory it is guessing, but for the ends. A decoder without attention must keep the whole word in its
    first state; with attention the weights lie on the diagonal from the word's end to its start.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Generated.Config):
        """length, min_length: letters of the longest and of the shortest word. kinds: different letters."""

        length: int = 12
        min_length: int = 6
        kinds: int = 26

        def __post_init__(self) -> None:
            Generated.Config.__post_init__(self)
            require(2 <= self.kinds <= len(LETTERS), "data.kinds", self.kinds, f"it must be from 2 to {len(LETTERS)}")
            require(self.length >= 1, "data.length", self.length, "it must be at least 1")
            within = f"it must be from 1 to data.length = {self.length}"
            require(1 <= self.min_length <= self.length, "data.min_length", self.min_length, within)

    shape = "pairs"
    config: Config

    @property
    def symbols(self) -> tuple[str, ...]:  # type: ignore[override]
        return tuple(LETTERS[: self.config.kinds])

    @property
    def target_symbols(self) -> tuple[str, ...]:  # type: ignore[override]
        return ("", *self.symbols)

    @property
    def classes(self) -> int:
        return len(self.target_symbols)

    @property
    def max_length(self) -> int:
        return self.config.length

    @property
    def target_length(self) -> int:  # type: ignore[override]
        return self.config.length + 1

    def draw(self, generator: np.random.Generator, count: int) -> Sequences:
        """inputs uint8 (N, S), 0 behind a word; labels int16 (N, S + 1); lengths of the words."""
        longest = self.config.length
        lengths = generator.integers(self.config.min_length, longest + 1, count)
        letters = generator.integers(0, self.config.kinds, (count, longest), dtype=np.uint8)
        steps, ends = np.arange(longest + 1), lengths[:, None]
        backwards = np.take_along_axis(letters, np.clip(ends - 1 - steps, 0, None), axis=1).astype(np.int16) + 1
        labels = np.where(steps < ends, backwards, np.where(steps == ends, 0, -1)).astype(np.int16)
        return Sequences(np.where(steps[:-1] < ends, letters, 0).astype(np.uint8), labels, lengths)

    def judge(
        self, split: str, written: Sequence[Sequence[str]], looked: Sequence[np.ndarray] | None
    ) -> dict[str, Share]:
        """See ``Dataset.judge``. diagonal: the part of the attention that lies on the letter to be written next."""
        if looked is None:
            return {}
        mass = np.concatenate([np.fliplr(weights_US).diagonal() for weights_US in looked])
        return {"diagonal": Share(float(mass.sum()), len(mass))}
