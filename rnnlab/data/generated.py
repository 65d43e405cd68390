"""What all drawn sets share: a generator, seeded for each split, in the place of files.

Nothing is kept on the disk. The splits of the set that was asked for last stay in memory, since a run, and
one trial of a sweep after another, ask for the same.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from rnnlab.config.schema import aside, identity, require
from rnnlab.data.base import Dataset
from rnnlab.data.contents import Sequences
from rnnlab.data.spec import SPLITS, DataSpec


class Generated(Dataset):
    """A set of items drawn at random: a subclass draws and draws a picture of it.

    Each split has a generator of its own, seeded with (``data.seed``, number of the split). So the same
    configuration gives the same data on every machine, and a larger ``held_out`` leaves train as it is.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Dataset.Config):
        """examples: items to train on. held_out: items of val, and of test. seed: of what is drawn."""

        examples: int = 20_000
        held_out: int = 1_000
        seed: int = 0
        val_rows: int = aside(50)

        def __post_init__(self) -> None:
            Dataset.Config.__post_init__(self)
            require(self.examples >= 1, "data.examples", self.examples, "it must be at least 1")
            require(self.held_out >= 1, "data.held_out", self.held_out, "it must be at least 1")
            require(0 <= self.seed < 2**32, "data.seed", self.seed, "it must be at least 0 and below 2**32")

    licence = "none needed"
    source = "drawn from data.seed"
    shape: ClassVar[str]
    input_size: ClassVar[int] = 0
    symbols: tuple[str, ...] = ()
    target_symbols: tuple[str, ...] = ()
    target_length: int = 0
    picture: tuple[int, ...] = ()
    config: Config

    @classmethod
    def place(cls) -> Path:
        """The generator itself."""
        return Path(inspect.getfile(cls))

    @property
    @abstractmethod
    def classes(self) -> int:
        """Labels that there are; 0 for numbers."""

    @property
    @abstractmethod
    def max_length(self) -> int:
        """Steps of the longest item that can be drawn."""

    @property
    def sizes(self) -> dict[str, int]:
        """Items of each split."""
        return {"train": self.config.examples, "val": self.config.held_out, "test": self.config.held_out}

    @abstractmethod
    def draw(self, generator: np.random.Generator, count: int) -> Sequences:
        """``count`` items: a pure function of the generator's state and the configuration."""

    def draw_for(self, split: str, generator: np.random.Generator, count: int) -> Sequences:
        """The items of one split, for sets whose splits are not drawn alike."""
        return self.draw(generator, count)

    def prepare(self) -> DataSpec:
        """See ``Dataset.prepare``. All splits are drawn: the fingerprint is over what they hold."""
        targets = (self.target_symbols,) if self.target_symbols else ()
        described = (self.shape, self.symbols, self.input_size, self.classes, self.sizes, *targets)
        digest = hashlib.sha256(repr(described).encode())
        for name in SPLITS:
            part = self.split(name)
            for array in (part.inputs, part.labels, part.lengths):
                if array is not None:
                    digest.update(f"{array.dtype.str}{array.shape}".encode())
                    digest.update(np.ascontiguousarray(array).data)
        return DataSpec(
            shape=self.shape,
            symbols=self.symbols,
            input_size=self.input_size,
            classes=self.classes,
            sizes=self.sizes,
            max_length=self.max_length,
            unit="symbol" if self.symbols else "",
            fingerprint=digest.hexdigest(),
            target_symbols=self.target_symbols,
            target_length=self.target_length,
            picture=self.picture,
        )

    def split(self, name: str) -> Sequences:
        """One split; its arrays are shared, and so read-only."""
        assert name in SPLITS, name
        kept = kept_for(f"{type(self).__qualname__} {json.dumps(identity(self.config), sort_keys=True)}")
        if name not in kept:
            generator = np.random.default_rng([self.config.seed, SPLITS.index(name)])
            kept[name] = protected(self.draw_for(name, generator, self.sizes[name]))
        return kept[name]


_latest: dict[str, dict[str, Sequences]] = {}
"""Configuration -> split -> its items, of the set that was asked for last."""


def kept_for(configuration: str) -> dict[str, Sequences]:
    """What was drawn already of one set; what was kept of any other is let go."""
    if configuration not in _latest:
        _latest.clear()
    return _latest.setdefault(configuration, {})


def protected(items: Sequences) -> Sequences:
    """The same arrays, which nobody can write to any more."""
    for array in (items.inputs, items.labels, items.lengths, items.lags):
        if array is not None:
            array.flags.writeable = False
    return items


def asked_at(marked: np.ndarray, values: np.ndarray) -> np.ndarray:
    """``values`` where a step is marked, and -1 elsewhere: int32 (N, T), for labels and lags of steps."""
    return np.where(marked, values.astype(np.int32), np.int32(-1))
