"""hello: the lecture's four letters."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rnnlab.config.schema import aside
from rnnlab.data.base import Dataset
from rnnlab.data.contents import Stream
from rnnlab.data.spec import SPLITS, DataSpec


class Hello(Dataset):
    """Five letters, so small that every number of the network can be read.

        input    h e l l
        target   e l l o       vocabulary h, e, l, o

    Train and val are the same five letters: the aim is to learn the word by heart. Which letter
    follows an l depends on the one before it, so a network without memory cannot.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Dataset.Config):
        """One row, as there is one word. A window of 4 (``bptt.window=4``) holds all of it."""

        batch_size: int = 1
        val_rows: int = aside(1)

    licence = "none needed"
    source = "the word itself"
    text: ClassVar[str] = "hello"
    symbols: ClassVar[tuple[str, ...]] = ("h", "e", "l", "o")

    def prepare(self) -> DataSpec:
        """See ``Dataset.prepare``. There is nothing to find and nothing to keep."""
        return DataSpec(
            shape="stream",
            symbols=self.symbols,
            input_size=0,
            classes=0,
            sizes={"train": len(self.text), "val": len(self.text), "test": 0},
            max_length=0,
            unit="character",
            fingerprint=hashlib.sha256(repr((self.text, self.symbols)).encode()).hexdigest(),
        )

    def split(self, name: str) -> Stream:
        """The word for train and val, nothing for test."""
        assert name in SPLITS, name
        text = "" if name == "test" else self.text
        ids = np.array([self.symbols.index(letter) for letter in text], dtype=np.uint8)
        return Stream(ids, np.zeros(1, dtype=np.int64))
