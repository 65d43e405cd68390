"""A language whose words stand in rows and columns, so that its analogies are known."""

from __future__ import annotations

import hashlib
import inspect
import itertools
import string
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnlab.config.schema import aside, late, require
from rnnlab.data.base import Dataset
from rnnlab.data.contents import Stream
from rnnlab.data.spec import SPLITS, DataSpec
from rnnlab.data.text_stream import shuffled

SENTENCE = 4
"""Words of a sentence, the end of its line among them."""


class Grid(Dataset):
    """Sentences of a word of the grid, the name of its row and the name of its column, in either order.

              1    2    3
        a    a1   a2   a3         a2 row-a column-2
        b    b1   b2   b3         b3 column-3 row-b
        c    c1   c2   c3         b1 row-b column-1

    Words of a row have the same row behind them, words of a column the same column, and nothing else tells them
    apart. So a1 is to a2 as b1 is to b2, exactly: analogies of the whole grid are right answers to questions that
    ``questions`` lists. All words are equally frequent, and the order of the two names is a coin's. So no model can
    be better than ln(rows * columns) + ln 2 nats a sentence of four symbols, the end of the line being one.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Dataset.Config):
        """rows, columns: of the grid. sentences: to train on. held_out: sentences of val, and of test. seed: of what
        is drawn. shuffled: each split holds its words in a random order, for comparison."""

        rows: int = 6
        columns: int = 6
        sentences: int = 20_000
        held_out: int = 1_000
        seed: int = 0
        shuffled: bool = late(False)
        val_rows: int = aside(8)

        def __post_init__(self) -> None:
            Dataset.Config.__post_init__(self)
            letters = len(string.ascii_lowercase)
            require(2 <= self.rows <= letters, "data.rows", self.rows, f"it must be 2 to {letters}, a letter each")
            require(self.columns >= 2, "data.columns", self.columns, "it must be at least 2")
            require(self.sentences >= 1, "data.sentences", self.sentences, "it must be at least 1")
            require(self.held_out >= 1, "data.held_out", self.held_out, "it must be at least 1")
            require(0 <= self.seed < 2**32, "data.seed", self.seed, "it must be at least 0 and below 2**32")

    licence = "none needed"
    source = "drawn from data.seed"
    config: Config
    ids: np.ndarray  # uint16 (N,): the three splits one after the other, after ``prepare``

    @classmethod
    def place(cls) -> Path:
        """The generator itself."""
        return Path(inspect.getfile(cls))

    @property
    def symbols(self) -> tuple[str, ...]:
        """The end of a line, the words row by row, the names of the rows, and those of the columns."""
        rows, columns = string.ascii_lowercase[: self.config.rows], range(1, self.config.columns + 1)
        words = (word_at(row, column) for row in rows for column in columns)
        return ("\n", *words, *(f"row-{row}" for row in rows), *(f"column-{column}" for column in columns))

    def prepare(self) -> DataSpec:
        """See ``Dataset.prepare``. All is drawn anew, in a moment, and nothing is kept on the disk."""
        symbols, borders = self.symbols, self.borders()
        drawn = [self.draw(np.random.default_rng([self.config.seed, n]), *borders[s]) for n, s in enumerate(SPLITS)]
        self.ids = np.concatenate(drawn)
        if self.config.shuffled:
            self.ids = np.concatenate(shuffled(self.ids, borders, self.config.seed))
        self.ids.flags.writeable = False
        sizes = {name: stop - start for name, (start, stop) in borders.items()}
        digest = hashlib.sha256(repr((symbols, sizes)).encode())
        digest.update(self.ids.astype("<u2").tobytes())
        return DataSpec(
            shape="stream",
            symbols=symbols,
            input_size=0,
            classes=0,
            sizes=sizes,
            max_length=0,
            unit="word",
            fingerprint=digest.hexdigest(),
        )

    def borders(self) -> dict[str, tuple[int, int]]:
        """Where in the row of all words each split starts and stops."""
        counts = (self.config.sentences, self.config.held_out, self.config.held_out)
        ends = [SENTENCE * end for end in itertools.accumulate(counts, initial=0)]
        return dict(zip(SPLITS, itertools.pairwise(ends), strict=True))

    def draw(self, generator: np.random.Generator, start: int, stop: int) -> np.ndarray:
        """The sentences between two borders, one after the other: a pure function of the generator's state."""
        rows, columns, count = self.config.rows, self.config.columns, (stop - start) // SENTENCE
        cells_N, turned_N = generator.integers((rows * columns, 2), size=(count, 2)).T
        names_N2 = 1 + rows * columns + np.stack([cells_N // columns, rows + cells_N % columns], axis=1)
        names_N2 = np.where(turned_N[:, None], names_N2[:, ::-1], names_N2)
        ends_N = np.zeros(count, dtype=np.int64)
        return np.column_stack([1 + cells_N, names_N2, ends_N]).astype(np.uint16).ravel()

    def split(self, name: str) -> Stream:
        """One split, as a view of the one array; each sentence is a document."""
        start, stop = self.borders()[name]
        return Stream(self.ids[start:stop], np.arange(0, stop - start, SENTENCE))

    def questions(self) -> list[tuple[str, str, str, str]]:
        """Every analogy a : b :: c : d of the grid: the corners of a rectangle, from each of them both ways."""
        rows, columns = string.ascii_lowercase[: self.config.rows], range(1, self.config.columns + 1)
        along_rows = [
            (word_at(r, i), word_at(r, j), word_at(s, i), word_at(s, j))
            for r, s in itertools.permutations(rows, 2)
            for i, j in itertools.permutations(columns, 2)
        ]
        return along_rows + [(a, c, b, d) for a, b, c, d in along_rows]


def word_at(row: str, column: int) -> str:
    """The word of a row and a column: ``b3``."""
    return f"{row}{column}"
