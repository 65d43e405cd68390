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

from rnnlab.data import prepared
from rnnlab.data.base import SPLITS, Dataset, DataSpec, Stream
from rnnlab.data.symbols import Unit, ids_of, vocabulary
from rnnlab.errors import RequestError, WorkError

RECIPE = 1  # raise it when the same files shall give other arrays


class TextStream(Dataset):
    """A text as one stream of characters or bytes, split by position.

    The vocabulary is the sorted characters of the whole text, as char-rnn has it, or all 256 bytes.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Dataset.Config):
        """unit: what one symbol is, a Unicode character (the text must be UTF-8) or a byte."""

        unit: Unit = Unit.character

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
        key = prepared.stamp(files, RECIPE, self.config.unit.value, self.parts)
        folder = self.folder() / key
        spec = prepared.prepare_once(folder, lambda empty: self.build(empty, files))
        self.ids, self.documents = (prepared.load(folder, array) for array in ("ids", "documents"))
        return spec

    def build(self, folder: Path, files: list[Path]) -> DataSpec:
        """Write ``ids.npy`` and ``documents.npy`` into ``folder`` and describe them."""
        symbols, lengths = vocabulary(files, self.config.unit)
        count = sum(lengths)
        if count == 0:
            raise RequestError(f"{files[0]}: the file is empty; name one that has text")
        starts = np.cumsum([0, *lengths[:-1]])
        documents = starts[np.array(lengths) > 0].astype(np.int64)
        np.save(folder / "documents.npy", documents)
        sizes = {name: stop - start for name, (start, stop) in bounds(count, self.parts).items()}
        digest = hashlib.sha256(json.dumps([self.config.unit.value, symbols, sizes]).encode())
        digest.update(documents.astype("<i8").tobytes())
        write_ids(folder / "ids.npy", ids_of(files, self.config.unit, symbols), count, digest)
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
