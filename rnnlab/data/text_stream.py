"""What all texts share: files in an order become one row of ids, cut into train, val and test.

A concrete set says which files there are (``files``) and how the row is cut (``parts``). Each file is
a document, and they follow one another with nothing in between.
"""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from rnnlab.config.schema import late, require
from rnnlab.data import prepared
from rnnlab.data.base import Dataset
from rnnlab.data.contents import Stream
from rnnlab.data.spec import SPLITS, DataSpec
from rnnlab.data.symbols import Unit, ids_of, vocabulary
from rnnlab.data.words import UNKNOWN, count_words, most_frequent
from rnnlab.errors import RequestError, WorkError

RECIPE = 1  # raise it when the same files shall give other arrays
MOST_WORDS = 10_000


class TextStream(Dataset):
    """A text as one stream of characters, bytes or words, split by position.

    The vocabulary is the sorted characters of the whole text, as char-rnn has it, all 256 bytes, or the most
    frequent words of the training part; ``rnnlab.data.words`` says what a word is.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Dataset.Config):
        """unit: what one symbol is, a Unicode character, a byte or a word (the text must be UTF-8, but for bytes).

        vocabulary    words that are kept, the most frequent of train; all others are ``<unk>``
        lowercase     words are read in lower case
        shuffled      each split holds its symbols in a random order: a text that says nothing, for comparison
        shuffle_seed  of that order
        """

        unit: Unit = Unit.character
        vocabulary: int = late(MOST_WORDS)
        lowercase: bool = late(False)
        shuffled: bool = late(False)
        shuffle_seed: int = late(0)

        def __post_init__(self) -> None:
            Dataset.Config.__post_init__(self)
            given, seed = self.vocabulary, self.shuffle_seed
            require(given >= 1, "data.vocabulary", given, "it must be at least 1")
            require(0 <= seed < 2**32, "data.shuffle_seed", seed, "it must be at least 0 and below 2**32")
            if self.unit is not Unit.word:
                for_words = f"data.unit={self.unit.value} keeps every symbol as it is; possible with data.unit=word"
                require(given == MOST_WORDS, "data.vocabulary", given, for_words)
                require(not self.lowercase, "data.lowercase", self.lowercase, for_words)

        @property
        def recipe(self) -> tuple[object, ...]:
            """The settings that say which arrays are made of the same files."""
            words = (self.vocabulary, self.lowercase) if self.unit is Unit.word else ()
            order = ("shuffled", self.shuffle_seed) if self.shuffled else ()
            return (self.unit.value, *words, *order)

    parts: ClassVar[tuple[float, float, float]] = (0.9, 0.05, 0.05)
    config: Config
    ids: np.ndarray  # the whole text, memory-mapped, after ``prepare``
    documents: np.ndarray  # int64, where in it each document starts

    @abstractmethod
    def files(self) -> list[Path]:
        """The raw files in their order, each a document; downloaded where need be.

        Raises RequestError where they cannot be had.
        """

    def prepare(self) -> DataSpec:
        """See ``Dataset.prepare``. The second time costs a look at the files' sizes and times."""
        files = self.files()
        key = self.stamp(files)
        folder = self.folder() / key
        spec = prepared.prepare_once(folder, lambda empty: self.build(empty, files))
        self.ids, self.documents = (prepared.load(folder, array) for array in ("ids", "documents"))
        return spec

    def stamp(self, files: list[Path]) -> str:
        """The name of the prepared folder: of files, settings and the borders of the splits."""
        unit, *more = self.config.recipe
        return prepared.stamp(files, RECIPE, unit, self.parts, *more)

    def build(self, folder: Path, files: list[Path]) -> DataSpec:
        """Write ``ids.npy`` and ``documents.npy`` into ``folder`` and describe them."""
        symbols, lengths, blocks = self.read(files)
        count = sum(lengths)
        starts = np.cumsum([0, *lengths[:-1]])
        documents = starts[np.array(lengths) > 0].astype(np.int64)
        np.save(folder / "documents.npy", documents)
        borders = bounds(count, self.parts)
        if self.config.shuffled:
            blocks = shuffled(np.concatenate(list(blocks)), borders, self.config.shuffle_seed)
        sizes = {name: stop - start for name, (start, stop) in borders.items()}
        digest = hashlib.sha256(json.dumps([self.config.unit.value, symbols, sizes]).encode())
        digest.update(documents.astype("<i8").tobytes())
        write_ids(folder / "ids.npy", blocks, count, digest)
        return DataSpec(
            shape="stream",
            symbols=symbols,
            input_size=0,
            classes=0,
            sizes=sizes,
            max_length=0,
            unit=self.config.unit.value,
            fingerprint=digest.hexdigest(),
        )

    def read(self, files: list[Path]) -> tuple[tuple[str, ...], list[int], Iterable[np.ndarray]]:
        """The vocabulary, the symbols of each file, and the ids of all files in blocks. RequestError for no symbol."""
        unit = self.config.unit
        if unit is Unit.word:
            counted = count_words(files, self.config.lowercase)
            refuse_nothing(files, counted.lengths)
            train = bounds(sum(counted.lengths), self.parts)["train"][1]
            words, ids = most_frequent(counted, train, self.config.vocabulary)
            kinds, unknown = len(counted.kinds) - 1, float((ids == 0).mean())
            self.say(f"{kinds:,} different words, {len(words) - 1:,} kept; {unknown:.2%} of the text is {UNKNOWN}")
            return words, counted.lengths, [ids]
        symbols, lengths = vocabulary(files, unit)
        refuse_nothing(files, lengths)
        return symbols, lengths, ids_of(files, unit, symbols)

    def split(self, name: str) -> Stream:
        """One split, as a view of the one memory-mapped array. Empty where the set has no such part."""
        assert name in SPLITS, name
        start, stop = bounds(len(self.ids), self.parts)[name]
        inside = self.documents[(self.documents > start) & (self.documents < stop)] - start
        return Stream(self.ids[start:stop], np.concatenate([np.zeros(1, dtype=np.int64), inside]))


def bounds(count: int, parts: tuple[float, float, float]) -> dict[str, tuple[int, int]]:
    """Where each split of ``count`` symbols starts and stops; they follow each other and cover all."""
    train = int(count * parts[0])
    val = count if parts[2] == 0 else int(count * (parts[0] + parts[1]))
    return {"train": (0, train), "val": (train, val), "test": (val, count)}


def refuse_nothing(files: list[Path], lengths: list[int]) -> None:
    """RequestError where all files together have not one symbol."""
    if sum(lengths) == 0:
        raise RequestError(f"{files[0]}: the file is empty; name one that has text")


def shuffled(ids: np.ndarray, borders: dict[str, tuple[int, int]], seed: int) -> list[np.ndarray]:
    """The ids of each split in a random order of their own, so that each still holds the same ones."""
    return [
        np.random.default_rng([seed, number]).permutation(ids[start:stop])
        for number, (start, stop) in enumerate(borders.values())
    ]


def write_ids(path: Path, blocks: Iterable[np.ndarray], count: int, digest: hashlib._Hash) -> None:
    """Write blocks of ids as one ``.npy`` array of ``count`` items, and feed them to ``digest``.

    Written in order and not through a map: a full disk is then an error and not a signal.
    """
    written = 0
    with path.open("wb") as file:
        for block in blocks:
            dtype = block.dtype.newbyteorder("<")
            if written == 0:
                header = {"descr": dtype.str, "fortran_order": False, "shape": (count,)}
                np.lib.format.write_array_header_1_0(file, header)
            data = block.astype(dtype).tobytes()
            file.write(data)
            digest.update(data)
            written += len(block)
    if written != count:
        raise WorkError(f"{path}: a source file was changed while it was being read; ask again")
