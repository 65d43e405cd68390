"""Separate items with a class each, as files have them: read once, split, and kept as arrays.

Shapes: N items, T steps of the longest item, D features.

A subclass reads its files (``raw_parts``); what stands here is what all share: the cache, the description, and
how items of different lengths become one array.
"""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnlab.data import prepared
from rnnlab.data.base import Dataset
from rnnlab.data.contents import Sequences
from rnnlab.data.spec import SPLITS, DataSpec

ARRAYS = ("inputs", "labels", "lengths")
SEED = 0
"""Of the order of items in each split. Files are sorted by class; mixed, any stretch of a split is like the others."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a set holds before it is kept.

    parts    for each split its inputs (N, T) symbols or (N, T, D) vectors, labels (N,) and lengths (N,)
    labels   names of the classes
    symbols  the vocabulary; () for vectors
    """

    parts: dict[str, Sequences]
    labels: tuple[str, ...]
    symbols: tuple[str, ...] = ()


class Items(Dataset):
    """Labelled sequences of different lengths, whose batches end with their longest row."""

    folder_of_arrays: Path

    @abstractmethod
    def stamp(self) -> str:
        """A key of 16 hex digits for what ``contents`` will give. Raises RequestError where it cannot be had."""

    @abstractmethod
    def contents(self) -> Contents:
        """All three splits, read from the files. Raises RequestError where they are not what they should be."""

    def prepare(self) -> DataSpec:
        """See ``Dataset.prepare``."""
        self.folder_of_arrays = self.folder() / self.stamp()
        return prepared.prepare_once(self.folder_of_arrays, self.build)

    def build(self, folder: Path) -> DataSpec:
        """Write three arrays for each split, and describe them."""
        contents = self.contents()
        digest = hashlib.sha256(repr((contents.symbols, contents.labels)).encode())
        for split in SPLITS:
            part = contents.parts[split]
            mixed = np.random.default_rng(SEED).permutation(len(part.labels))
            for name in ARRAYS:
                array = np.ascontiguousarray(getattr(part, name)[mixed])
                np.save(folder / f"{split}_{name}.npy", array)
                digest.update(f"{split} {name} {array.dtype.str}{array.shape}".encode())
                digest.update(array.data)
        train, classes = contents.parts["train"].inputs, contents.parts["train"].labels
        return DataSpec(
            shape="sequences",
            symbols=contents.symbols,
            input_size=0 if contents.symbols else train.shape[2],
            classes=len(contents.labels),
            sizes={split: len(contents.parts[split].labels) for split in SPLITS},
            max_length=train.shape[1],
            unit="character" if contents.symbols else "",
            fingerprint=digest.hexdigest(),
            labels=contents.labels,
            label_counts=tuple(np.bincount(classes, minlength=len(contents.labels)).tolist()),
        )

    def split(self, name: str) -> Sequences:
        """One split, mapped from the disk."""
        assert name in SPLITS, name
        arrays = {array: prepared.load(self.folder_of_arrays, f"{name}_{array}") for array in ARRAYS}
        return Sequences(**arrays, shortened=True)


def padded_vectors(items: Sequence[np.ndarray], steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Items (T_n, D) of different lengths as float32 (N, steps, D), zeros behind their ends; and lengths int64 (N,)."""
    inputs = np.zeros((len(items), steps, items[0].shape[1]), dtype=np.float32)
    for row, item in zip(inputs, items, strict=True):
        row[: len(item)] = item
    return inputs, np.array([len(item) for item in items], dtype=np.int64)


def standardised(parts: dict[str, Sequences]) -> dict[str, Sequences]:
    """Each feature less its mean over the valid steps of train, in units of its deviation there; padding stays 0."""
    train = parts["train"]
    assert train.lengths is not None, "rows of one length have lengths too"
    known_ND = train.inputs[valid_steps(train)].astype(np.float64)
    mean_D, deviation_D = known_ND.mean(axis=0), known_ND.std(axis=0)
    scale_D = np.where(deviation_D > 0, deviation_D, 1)
    found = {}
    for name, part in parts.items():
        inputs = ((part.inputs - mean_D) / scale_D).astype(np.float32)
        inputs[~valid_steps(part)] = 0
        found[name] = Sequences(inputs, part.labels, part.lengths)
    return found


def valid_steps(part: Sequences) -> np.ndarray:
    """bool (N, T): False at padding."""
    assert part.lengths is not None
    found: np.ndarray = np.arange(part.inputs.shape[1]) < part.lengths[:, None]
    return found
