"""Photographs in a folder with sentences about each: read once, resized once, and kept as arrays.

Shapes: N items, P pictures, C channels, H and W pixels, U words of the longest sentence and its end.

A subclass reads the lists of its set (``described``); what stands here is what all share.
"""

from __future__ import annotations

import hashlib
import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnnlab.config.schema import aside, require
from rnnlab.data import prepared
from rnnlab.data.base import Dataset
from rnnlab.data.caption_lists import Described, inside
from rnnlab.data.contents import Sequences
from rnnlab.data.pairs import NOTHING, UNKNOWN, fill, numbered
from rnnlab.data.picture_files import read_picture
from rnnlab.data.spec import SPLITS, DataSpec
from rnnlab.errors import RequestError

RECIPE = 1  # raise it when the same files shall give other arrays
WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


class Captioned(Dataset):
    """Pictures with several sentences each.

    Train has an item for each sentence, val and test one for each picture, of whose sentences any is right. Words are
    small, without signs; those that stand less often in train than ``least`` are one symbol, the unknown.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Dataset.Config):
        """path: the folder. side: pixels of a picture's height and width.

        least: how often a word must stand in train to be a symbol. longest: words of a sentence; more are cut off.
        """

        batch_size: int = 64
        val_rows: int = aside(100)
        path: str = ""
        side: int = 128
        least: int = 5
        longest: int = 20

        def __post_init__(self) -> None:
            Dataset.Config.__post_init__(self)
            require(16 <= self.side <= 512, "data.side", self.side, "it must be from 16 to 512")
            require(self.least >= 1, "data.least", self.least, "it must be at least 1")
            require(self.longest >= 2, "data.longest", self.longest, "it must be at least 2")

    config: Config
    prepared_folder: Path

    @property
    def path(self) -> Path:
        """The folder. RequestError where there is none."""
        given, name = self.config.path, self.option()
        if not given:
            raise RequestError(f"data.path = '': data={name} needs the folder of its files, e.g. data.path={name}")
        path = Path(given).expanduser().absolute()
        if not path.is_dir():
            raise RequestError(f"data.path = {given!r}: no such folder")
        return path

    @abstractmethod
    def lists(self) -> list[Path]:
        """The files that say which picture is in which split, and what is said of it. RequestError for none."""

    @abstractmethod
    def described(self) -> Mapping[str, Sequence[Described]]:
        """The pictures of each split. RequestError where a list is not what it should be."""

    def prepare(self) -> DataSpec:
        """See ``Dataset.prepare``."""
        c = self.config
        key = prepared.stamp(self.lists(), RECIPE, c.side, c.least, c.longest)
        self.prepared_folder = self.folder() / key
        return prepared.prepare_once(self.prepared_folder, self.build)

    def split(self, name: str) -> Sequences:
        """inputs uint8 (P, 3, H, W), mapped from the disk; labels int32 (N, U); sources in train alone."""
        assert name in SPLITS, name
        parts = ("inputs", "labels", "sources" if name == "train" else "alternatives")
        inputs, labels, third = (prepared.load(self.prepared_folder, f"{name}_{part}") for part in parts)
        if name == "train":
            return Sequences(inputs, labels, sources=third)
        return Sequences(inputs, labels, alternatives=third)

    def written_as(self, symbols: Sequence[str]) -> str:
        """See ``Dataset.written_as``: words with a blank between them."""
        return " ".join(symbols)

    def build(self, folder: Path) -> DataSpec:
        """Write the pictures and the sentences of each split."""
        everything = self.described()
        for name in SPLITS:
            if not everything[name]:
                raise RequestError(f"data.path = {self.config.path!r}: the lists name no picture of {name}")
        said = {name: [self.split_up(item) for item in everything[name]] for name in SPLITS}
        counts = Counter(word for sentences in said["train"] for words in sentences for word in words)
        kept = sorted(word for word, count in counts.items() if count >= self.config.least)
        symbols = ("", UNKNOWN, *kept)
        digest = hashlib.sha256(repr(symbols).encode())
        total, done, sizes = sum(map(len, everything.values())), 0, {}
        for name in SPLITS:
            arrays = self.labels_of(said[name], symbols, name)
            sizes[name] = len(arrays["labels"])
            for part, array in arrays.items():
                np.save(folder / f"{name}_{part}.npy", array)
                digest.update(f"{name} {part} {array.shape}".encode() + array.tobytes())
            done = self.keep_pictures(folder / f"{name}_inputs.npy", everything[name], digest, done, total)
        return DataSpec(
            shape="captions",
            symbols=(),
            input_size=0,
            classes=len(symbols),
            sizes=sizes,
            max_length=self.config.longest + 1,
            unit="word",
            fingerprint=digest.hexdigest(),
            target_symbols=symbols,
            target_length=self.config.longest + 1,
            picture=(3, self.config.side, self.config.side),
        )

    def split_up(self, item: Described) -> list[tuple[str, ...]]:
        """The words of each sentence. RequestError for a picture of which nothing is said."""
        sentences = [tuple(WORD.findall(sentence.lower()))[: self.config.longest] for sentence in item.sentences]
        known = [words for words in sentences if words]
        if not known:
            raise RequestError(f"data.path = {self.config.path!r}: no sentence is about picture {item.file}")
        return known

    def labels_of(
        self, said: Sequence[Sequence[tuple[str, ...]]], symbols: tuple[str, ...], split: str
    ) -> dict[str, np.ndarray]:
        """labels, and sources or alternatives, as ``split`` gives them."""
        steps = self.config.longest + 1
        ended = [[(*ids, 0) for ids in numbered(sentences, symbols)] for sentences in said]
        items = [ids for sentences in ended for ids in (sentences if split == "train" else sentences[:1])]
        labels = np.full((len(items), steps), NOTHING, dtype=np.int32)
        fill(labels, items)
        if split == "train":
            return {"labels": labels, "sources": np.repeat(np.arange(len(ended)), [len(each) for each in ended])}
        others = np.full((len(ended), max(1, max(map(len, ended)) - 1), steps), NOTHING, dtype=np.int32)
        for rows, sentences in zip(others, ended, strict=True):
            fill(rows, sentences[1:])
        return {"labels": labels, "alternatives": others}

    def keep_pictures(self, path: Path, items: Sequence[Described], digest: Any, done: int, total: int) -> int:
        """Write the pictures of a split, one after the other; returns how many are done of all splits."""
        side = self.config.side
        pictures = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=(len(items), 3, side, side))
        for number, item in enumerate(items):
            pictures[number] = read_picture(inside(self.path, item.file), side, side)
            digest.update(pictures[number].data)
            self.progress("resizing pictures", done + number + 1, total)
        pictures.flush()
        return done + len(items)
