"""What every dataset does: describe itself, cheaply (``rnnlab.data.spec``), and give the contents of its splits
(``rnnlab.data.contents``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np

from rnnlab.config.schema import ComponentConfig, aside, require
from rnnlab.data.contents import Sequences, Stream
from rnnlab.data.memoryless import memoryless_loss
from rnnlab.data.places import cache_root
from rnnlab.data.spec import DataSpec


class Share(NamedTuple):
    """How many of how many; or how much, where each gives a part of one."""

    right: float
    of: int


class Dataset(ABC):
    """A named set of data. Subclasses say where it comes from; nothing is read before ``prepare``."""

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """batch_size: rows trained side by side. val_rows: rows of a validation during training."""

        batch_size: int = 32
        val_rows: int = aside(32)

        def __post_init__(self) -> None:
            require(self.batch_size >= 1, "data.batch_size", self.batch_size, "it must be at least 1")
            require(self.val_rows >= 1, "data.val_rows", self.val_rows, "it must be at least 1")

    licence: ClassVar[str]
    source: ClassVar[str]

    def __init__(self, config: Config) -> None:
        """``say`` and ``progress`` are silent until a caller with a terminal replaces them.

        say(line)                        a remark for the user, e.g. that a checksum was pinned
        progress(label, done, total)     bytes of a download so far; total 0 where nobody knows it
        """
        self.config = config
        self.say: Callable[[str], None] = lambda line: None
        self.progress: Callable[[str, int, int], None] = lambda label, done, total: None

    @abstractmethod
    def prepare(self) -> DataSpec:
        """Find or download the data, check it, build the id array in the cache once, describe it.

        Raises RequestError where the data cannot be had (no such file, not UTF-8, checksum mismatch).
        """

    @abstractmethod
    def split(self, name: str) -> Stream | Sequences:
        """The contents of "train", "val" or "test", after ``prepare``."""

    def memoryless(self) -> float | None:
        """The loss on val of the best predictor that knows the step and nothing of the inputs; None for a stream.

        Nats, or squared error for numbers; see ``memoryless_loss``.
        """
        spec = self.prepare()
        if spec.shape == "stream":
            return None
        train, val = self.split("train"), self.split("val")
        assert isinstance(train, Sequences) and isinstance(val, Sequences)
        return memoryless_loss(train.labels, val.labels, spec.classes)

    def rivals(self) -> dict[str, float]:
        """Figures of methods without a network, fitted on train: {"NAME/SPLIT/FIGURE": value}; {} for none.

        They stand beside a run's own figures of the same split. What takes long is kept in the cache.
        """
        return {}

    def read_as(self, text: str) -> list[str]:
        """The symbols of a text that somebody types, as this set has them in what is read: its characters."""
        return list(text)

    def written_as(self, symbols: Sequence[str]) -> str:
        """Symbols of a target as people read them: one behind the other."""
        return "".join(symbols)

    def judge(
        self, split: str, written: Sequence[Sequence[str]], looked: Sequence[np.ndarray] | None
    ) -> dict[str, Share]:
        """What this set can tell of symbols written about each item of a split, by name; {} for nothing.

        looked: the weights at each symbol, and at the end behind them: (U, S) on the steps of what was read, or
        (U, rows, columns) on the places of a picture; None without attention.
        """
        return {}

    @classmethod
    def option(cls) -> str:
        """The name of the set in ``data=NAME``: the name of its module."""
        return cls.__module__.rpartition(".")[2]

    @classmethod
    def folder(cls) -> Path:
        """Where the prepared data lies: in the cache, a folder per form of the description, and in it one per set."""
        return cache_root() / "prepared" / DataSpec.form() / cls.option()

    @classmethod
    def place(cls) -> Path | None:
        """Where the raw data lies on this machine now, or None where it must first be had."""
        return None
